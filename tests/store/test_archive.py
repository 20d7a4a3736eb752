"""Ended tasks move to the archive, and no moment of the move loses or revives a task."""

import errno
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec import to_builtins
from tinydb import TinyDB

from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.store import atomic_storage, task_files
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.private_files import read_regular
from tests.store.store_samples import DAMAGED, plain_task

ENDED = [plain_task(i, TaskState.SUCCEEDED) for i in range(1, 5)]
MOVING = [plain_task(i) for i in range(5, 8)]


@pytest.fixture(autouse=True)
def small_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_files, "ARCHIVE_AT", 4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def filled(folder: Path) -> TaskFiles:
    store = TaskFiles(folder)
    store.load()
    store.save({task.id: task for task in (*ENDED, *MOVING)}, next_id=8)
    return store


def loaded(folder: Path) -> Mapping[int, Task]:
    return TaskFiles(folder).load(read_only=True)


def stored(path: Path) -> set[int]:
    with TinyDB(path) as stock:
        return {document.doc_id for document in stock.table("tasks")}


@pytest.mark.parametrize("is_restarted", [False, True])
def test_ended_tasks_move_together_and_the_rest_stays(folder: Path, *, is_restarted: bool) -> None:
    store = filled(folder)
    if is_restarted:
        store = TaskFiles(folder)
        store.load()
    due = [store.is_archive_due]
    store.move_ended()
    assert [*due, store.is_archive_due] == [True, False]
    store.save({}, next_id=8)
    assert stored(folder / "archive.json") == {1, 2, 3, 4}
    assert stored(folder / "tasks.json") == {5, 6, 7}
    assert loaded(folder) == {task.id: task for task in (*ENDED, *MOVING)}


async def test_a_store_that_is_closed_after_a_move_has_each_task_in_one_file(folder: Path) -> None:
    store = TaskStore(folder)
    store.put((*ENDED, *MOVING))
    await store.save()
    store.close()
    assert stored(folder / "archive.json") == {1, 2, 3, 4}
    assert stored(folder / "tasks.json") == {5, 6, 7}


def test_what_was_retried_or_removed_before_a_move_does_not_move(folder: Path) -> None:
    store = filled(folder)
    store.save({1: plain_task(1, TaskState.QUEUED), 2: None}, next_id=8)
    store.move_ended()
    store.save({}, next_id=8)
    assert stored(folder / "archive.json") == {3, 4}
    assert stored(folder / "tasks.json") == {1, 5, 6, 7}


def test_both_generations_of_the_archive_hold_what_left_the_first_file(folder: Path) -> None:
    store = filled(folder)
    store.move_ended()
    store.save({}, next_id=8)
    (folder / "archive.json").write_bytes(b"nonsense")
    again = TaskFiles(folder)
    assert again.load() == {task.id: task for task in (*ENDED, *MOVING)}
    assert re.fullmatch(f"archive.json.{DAMAGED}", "".join(again.damaged))
    assert again.is_archive_due
    again.save({}, next_id=8)
    again.move_ended()
    assert stored(folder / "archive.json") == {1, 2, 3, 4}


def test_many_removed_tasks_shrink_the_archive(folder: Path) -> None:
    store = filled(folder)
    store.move_ended()
    store.save(dict.fromkeys(range(1, 5)), next_id=8)
    due = [store.is_archive_due]
    store.move_ended()
    due.append(store.is_archive_due)
    assert due == [True, False]
    assert stored(folder / "archive.json") == set()
    assert loaded(folder).keys() == {5, 6, 7}


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ([], None),
        ([], plain_task(1, TaskState.QUEUED)),
        (["move"], None),
        (["move", None, ENDED[0]], None),
    ],
    ids=["removed", "queued", "archived and removed", "restored and removed"],
)
def test_a_change_during_a_move_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, before: list[Task | str | None], change: Any
) -> None:
    store, write = filled(folder), AtomicStorage.write
    for step in before:
        if isinstance(step, str):
            store.move_ended()
        else:
            store.save({1: step}, next_id=8)

    def change_meanwhile(self: AtomicStorage, data: Any) -> None:
        write(self, data)
        if self.path.name == "archive.json":
            store.save({1: change}, next_id=8)

    monkeypatch.setattr(AtomicStorage, "write", change_meanwhile)
    store.move_ended()
    store.save({7: plain_task(7, percent=1.0)}, next_id=8)
    assert loaded(folder).get(1) == change
    assert loaded(folder).keys() - {1} == {2, 3, 4, 5, 6, 7}


def test_no_id_is_used_again_where_only_the_archive_is_left(folder: Path) -> None:
    store = TaskFiles(folder)
    store.load()
    store.save({task.id: task for task in ENDED}, next_id=80)
    store.move_ended()
    (folder / "tasks.json").unlink()
    again = TaskFiles(folder)
    again.load()
    assert again.next_id == 80


def test_a_task_removed_after_a_move_that_failed_half_way_does_not_come_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(folder)
    write = AtomicStorage.write
    written: list[str] = []

    def fill_up(self: AtomicStorage, data: Any) -> None:
        if written:
            raise StoreUnwritable("No space left on device")
        write(self, data)
        written.append(self.path.name)

    with monkeypatch.context() as patch:
        patch.setattr(AtomicStorage, "write", fill_up)
        with pytest.raises(StoreUnwritable):
            store.move_ended()
    assert written == ["archive.json"]
    store.save({2: None}, next_id=8)
    assert loaded(folder).keys() == {1, 3, 4, 5, 6, 7}


def test_an_archive_that_cannot_be_written_loses_nothing_and_is_not_tried_each_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        with pytest.raises(StoreUnwritable):
            store.move_ended()
    assert not store.is_archive_due
    store.save({}, next_id=8)
    assert loaded(folder) == {task.id: task for task in (*ENDED, *MOVING)}
    store.move_ended()
    store.save({}, next_id=8)
    assert loaded(folder) == {task.id: task for task in (*ENDED, *MOVING)}


def no_space(*args: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_files_without_meta_give_no_id_again(folder: Path) -> None:
    for name, task in (("tasks.json", MOVING[0]), ("archive.json", ENDED[0])):
        AtomicStorage(folder / name).write({"tasks": {str(task.id): to_builtins(task)}})
    store = TaskFiles(folder)
    store.load()
    assert store.next_id == 6


@pytest.mark.parametrize(
    ("name", "known", "is_due"), [("archive", {5, 6, 7}, False), ("tasks", {1, 2, 3, 4}, True)]
)
def test_only_an_archive_that_could_be_read_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, known: set[int], is_due: bool
) -> None:
    store = filled(folder)
    store.move_ended()
    store.save({}, next_id=8)
    read = read_regular

    def refuse(path: Path) -> bytes:
        if path.name.startswith(name):
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(atomic_storage, "read_regular", refuse)
        again = TaskFiles(folder)
        assert again.load().keys() == known
    assert again.problem is not None
    again.save({i: plain_task(i, TaskState.FAILED) for i in range(10, 30)}, next_id=30)
    assert again.is_archive_due is is_due
    assert loaded(folder).keys() == {*known, 1, 2, 3, 4, *range(10, 30)}


def test_invalid_documents_of_the_archive_are_reported_once(folder: Path) -> None:
    store = filled(folder)
    store.move_ended()
    store.save({}, next_id=8)
    with TinyDB(folder / "archive.json") as stock:
        stock.table("tasks").update({"url": 7}, doc_ids=[3, 4])
    again = TaskFiles(folder)
    assert again.load().keys() == {1, 2, 5, 6, 7}
    assert again.damaged == ("archive.json (quarantine): 3, 4",)
    again.save({}, next_id=8)
    third = TaskFiles(folder)
    third.load()
    assert not third.damaged


class Killed(BaseException):
    """Simulates the end of the process."""


def kill_at(step: int, patch: pytest.MonkeyPatch) -> None:
    """Raise `Killed` instead of the system call number `step`, and of each after it."""
    steps = count(1)

    def counted(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if next(steps) >= step:
            raise Killed
        return real(*args, **kwargs)

    for name in ("write", "fsync", "link", "replace", "unlink", "rename"):
        patch.setattr(os, name, partial(counted, getattr(os, name)))


def test_killed_at_any_system_call_of_the_move_every_task_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {task.id: task for task in (*ENDED, *MOVING[:-1])}
    for step in range(1, 100):
        folder = tmp_path / str(step)
        folder.mkdir()
        store = filled(folder)
        store.save({}, next_id=8)  # from now on there is a backup
        with monkeypatch.context() as patch, suppress(Killed):
            kill_at(step, patch)
            store.move_ended()
            store.save({7: None}, next_id=8)
            break
        found = TaskFiles(folder)
        assert found.load(read_only=True).items() >= kept.items()
        assert not found.damaged
    assert loaded(folder) == kept
    assert 15 < step < 99


class Moves(RuleBasedStateMachine):
    """Any history of changes, moves and restarts loads the tasks that were saved last."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.expected: dict[int, Task] = {}
        self.files = TaskFiles(self.folder)
        self.files.load()

    @rule(
        saved=st.dictionaries(
            st.integers(1, 9), st.tuples(st.sampled_from(TaskState), st.floats(0, 100)), max_size=4
        ),
        removed=st.sets(st.integers(1, 9), max_size=2),
    )
    def save(self, saved: dict[int, tuple[TaskState, float]], removed: set[int]) -> None:
        new = {i: plain_task(i, state, percent=at) for i, (state, at) in saved.items()}
        self.files.save(new | dict.fromkeys(removed), next_id=10)
        self.expected |= new
        for task_id in removed:
            self.expected.pop(task_id, None)

    @rule()
    def move(self) -> None:
        self.files.move_ended()

    @rule()
    def restart(self) -> None:
        self.files = TaskFiles(self.folder)
        assert self.files.load() == self.expected

    @invariant()
    def the_disk_is_right(self) -> None:
        assert loaded(self.folder) == self.expected

    def teardown(self) -> None:
        self.temporary.cleanup()


def test_any_history_of_saves_moves_and_restarts_is_read_back() -> None:
    run_state_machine_as_test(Moves, settings=settings(stateful_step_count=12))
