"""Tasks in memory are saved to disk and loaded again, whatever the disk does."""

import asyncio
import errno
import json
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec.structs import replace
from tinydb import TinyDB

from pan123_tui.domain.errors import (
    Problem,
    ProblemKind,
    StoreLost,
    StoreUnwritable,
    StoreVersionTooNew,
)
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.store import atomic_storage, task_files
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import LOCK_NAME, FolderLock
from pan123_tui.system.private_files import make_private_folder
from tests.store.store_samples import DAMAGED, plain_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that collects the names of written files."""
    names: list[str] = []
    write = AtomicStorage.write

    def noted(self: AtomicStorage, data: Any) -> None:
        names.append(self.path.name)
        write(self, data)

    monkeypatch.setattr(AtomicStorage, "write", noted)
    return names


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Yield a list; while its item is true, every write fails."""
    full = [False]
    write = os.write

    def refuse(file: int, data: Any) -> int:
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(os, "write", refuse)
    yield full
    full[0] = False


def saved(folder: Path, *tasks: Task) -> None:
    """Save `tasks` to `folder` as a program that ended normally."""
    store = TaskStore(folder)
    store.new_ids(len(tasks))
    store.put(tasks)
    store.close()


def test_what_a_kill_left_is_synced_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(folder, plain_task(1))
    synced: list[Path] = []
    monkeypatch.setattr(task_files, "sync_folder", synced.append)
    TaskFiles(folder).load(read_only=True)
    assert synced == []
    assert TaskStore(folder).tasks.keys() == {1}
    assert synced == [folder]


def test_no_id_is_given_twice_not_even_those_of_removed_tasks(folder: Path) -> None:
    store = TaskStore(folder)
    assert [store.new_ids(3), store.new_ids(2)] == [range(1, 4), range(4, 6)]
    store.put(plain_task(i) for i in (1, 2, 3, 9))
    assert store.new_ids(1) == range(10, 11)
    store.remove([1, 2, 3, 9])
    store.close()
    again = TaskStore(folder)
    assert again.tasks == {}
    assert again.new_ids(2) == range(11, 13)


def test_a_task_that_is_named_twice_is_removed_once(folder: Path) -> None:
    store = TaskStore(folder)
    store.put([plain_task(1), plain_task(2)])
    assert [task.id for task in store.remove([1, 2, 1])] == [1, 2]


async def test_an_equal_task_is_no_change_but_checked(folder: Path, writes: list[str]) -> None:
    saved(folder, plain_task(1))
    store = TaskStore(folder)
    writes.clear()
    store.put([replace(plain_task(1), checked_at=99.0)])
    assert store.tasks[1].checked_at == 99.0
    assert not store.is_dirty
    await store.save()
    assert writes == []


async def test_concurrent_saves_share_one_write(folder: Path, writes: list[str]) -> None:
    store = TaskStore(folder)

    async def add(task_id: int) -> None:
        store.put([plain_task(task_id)])
        await store.save()

    await store.save()
    assert writes == [], "nothing has changed"
    await asyncio.gather(*(add(i) for i in range(1, 51)))
    await store.save()
    store.save_now()
    assert writes == ["tasks.json"]
    assert len(TaskStore(folder).tasks) == 50


async def test_a_cancelled_save_does_not_stop_the_write(folder: Path) -> None:
    store = TaskStore(folder)
    store.put([plain_task(1)])
    saver = asyncio.create_task(store.save())
    await asyncio.sleep(0)
    saver.cancel()
    await asyncio.gather(saver, return_exceptions=True)
    await store.save()
    assert TaskStore(folder).tasks == {1: plain_task(1)}


def test_another_thread_saves_while_the_first_goes_on_putting(folder: Path) -> None:
    store = TaskStore(folder)
    stop = threading.Event()

    def keep_saving() -> None:
        while not stop.is_set():
            store.save_now()

    watchdog = threading.Thread(target=keep_saving)
    watchdog.start()
    for i in range(1, 3001):
        store.put([plain_task(i)])
        if i % 3 == 0:
            store.remove([i])
    stop.set()
    watchdog.join()
    store.close()
    assert TaskStore(folder).tasks.keys() == {i for i in range(1, 3001) if i % 3}


def test_a_folder_that_is_moved_keeps_the_tasks_in_memory_until_it_is_back(
    folder: Path, tmp_path: Path
) -> None:
    with FolderLock(folder) as lock:
        store = TaskStore(folder, lock=lock)
        folder.rename(tmp_path / "elsewhere")
        store.put([plain_task(1)])
        with pytest.raises(StoreLost, match=LOCK_NAME):
            store.save_now()
        problem = store.problem
        assert problem is not None
        assert problem.kind is ProblemKind.STORE_LOST
        assert not folder.exists()
        (tmp_path / "elsewhere").rename(folder)
        store.save_now()
        assert store.problem is None
    assert TaskStore(folder).tasks.keys() == {1}


def test_a_folder_that_is_moved_just_before_a_write_is_not_filled_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move_first(path: Path) -> None:
        path.rename(tmp_path / "elsewhere")
        make_private_folder(path)

    with FolderLock(folder) as lock:
        store = TaskStore(folder, lock=lock)
        store.put([plain_task(1)])
        monkeypatch.setattr("pan123_tui.store.task_files.make_private_folder", move_first)
        with pytest.raises(StoreLost, match=LOCK_NAME):
            store.save_now()
    assert list(folder.iterdir()) == []


async def test_nothing_is_archived_without_the_lock(folder: Path, writes: list[str]) -> None:
    with FolderLock(folder) as lock:
        store = TaskStore(folder, lock=lock)
        (folder / LOCK_NAME).unlink()
        store._move_ended()
    assert not writes


async def test_a_full_disk_fails_concurrent_saves_once_and_keeps_the_tasks_in_memory(
    folder: Path, full_disk: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, plain_task(1))
    store = TaskStore(folder)
    write = Mock(wraps=store.save_now)
    monkeypatch.setattr(store, "save_now", write)
    store.put([plain_task(2)])
    full_disk[0] = True
    assert await asyncio.gather(*(store.save() for _ in range(30))) == [False] * 30
    assert write.call_count == 1, "a disk that refuses slowly would hold everything up"
    assert not await store.save()
    assert write.call_count == 2
    words = f"{folder / 'tasks.json'}: {os.strerror(errno.ENOSPC)}"
    assert store.problem == Problem(ProblemKind.STORE_UNWRITABLE, words)
    assert store.is_dirty
    assert store.tasks.keys() == {1, 2}
    assert TaskStore(folder).tasks.keys() == {1}
    full_disk[0] = False
    assert await asyncio.gather(*(store.save() for _ in range(3))) == [True] * 3
    assert not store.problem
    assert TaskStore(folder).tasks.keys() == {1, 2}
    full_disk[0] = True
    store.put([plain_task(3)])
    with pytest.raises(StoreUnwritable):
        store.close()


@pytest.mark.parametrize(
    ("main", "backup", "known", "notice"),
    [
        (b"nonsense", None, {1}, f"tasks.json.{DAMAGED}"),
        (b"", None, {1}, "tasks.json.bak"),
        (b"one", b"two", set[int](), f"tasks.json.{DAMAGED}, tasks.json.bak.{DAMAGED}"),
    ],
    ids=["damaged", "missing", "both damaged"],
)
def test_the_backup_is_used_and_what_is_damaged_is_kept_and_named(
    folder: Path, main: bytes, backup: bytes | None, known: set[int], notice: str
) -> None:
    saved(folder, plain_task(1))
    saved(folder, plain_task(2))
    (folder / "tasks.json").write_bytes(main)
    if not main:
        (folder / "tasks.json").unlink()
    if backup is not None:
        (folder / "tasks.json.bak").write_bytes(backup)
    names = set(folder.iterdir())
    assert TaskFiles(folder).load(read_only=True).keys() == known
    assert set(folder.iterdir()) == names
    store = TaskStore(folder)
    assert store.tasks.keys() == known
    assert store.notice is not None
    assert store.notice.kind is ProblemKind.STORE_DAMAGED
    assert re.fullmatch(notice, store.notice.message)
    if main:
        kept = [(folder / name).read_bytes() for name in store.notice.message.split(", ")]
        assert kept == [content for content in (main, backup) if content is not None]
    store.close()
    again = TaskStore(folder)
    assert again.tasks.keys() == known
    assert again.notice is None


def test_an_invalid_document_is_reported_and_kept_and_affects_no_other(folder: Path) -> None:
    saved(folder, plain_task(1), plain_task(2))
    with TinyDB(folder / "tasks.json") as stock:
        stock.table("tasks").update({"percent": "half"}, doc_ids=[2])
    store = TaskStore(folder)
    assert store.tasks.keys() == {1}
    assert store.notice == Problem(ProblemKind.STORE_DAMAGED, "tasks.json (quarantine): 2")
    store.put([plain_task(3)])
    store.close()
    with TinyDB(folder / "tasks.json") as stock:
        [kept] = stock.table("quarantine").all()
    assert kept.doc_id == 1
    assert kept["document"]["percent"] == "half"
    again = TaskStore(folder)
    assert again.notice is None
    again.put([plain_task(4)])
    again.close()
    assert "half" in (folder / "tasks.json").read_text()


@pytest.mark.parametrize(
    ("newer", "damaged"),
    [
        ("tasks.json", "tasks.json.bak"),
        ("archive.json", "tasks.json.bak"),
        ("tasks.json.bak", "tasks.json"),
    ],
)
def test_a_newer_store_is_refused_and_unchanged(folder: Path, newer: str, damaged: str) -> None:
    saved(folder, plain_task(1))
    tables = {"tasks": {}, "meta": {"1": {"schema_version": 99}}}
    (folder / newer).write_text(json.dumps(tables))
    (folder / damaged).write_text("damaged")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(StoreVersionTooNew):
        TaskStore(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_read_leaves_the_store_working_in_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "file" / "data"
    blocked.parent.write_text("no folder")
    store = TaskStore(blocked)
    words = f"{blocked / 'archive.json'}: {os.strerror(errno.ENOTDIR)}"
    assert store.problem == Problem(ProblemKind.STORE_UNWRITABLE, words)
    store.put([plain_task(i) for i in store.new_ids(2)])
    with pytest.raises(StoreUnwritable) as refusal:
        store.save_now()
    assert str(refusal.value) == f"{blocked}: {os.strerror(errno.EEXIST)}"
    assert len(store.tasks) == 2
    blocked.parent.unlink()
    store.save_now()
    assert not store.problem
    assert len(TaskStore(blocked).tasks) == 2


def test_a_file_that_could_not_be_read_is_kept_when_saving_works_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, plain_task(1), plain_task(2))
    before = (folder / "tasks.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(atomic_storage, "read_regular", refused)
        store = TaskStore(folder)
    words = f"{folder / 'archive.json'}: Permission denied"
    assert store.problem == Problem(ProblemKind.STORE_UNWRITABLE, words)
    store.put([plain_task(7)])
    store.close()
    assert store.notice is not None
    assert (folder / store.notice.message).read_bytes() == before
    assert TaskStore(folder).tasks.keys() == {7}


def test_a_damaged_file_that_could_not_be_renamed_at_first_never_becomes_the_backup(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, plain_task(1))
    saved(folder, plain_task(2))
    damaged = b'{"meta":{"1":{"next_id":"x"}}}'
    (folder / "tasks.json").write_bytes(damaged)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        store = TaskStore(folder)
    store.put([plain_task(7)])
    store.close()
    assert (folder / "tasks.json.bak").read_bytes() != damaged


def refused(path: Path, *_arguments: object) -> bytes:
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize("next_id", [2**53, 2**63])
def test_whatever_next_number_was_noted_a_link_is_found(folder: Path, next_id: int) -> None:
    folder.mkdir()
    files = TaskFiles(folder)
    files.next_id = next_id
    files.save({1: plain_task(1)})
    store = TaskStore(folder)
    assert store.new_ids(1) == range(2, 3)
    assert store.tasks.keys() == {1}
    assert store.notice is None


async def test_a_thousand_ends_rewrite_the_archive_twice(folder: Path, writes: list[str]) -> None:
    store = TaskStore(folder)
    for i in range(1, 1001):
        store.put([plain_task(i, TaskState.SUCCEEDED)])
        if i % 20 == 0:
            await store.save()
    store.close()
    assert writes.count("tasks.json") == 50
    assert 1 <= writes.count("archive.json") / 2 <= 2
