"""One program at a time holds a data folder, and the others know its pid."""

import errno
import fcntl
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from pan123_tui.domain.errors import StoreLocked, StoreLost, StoreUnlocked, StoreUnwritable
from pan123_tui.system.folder_lock import (
    HOLDER_NAME,
    LOCK_NAME,
    MAX_PATH_BYTES,
    SOCKET_NAME,
    FolderLock,
    Holder,
    bind_socket,
    find_holder,
    is_listening,
    read_holder,
)

LOCKING_PROGRAM = """
import sys
from pathlib import Path
from pan123_tui.system.folder_lock import FolderLock
with FolderLock(Path(sys.argv[1]), program="pan123-tui watch"):
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


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket in the data folder `d` on which somebody listens."""
    monkeypatch.chdir(tmp_path)  # whose own path may be too long
    Path("d").mkdir()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"d/{SOCKET_NAME}")
        bound.listen()
        yield bound


def test_a_lock_that_another_process_holds_names_it_until_that_is_killed(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        with pytest.raises(StoreLocked, match="pan123-tui watch") as refusal:
            FolderLock(tmp_path).acquire()
        assert refusal.value.pid == process.pid
        assert find_holder(tmp_path) == (process.pid, "pan123-tui watch", None)
        os.kill(process.pid, signal.SIGKILL)
    assert (tmp_path / HOLDER_NAME).exists()
    assert find_holder(tmp_path) == Holder()
    for _ in range(2):  # the first is open no more
        with FolderLock(tmp_path):
            assert find_holder(tmp_path).pid == os.getpid()


def test_a_pid_alone_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / HOLDER_NAME).write_text(f"{os.getpid()} engine\n{tmp_path / SOCKET_NAME}\n")
    assert find_holder(tmp_path) == Holder()


def test_whoever_has_the_lock_or_listens_holds_it_whatever_its_pid_means_here(
    listener: socket.socket,
) -> None:
    folder = Path("d")
    (folder / HOLDER_NAME).write_text("99999999 engine\n")  # as from another namespace
    assert find_holder(folder).pid == 99999999
    assert is_listening(folder)
    listener.close()
    assert find_holder(folder) == Holder()
    with another_process(folder) as process:
        (folder / HOLDER_NAME).write_text("99999999 engine\n")
        assert find_holder(folder).pid == 99999999
        assert not is_listening(folder)
        process.kill()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"soon", None])
def test_an_unreadable_holder_file_is_replaced(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / HOLDER_NAME
    os.mkfifo(path) if content is None else path.write_bytes(content)
    assert read_holder(tmp_path) == Holder()
    with FolderLock(tmp_path):
        assert find_holder(tmp_path).pid == os.getpid()


def test_a_folder_without_locks_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StoreUnlocked, match="No locks available"):
        FolderLock(tmp_path).acquire()
    assert find_holder(tmp_path) == Holder()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_lock_that_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / LOCK_NAME)
    with pytest.raises(StoreUnwritable):
        FolderLock(tmp_path).acquire()


def test_a_look_for_the_holder_keeps_no_engine_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / LOCK_NAME).open("wb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        clock = SimpleNamespace(sleep=lambda _s: fcntl.flock(looking, fcntl.LOCK_UN))
        monkeypatch.setattr("pan123_tui.system.folder_lock.time", clock)
        FolderLock(tmp_path).acquire().release()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    with pytest.raises(StoreUnwritable, match=f"{folder}: {os.strerror(errno.EEXIST)}"):
        FolderLock(folder).acquire()


def test_the_lock_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with FolderLock(tmp_path):
            modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}


def test_a_lock_is_lost_once_its_file_or_folder_is_not_there_or_another(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    with FolderLock(folder) as lock:
        lock.check()
        folder.rename(elsewhere)
        for change in (folder.exists, folder.mkdir, (folder / LOCK_NAME).touch):
            change()
            with pytest.raises(StoreLost, match=LOCK_NAME):
                lock.check()
        shutil.rmtree(folder)
        elsewhere.rename(folder)
        lock.check()


def test_a_program_without_a_standard_input_holds_its_lock_too(tmp_path: Path) -> None:
    program = """
import os, sys
from pathlib import Path
from pan123_tui.system.folder_lock import FolderLock
os.close(0)  # the number is the next file's
with FolderLock(Path(sys.argv[1])) as lock:
    os.fstat(0)
    lock.check()
"""
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)


def test_a_holders_file_that_is_deleted_or_emptied_is_written_again(tmp_path: Path) -> None:
    with FolderLock(tmp_path, program="watch") as lock:
        for name in ("one.sock", "二.sock"):
            lock.add_socket(tmp_path / name)
        for break_it in (Path.unlink, Path.touch, lambda path: path.write_bytes(b"")):
            break_it(tmp_path / HOLDER_NAME)
            lock.check()
            assert read_holder(tmp_path) == (os.getpid(), "watch", tmp_path / "二.sock")


def test_the_holders_file_of_another_program_is_left_to_it(tmp_path: Path) -> None:
    with FolderLock(tmp_path) as lock:
        (tmp_path / LOCK_NAME).unlink()
        (tmp_path / HOLDER_NAME).write_text("4711 watch\n")
        with pytest.raises(StoreLost):
            lock.check()
    assert read_holder(tmp_path) == (4711, "watch", None)


@pytest.mark.parametrize("names_it", [True, False], ids=["signed", "unsigned"])
def test_no_lock_is_free_as_an_engine_listens(listener: socket.socket, *, names_it: bool) -> None:
    folder = Path("d")
    if names_it:
        (folder / HOLDER_NAME).write_text(f"4711 watch\n{listener.getsockname()}\n")
    with pytest.raises(StoreLocked) as refusal:
        FolderLock(folder).acquire()
    found = str(refusal.value), refusal.value.pid
    assert found == (("watch", 4711) if names_it else ("", None))
    listener.close()
    with FolderLock(folder) as lock:
        lock.check()


def test_an_engine_with_too_much_to_do_is_alive(listener: socket.socket) -> None:
    listener.listen(0)
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect(listener.getsockname())
        with pytest.raises(StoreLocked):
            FolderLock(Path("d")).acquire()


LONG = Path("x" * MAX_PATH_BYTES)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside the folder of temporary files, so that paths are short."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "t")
    for folder in ("t", "data"):
        Path(folder).mkdir(0o700)
    return Path("t")


def test_it_is_in_the_data_folder_or_in_a_private_one_and_private_itself(temporary: Path) -> None:
    for folder, parent in ((Path("data"), "data"), (LONG, f"pan123-tui-{os.getuid()}")):
        bound, path = bind_socket(folder)
        bound.close()
        assert path.parent.name == parent
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.parent.parent == temporary
    for folder, is_same in ((LONG, True), (LONG.with_name("y" * MAX_PATH_BYTES), False)):
        bound, other = bind_socket(folder)
        bound.close()
        assert (other == path) is is_same


def test_a_file_system_that_refuses_sockets_is_avoided(temporary: Path) -> None:
    (Path("data") / SOCKET_NAME).mkdir()  # it cannot be unlinked or bound
    bound, path = bind_socket(Path("data"))
    bound.close()
    assert path.parent.parent == temporary


@pytest.mark.parametrize("fault", ["open to others", "of another user", "a link"])
def test_a_short_folder_that_is_not_private_to_this_user_is_not_used(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    user = os.getuid() + (fault == "of another user")
    monkeypatch.setattr(os, "getuid", lambda: user)
    folder = temporary / f"pan123-tui-{user}"
    if fault == "a link":
        (temporary / "elsewhere").mkdir(0o700)
        folder.symlink_to("elsewhere")
    else:
        folder.mkdir(0o755 if fault == "open to others" else 0o700)
    with pytest.raises(PermissionError):
        bind_socket(LONG)
