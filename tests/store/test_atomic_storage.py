"""The file is a whole generation at every moment."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tinydb import TinyDB

from pan123_tui.domain.errors import ProblemKind, StoreLost, StoreUnwritable
from pan123_tui.store import atomic_storage
from pan123_tui.store.atomic_storage import AtomicStorage, Tables, WriteBehind

FIRST: dict[str, dict[str, Any]] = {"tasks": {"1": {"url": "https://example.com/1"}}}
SECOND: dict[str, dict[str, Any]] = {"tasks": {"1": {"url": "https://example.com/2"}}}
THIRD: dict[str, dict[str, Any]] = {"tasks": {}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.json"


def backup(path: Path) -> Tables | None:
    return AtomicStorage(path.with_name(f"{path.name}.bak")).read()


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.parent.iterdir()}


def test_a_file_that_stock_tinydb_has_changed_is_accepted(path: Path) -> None:
    storage = AtomicStorage(path)
    storage.write(FIRST)
    with TinyDB(path) as stock:
        stock.table("tasks").update({"url": "https://example.com/mine"}, doc_ids=[1])
    assert storage.read() == {"tasks": {"1": {"url": "https://example.com/mine"}}}


def test_the_previous_generation_is_kept_for_the_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        AtomicStorage(path).write(FIRST)
        storage = AtomicStorage(path)
        storage.read()
        for tables in (SECOND, THIRD):
            storage.write(tables)
    finally:
        os.umask(before)
    assert storage.read() == THIRD
    assert backup(path) == SECOND
    assert names(path) == {"tasks.json", "tasks.json.bak"}
    assert {entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\0" * 50, b'{"a":1}', b"[" * 100_000])
def test_content_that_is_no_tables_is_damaged_and_the_backup_is_read(
    path: Path, content: bytes
) -> None:
    AtomicStorage(path.with_name("tasks.json.bak")).write(FIRST)
    path.write_bytes(content)
    storage = AtomicStorage(path)
    assert (storage.read(), storage.damaged) == (FIRST, ("tasks.json",))


def test_a_file_that_another_program_has_put_there_since_is_left_alone(path: Path) -> None:
    storage, other = AtomicStorage(path), AtomicStorage(path)
    assert storage.read() is None
    for content in (FIRST, SECOND):
        other.write(content)
        with pytest.raises(StoreLost):
            storage.check()
        with pytest.raises(StoreLost, match=r"tasks\.json"):
            storage.write(THIRD)
        assert other.read() == content
        storage.read()
        storage.check()


def test_a_file_that_was_deleted_is_written_again(path: Path) -> None:
    storage = AtomicStorage(path)
    storage.write(FIRST)
    path.unlink()
    storage.check()
    storage.write(SECOND)
    assert storage.read() == SECOND


def test_a_quarantined_file_is_never_replaced(path: Path) -> None:
    storage = AtomicStorage(path)
    for content in (b"one", b"two", b"three"):
        path.write_bytes(content)
        storage.read()
        storage.quarantine_damaged()
    kept = [(path.parent / name).read_bytes() for name in storage.damaged]
    assert kept == [b"one", b"two", b"three"]


def test_what_a_kill_has_left_of_a_write_does_not_matter(path: Path) -> None:
    storage = AtomicStorage(path)
    storage.write(FIRST)
    path.with_name("tasks.json.tmp").write_text("half of a")
    storage.write(SECOND)
    assert (storage.read(), backup(path)) == (SECOND, FIRST)
    assert names(path) == {"tasks.json", "tasks.json.bak"}


def test_short_writes_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    AtomicStorage(path).write(FIRST)
    assert AtomicStorage(path).read() == FIRST


def failing(code: int) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "link", "replace"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("links", [True, False])
def test_a_failure_at_any_call_leaves_a_readable_generation(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, nth: int, links: bool
) -> None:
    storage = AtomicStorage(path)
    storage.write(FIRST)
    storage.write(SECOND)
    real = getattr(os, call)
    left = nth

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        return failing(code)() if left == 0 else real(*args, **kwargs)

    with monkeypatch.context() as patch:
        if not links:
            patch.setattr(os, "link", failing(errno.ENOTSUP))
        patch.setattr(os, call, sometimes)
        try:
            storage.write(THIRD)
            problem = None
        except StoreUnwritable as error:
            problem = error.problem
    assert problem is None or problem.kind is ProblemKind.STORE_UNWRITABLE
    assert problem is None or problem.message == f"{path}: {os.strerror(code)}"
    found = AtomicStorage(path).read()
    assert found in ((THIRD,) if problem is None else (SECOND, THIRD))
    assert problem or backup(path) == SECOND
    assert not any(name.endswith(".tmp") for name in names(path))
    storage.write(THIRD)
    assert AtomicStorage(path).read() == THIRD


def test_a_folder_without_sync_is_tolerated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync
    calls: list[int] = []

    def files_only(file: int) -> None:
        calls.append(file)
        if len(calls) == 2:
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(file)

    monkeypatch.setattr(os, "fsync", files_only)
    AtomicStorage(path).write(FIRST)
    assert AtomicStorage(path).read() == FIRST


def test_a_check_beside_writes_knows_its_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = AtomicStorage(path)
    storage.write(FIRST)
    generation = atomic_storage._generation

    def write_twice() -> None:
        storage.write(SECOND)
        storage.write({"tasks": {}})

    writing = Thread(target=write_twice)

    def slow_generation(of: Path) -> object:
        found = generation(of)
        if not writing.ident:
            writing.start()
            writing.join(0.2)  # which a write that waits for the check outlasts
        return found

    monkeypatch.setattr(atomic_storage, "_generation", slow_generation)
    storage.check()
    writing.join()
    storage.check()


def test_tinydb_answers_from_memory_and_writes_when_it_is_told_to(path: Path) -> None:
    behind = WriteBehind()
    table = TinyDB(path, storage=behind).table("tasks")
    table.insert_multiple([{"url": "one"}, {"url": "two"}])
    table.update({"url": "three"}, doc_ids=[2])
    table.remove(doc_ids=[1])
    assert table.get(doc_id=2) == {"url": "three"}
    assert not path.exists()
    behind.flush()
    with TinyDB(path) as stock:
        assert stock.table("tasks").all() == [{"url": "three"}]
