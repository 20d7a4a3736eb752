"""One program at a time writes to a data folder, and the others know its pid."""

import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from pan123_tui.domain.errors import Problem, ProblemKind, StoreLocked, StoreLost
from pan123_tui.store.lock import LOCK_NAME, StoreLock, holder, waits_for_end
from pan123_tui.system.lock_holder import (
    HOLDER_NAME,
    SOCKET_NAME,
    add_socket,
    read_holder,
    read_socket,
    write_holder,
)

LOCKING_PROGRAM = """
import sys
from pathlib import Path
from pan123_tui.store.lock import StoreLock
with StoreLock(Path(sys.argv[1]), program="pan123-tui watch"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the lock of `folder`."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCKING_PROGRAM, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_lock_that_another_process_holds_names_it_until_that_is_killed(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        with pytest.raises(StoreLocked, match="pan123-tui watch") as refusal:
            StoreLock(tmp_path).acquire()
        assert refusal.value.pid == process.pid
        assert holder(tmp_path) == process.pid
        os.kill(process.pid, signal.SIGKILL)
    assert (tmp_path / HOLDER_NAME).exists()
    assert holder(tmp_path) is None
    with StoreLock(tmp_path) as lock:
        assert (lock.warning, holder(tmp_path)) == (None, os.getpid())
    with StoreLock(tmp_path) as another:  # the first is open no more
        assert (lock.warning, another.warning) == (None, None)


def test_a_holder_that_does_not_end_is_waited_for_no_longer_than_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        assert now < 110.0, "it never ends"

    clock = SimpleNamespace(monotonic=lambda: now, sleep=sleep)
    monkeypatch.setattr("pan123_tui.store.lock.time", clock)
    monkeypatch.setattr("pan123_tui.store.lock.holder", lambda _folder: 4711)
    assert not waits_for_end(tmp_path, 4711, 0.3)
    assert 100.3 <= now < 100.4
    assert waits_for_end(tmp_path, 4712, 0.3), "another one has taken its place"


def test_a_reused_pid_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / HOLDER_NAME).write_text("1 pan123-tui\n")
    assert holder(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"soon", b"99999999999999999999 x"])
def test_an_unreadable_holder_file_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / HOLDER_NAME).write_bytes(content)
    assert holder(tmp_path) is None
    with StoreLock(tmp_path):
        assert holder(tmp_path) == os.getpid()


NO_LOCKS = [
    OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)),
    OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP)),
    NotImplementedError("no locks here"),
]


@pytest.mark.parametrize("refusal", NO_LOCKS, ids=repr)
def test_a_folder_without_locks_is_used_with_a_warning_and_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    def refuse(file: int, operation: int) -> None:
        raise refusal

    monkeypatch.setattr(fcntl, "flock", refuse)
    words = refusal.strerror if isinstance(refusal, OSError) else str(refusal)
    for _ in range(2):
        with StoreLock(tmp_path) as lock:
            lock.check()
            assert lock.warning == Problem(ProblemKind.STORE_UNLOCKED, f"{tmp_path}: {words}")
            assert holder(tmp_path) == os.getpid(), "its engine must be found"
        assert holder(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_a_warning_too(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    with StoreLock(folder) as lock:
        words = f"{folder}: {os.strerror(errno.EEXIST)}"
        assert lock.warning == Problem(ProblemKind.STORE_UNWRITABLE, words)


def test_the_lock_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / HOLDER_NAME).write_text(f"{os.getpid()} pan123-tui\n")
        (tmp_path / HOLDER_NAME).chmod(0o600)
        assert holder(tmp_path) is None  # which leaves a file too
        with StoreLock(tmp_path):
            modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket in the data folder `d` on which somebody listens."""
    monkeypatch.chdir(tmp_path)  # whose own path may be too long
    Path("d").mkdir()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"d/{SOCKET_NAME}")
        bound.listen()
        yield bound


def test_a_lock_is_lost_once_its_file_or_folder_is_not_there_or_another(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    with StoreLock(folder) as lock:
        lock.check()
        folder.rename(elsewhere)
        for change in (folder.exists, folder.mkdir, (folder / LOCK_NAME).touch):
            change()
            with pytest.raises(StoreLost, match=LOCK_NAME):
                lock.check()
        shutil.rmtree(folder)
        elsewhere.rename(folder)
        lock.check()


def test_a_holders_file_that_is_deleted_or_emptied_is_written_again(tmp_path: Path) -> None:
    with StoreLock(tmp_path, program="watch") as lock:
        lock.add_socket(tmp_path / "engine.sock")
        for break_it in (Path.unlink, Path.touch, lambda path: path.write_bytes(b"")):
            break_it(tmp_path / HOLDER_NAME)
            lock.check()
            assert read_holder(tmp_path) == (os.getpid(), "watch")
            assert read_socket(tmp_path) == tmp_path / "engine.sock"


def test_the_holders_file_of_another_program_is_left_to_it(tmp_path: Path) -> None:
    with StoreLock(tmp_path) as lock:
        (tmp_path / LOCK_NAME).unlink()
        (tmp_path / HOLDER_NAME).write_text("4711 watch\n")
        with pytest.raises(StoreLost):
            lock.check()
    assert read_holder(tmp_path) == (4711, "watch")


@pytest.mark.parametrize("names_it", [True, False], ids=["signed", "unsigned"])
def test_no_lock_is_free_as_an_engine_listens(listener: socket.socket, *, names_it: bool) -> None:
    folder = Path("d")
    if names_it:
        write_holder(folder, "watch")
        add_socket(folder, Path(listener.getsockname()))
    with pytest.raises(StoreLocked) as refusal:
        StoreLock(folder).acquire()
    assert (str(refusal.value), refusal.value.pid) == (
        ("watch", os.getpid()) if names_it else ("", None)
    )
    assert holder(folder) == refusal.value.pid
    listener.close()
    assert holder(folder) is None
    with StoreLock(folder) as lock:
        lock.check()


def test_an_engine_with_too_much_to_do_is_alive(listener: socket.socket) -> None:
    listener.listen(0)
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect(listener.getsockname())
        with pytest.raises(StoreLocked):
            StoreLock(Path("d")).acquire()
