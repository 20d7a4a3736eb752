"""Ended tasks move to the archive, and no moment of the move loses or revives a task."""

import errno
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
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
    store.save({task.id: task for task in (*ENDED, *MOVING)})
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
    store.save({})
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


def test_both_generations_of_the_archive_hold_what_left_the_first_file(folder: Path) -> None:
    store = filled(folder)
    store.move_ended()
    store.save({})
    (folder / "archive.json").write_bytes(b"nonsense")
    again = TaskFiles(folder)
    assert again.load() == {task.id: task for task in (*ENDED, *MOVING)}
    assert re.fullmatch(f"archive.json.{DAMAGED}", "".join(again.damaged))
    assert again.is_archive_due
    again.save({})
    again.move_ended()
    assert stored(folder / "archive.json") == {1, 2, 3, 4}


def test_many_removed_tasks_shrink_the_archive(folder: Path) -> None:
    store = filled(folder)
    store.move_ended()
    store.save(dict.fromkeys(range(1, 5)))
    due = [store.is_archive_due]
    store.move_ended()
    due.append(store.is_archive_due)
    assert due == [True, False]
    assert stored(folder / "archive.json") == set()
    assert loaded(folder).keys() == {5, 6, 7}


def test_no_id_is_used_again_where_only_the_archive_is_left(folder: Path) -> None:
    store = TaskFiles(folder)
    store.load()
    store.next_id = 80
    store.save({task.id: task for task in ENDED})
    store.move_ended()
    (folder / "tasks.json").unlink()
    again = TaskFiles(folder)
    again.load()
    assert again.next_id == 80


@pytest.mark.parametrize(
    ("name", "known", "is_due"), [("archive", {5, 6, 7}, False), ("tasks", {1, 2, 3, 4}, True)]
)
def test_only_an_archive_that_could_be_read_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, known: set[int], is_due: bool
) -> None:
    store = filled(folder)
    store.move_ended()
    store.save({})
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
    again.save({i: plain_task(i, TaskState.FAILED) for i in range(10, 30)})
    assert again.is_archive_due is is_due
    assert loaded(folder).keys() == {*known, 1, 2, 3, 4, *range(10, 30)}


def test_invalid_documents_of_the_archive_are_reported_once(folder: Path) -> None:
    store = filled(folder)
    store.move_ended()
    store.save({})
    with TinyDB(folder / "archive.json") as stock:
        stock.table("tasks").update({"url": 7}, doc_ids=[3, 4])
    again = TaskFiles(folder)
    assert again.load().keys() == {1, 2, 5, 6, 7}
    assert again.damaged == ("archive.json (quarantine): 3, 4",)
    again.save({})
    third = TaskFiles(folder)
    third.load()
    assert not third.damaged


IDS = st.integers(1, 4)
SAVED = st.dictionaries(IDS, st.tuples(st.sampled_from(TaskState), st.floats(0, 100)), max_size=4)
REMOVED = st.sets(IDS, max_size=2)


class Moves(RuleBasedStateMachine):
    """Any history of changes, moves and restarts loads the tasks that were saved last."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.expected: dict[int, Task] = {}
        self.files = TaskFiles(self.folder)
        self.files.load()

    @rule(saved=SAVED, removed=REMOVED)
    def save(self, saved: dict[int, tuple[TaskState, float]], removed: set[int]) -> None:
        new = {i: plain_task(i, state, percent=at) for i, (state, at) in saved.items()}
        self.files.save(new | dict.fromkeys(removed))
        self.expected |= new
        for task_id in removed:
            self.expected.pop(task_id, None)

    @rule(saved=SAVED, removed=REMOVED, fails_at=st.sampled_from([0, 1, 2]))
    def move(
        self, saved: dict[int, tuple[TaskState, float]], removed: set[int], fails_at: int
    ) -> None:
        """Move while tasks change, on a disk that may refuse the first write or the second."""
        write, turns = AtomicStorage.write, count(1)

        def change_meanwhile(storage: AtomicStorage, data: Any) -> None:
            if storage.path.name != "archive.json":
                write(storage, data)
                return
            if (turn := next(turns)) == fails_at:
                raise StoreUnwritable("No space left on device")
            write(storage, data)
            if turn == 1:
                self.save(saved, removed)

        with patch.object(AtomicStorage, "write", change_meanwhile), suppress(StoreUnwritable):
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
    run_state_machine_as_test(Moves, settings=settings(stateful_step_count=20))
