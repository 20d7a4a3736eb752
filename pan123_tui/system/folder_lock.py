"""Who holds a data folder: its lock, the file in which the holder signs, and its socket."""

import fcntl
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from pan123_tui.domain.errors import (
    StoreError,
    StoreLocked,
    StoreLost,
    StoreUnlocked,
    StoreUnwritable,
)
from pan123_tui.system.private_files import (
    make_private_folder,
    open_regular,
    read_regular,
    temporary_folder,
    write_private,
)

if TYPE_CHECKING:
    import socket

LOCK_NAME = "tasks.lock"
HOLDER_NAME = "tasks.lock.pid"
SOCKET_NAME = "engine.sock"
CONNECT_TIMEOUT_S = 1.0
LOCK_TRIES, LOCK_PAUSE_S = 5, 0.01
"""Whoever only looks for the holder has the lock for an instant."""
MAX_PATH_BYTES = 100
"""macOS takes 103 bytes for a socket's path, Linux 107."""


class Holder(NamedTuple):
    """Who holds a data folder, as he has signed."""

    pid: int | None = None
    """None: nobody holds it or has signed."""
    program: str = ""
    socket: Path | None = None
    """Where it listens for screens and commands."""


class FolderLock:
    """Held while the engine runs; the kernel releases it however the process ends."""

    def __init__(self, folder: Path, *, program: str = "pan123-tui") -> None:
        self.folder = folder
        self.program = program
        """What runs here, for whoever finds the folder locked."""
        self._socket: Path | None = None
        self._file: int | None = None

    def acquire(self) -> Self:
        """Acquire the lock and sign; an engine that listens holds it even if its lock was deleted.

        Raises `StoreLocked` with the holder's pid, `StoreUnlocked` and `StoreUnwritable`.
        """
        try:
            make_private_folder(self.folder)
            self._file = open_regular(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT)
            is_ours = _locks(self._file) and self._is_in_place  # it may be removed meanwhile
            if not is_ours or is_listening(self.folder):
                pid, program, _socket = read_holder(self.folder)
                raise StoreLocked(program, pid=pid)
            self._sign()
        except StoreError:
            self._close()
            raise
        except OSError as error:
            self._close()
            raise StoreUnwritable(f"{self.folder}: {error.strerror or error}") from error
        return self

    def release(self) -> None:
        """Release the lock and remove the holder's file, unless it is another program's."""
        with suppress(OSError):
            if read_holder(self.folder).pid == os.getpid():
                (self.folder / HOLDER_NAME).unlink()
        self._close()

    def add_socket(self, path: Path) -> None:
        """Sign with the path of the engine's socket; raises `OSError`."""
        self._socket = path
        self._sign()

    def check(self) -> None:
        """Raise `StoreLost` if the lock's file is gone; rewrite the holder's if that is."""
        if not self._is_in_place:
            raise StoreLost(str(self.folder / LOCK_NAME))
        with suppress(OSError):
            if read_holder(self.folder) != (os.getpid(), self.program, self._socket):
                self._sign()

    @property
    def _is_in_place(self) -> bool:
        """Whether the file that is held is the one at its path."""
        with suppress(OSError):
            file = -1 if self._file is None else self._file
            return os.path.samestat((self.folder / LOCK_NAME).stat(), os.fstat(file))
        return False

    def _sign(self) -> None:
        lines = [f"{os.getpid()} {self.program}".encode()]
        lines += [os.fsencode(self._socket)] if self._socket is not None else []
        write_private(self.folder / HOLDER_NAME, b"\n".join(lines) + b"\n")

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *exc_info: object) -> None:
        self.release()


def read_holder(folder: Path) -> Holder:
    """Return what the last holder has signed, who may have died."""
    try:
        signature, *sockets = read_regular(folder / HOLDER_NAME).splitlines()
        pid, _, program = signature.decode().strip().partition(" ")
        return Holder(int(pid), program, Path(os.fsdecode(sockets[-1])) if sockets else None)
    except (OSError, ValueError):
        return Holder()


def find_holder(folder: Path) -> Holder:
    """Return who listens or has the lock: a pid says nothing in another namespace of processes."""
    is_held = is_listening(folder)
    with suppress(OSError):
        file = open_regular(folder / LOCK_NAME)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            is_held = True
        finally:
            os.close(file)
    return read_holder(folder) if is_held else Holder()


def is_listening(folder: Path) -> bool:
    paths = filter(None, (read_holder(folder).socket, folder / SOCKET_NAME))
    for path in filter(os.path.exists, paths):
        import socket  # noqa: PLC0415 - a list without an engine needs none

        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(CONNECT_TIMEOUT_S)
            try:
                peer.connect(os.fspath(path))
            except (BlockingIOError, TimeoutError):  # it is too busy to answer, hence alive
                return True
            except OSError:
                continue
            return True
    return False


def bind_socket(data_dir: Path) -> "tuple[socket.socket, Path]":
    """Bind the socket of a data folder, whose lock the caller holds; raises `OSError`."""
    with suppress(OSError):  # the path is too long, or the file system refuses sockets
        return _bind(data_dir / SOCKET_NAME)
    folder = temporary_folder(f"pan123-tui-{os.getuid()}")
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which hardly any folder needs

    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    return _bind(folder / f"{digest}.sock")


def inode(path: Path) -> int | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino if stat.S_ISSOCK(found.st_mode) else None


def _bind(path: Path) -> "tuple[socket.socket, Path]":
    import socket  # noqa: PLC0415 - as above

    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise OSError(f"{path} is too long for a socket")
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        bound.bind(os.fspath(path))
        path.chmod(0o600)
        bound.listen()  # before anybody is told the path
    except BaseException:
        bound.close()
        raise
    return bound, path


def _locks(file: int) -> bool:
    """Lock a file unless another process has it locked; raises `StoreUnlocked`."""
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOCK_PAUSE_S)
        except OSError as error:
            raise StoreUnlocked(str(error.strerror or error)) from error
        else:
            return True
    return False
