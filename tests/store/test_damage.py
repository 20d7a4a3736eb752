"""However the file is damaged, the tasks of its backup are loaded."""

import json
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.store.task_store import TaskStore
from tests.store.store_samples import plain_task, spoil

BEFORE = {i: plain_task(i, state) for i, state in enumerate(TaskState, 1)}
SENDING = TaskState.SUBMITTING
"""Both generations have it."""
AFTER = {i: it if it.state is SENDING else replace(it, percent=50.0) for i, it in BEFORE.items()}
AFTER[11] = plain_task(11)

positions = st.floats(0, 1, exclude_max=True)


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return two generations as their files' names and bytes."""
    folder = tmp_path_factory.mktemp("intact")
    store = TaskStore(folder)
    for tasks in (BEFORE, AFTER):
        store.put(tasks.values())
        store.save_now()
    store.close()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def opened(files: dict[str, bytes], main: bytes) -> dict[int, Task]:
    """Return the tasks of a store of `files`, whose main one has become `main`, kept if damaged."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        spoil(folder / "tasks.json", main)
        store = TaskStore(folder)
        tasks = dict(store.tasks)
        if store.notice is not None:
            [kept] = store.notice.message.split(", ")
            assert (folder / kept).read_bytes() == main
        store.close()
        assert dict(TaskStore(folder).tasks) == tasks
        return tasks


@given(positions)
def test_the_backup_replaces_a_file_cut_anywhere(intact: dict[str, bytes], where: float) -> None:
    main = intact["tasks.json"]
    assert opened(intact, main[: math.floor(where * len(main))]) == BEFORE


@given(positions, st.integers(1, 255))
def test_a_flipped_byte_changes_no_task(intact: dict[str, bytes], where: float, mask: int) -> None:
    main = bytearray(intact["tasks.json"])
    main[math.floor(where * len(main))] ^= mask
    # A flip inside the checksum itself leaves the tasks as they are.
    assert opened(intact, bytes(main)) in (BEFORE, AFTER)


EDITORS: dict[str, Callable[[Any], str]] = {
    "compact": lambda tables: json.dumps(tables, separators=(",", ":"), ensure_ascii=False),
    "compact with a line end": lambda tables: json.dumps(tables, separators=(",", ":")) + "\n",
    "spaced": json.dumps,
    "indented": lambda tables: json.dumps(tables, indent=2, sort_keys=True) + "\n",
}


@pytest.mark.parametrize("how", EDITORS)
def test_a_file_edited_by_hand_is_read(tmp_path: Path, intact: dict[str, bytes], how: str) -> None:
    for name, content in intact.items():
        (tmp_path / name).write_bytes(content)
    tables = json.loads(intact["tasks.json"])
    tables["tasks"]["11"]["url"] = tables["tasks"]["11"]["url"].replace("https", "httpx")
    (tmp_path / "tasks.json").write_text(EDITORS[how](tables))
    later = time.time() + 60
    os.utime(tmp_path / "tasks.json", (later, later))
    for _ in range(2):
        store = TaskStore(tmp_path)
        assert store.notice is None
        assert store.tasks[11].url.startswith("httpx")
        store.put([plain_task(12)])
        store.close()


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[: len(content) // 2],
    "zeroed": lambda content: bytes(len(content)),
    "emptied": lambda _content: b"",
    "one bit": lambda content: bytes([content[0] ^ 1]) + content[1:],
}


@pytest.mark.parametrize("how", [*SPOILT, "deleted"])
def test_a_link_that_was_being_sent_is_not_queued_again_by_a_damaged_file(
    tmp_path: Path, how: str
) -> None:
    store = TaskStore(tmp_path)
    for state in (TaskState.QUEUED, SENDING):
        store.put([plain_task(1, state), plain_task(2, TaskState.QUEUED)])
        store.save_now()
    path = tmp_path / "tasks.json"
    if how == "deleted":
        path.unlink()
    else:
        spoil(path, SPOILT[how](path.read_bytes()))
    states = {task.id: task.state for task in TaskStore(tmp_path).tasks.values()}
    assert states == {1: SENDING, 2: TaskState.QUEUED}


def test_an_id_given_after_a_damage_is_not_given_again_after_the_next(tmp_path: Path) -> None:
    given: list[int] = []
    for _ in range(3):
        store = TaskStore(tmp_path)
        given += (first := store.new_ids(1))
        store.put(map(plain_task, first))
        store.close()
        (tmp_path / "tasks.json").write_bytes(b"")
    assert len(set(given)) == 3


@pytest.mark.parametrize("name", ["tasks.json", "archive.json", "tasks.json.tmp"])
def test_a_pipe_in_the_place_of_a_file_is_renamed_and_nothing_waits_for_its_other_end(
    tmp_path: Path, name: str
) -> None:
    store = TaskStore(tmp_path)
    for _ in range(2):
        store.put(plain_task(i) for i in store.new_ids(1))
        store.save_now()
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    store.put([plain_task(7)])
    with suppress(StoreUnwritable):
        store.save_now()
    again = TaskStore(tmp_path)
    assert 1 in again.tasks
    again.close()
    again.put([plain_task(8)])
    again.close()
    assert {1, 8} <= TaskStore(tmp_path).tasks.keys()


def test_an_intent_that_the_disk_refused_at_first_is_in_both_generations_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TaskStore(tmp_path)
    store.put([plain_task(1, TaskState.QUEUED)])
    store.save_now()
    store.put([plain_task(1, SENDING)])
    with monkeypatch.context() as refusing:
        refusing.setattr("pan123_tui.store.atomic_storage.write_synced", _refuse)
        with pytest.raises(StoreUnwritable):
            store.save_now()
    store.close()
    (tmp_path / "tasks.json").unlink()
    assert TaskStore(tmp_path).tasks[1].state is SENDING


def _refuse(*_args: object) -> None:
    raise OSError(28, "No space left on device")
