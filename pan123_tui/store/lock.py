"""The lock of a data folder, so that only one engine at a time writes there."""

import errno
import os
import socket
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from pan123_tui.domain.errors import Problem, ProblemKind, StoreLocked, StoreLost
from pan123_tui.system.lock_holder import (
    HOLDER_NAME,
    SOCKET_NAME,
    add_socket,
    live_holder,
    read_holder,
    read_socket,
    write_holder,
)
from pan123_tui.system.private_files import make_private_folder

LOCK_NAME = "tasks.lock"
_UNSUPPORTED_ERRORS = frozenset(
    {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EIO}
)
"""A file system without locks fails with one of these."""
CONNECT_TIMEOUT_S = 1.0


class StoreLock:
    """Held while the engine runs; the kernel releases it however the process ends."""

    def __init__(self, folder: Path, *, program: str = "pan123-tui") -> None:
        self.warning: Problem | None = None
        """Why the engine continues without a lock, if the folder allows none."""
        self.folder = folder
        self.program = program
        """What runs here, for whoever finds the folder locked."""
        self._socket: Path | None = None
        self._held: tuple[int, int] | None = None
        """The device and inode of the lock's file, None where the folder has no locks."""
        # Any thread may release it.
        self._lock = FileLock(folder / LOCK_NAME, mode=0o600, thread_local=False)

    def acquire(self) -> Self:
        """Acquire the lock without waiting. Raises `StoreLocked` with the holder's pid.

        An engine that still listens is the holder, even if somebody has deleted its lock.
        """
        try:
            make_private_folder(self.folder)
            _acquire(self._lock)
            if _has_listener(self.folder):
                self._lock.release()
                raise self._refusal()
            self._held = _identity(self.folder / LOCK_NAME)
            write_holder(self.folder, self.program)
        except Timeout as error:
            raise self._refusal() from error
        except (OSError, NotImplementedError, UserWarning) as error:
            code = error.errno if isinstance(error, OSError) else errno.ENOLCK
            is_unsupported = code in _UNSUPPORTED_ERRORS
            kind = ProblemKind.STORE_UNLOCKED if is_unsupported else ProblemKind.STORE_UNWRITABLE
            why = getattr(error, "strerror", None) or error
            self.warning = Problem(kind, f"{self.folder}: {why}")
            with suppress(OSError):  # it is found all the same, so nobody starts another
                write_holder(self.folder, self.program)
        return self

    def release(self) -> None:
        """Release the lock and remove the holder's file, unless it is another program's."""
        with suppress(OSError):
            if read_holder(self.folder)[0] == os.getpid():
                (self.folder / HOLDER_NAME).unlink()
        with suppress(OSError):
            self._lock.release()

    def add_socket(self, path: Path) -> None:
        """Add the path of the engine's socket to the holder's file; raises `OSError`."""
        self._socket = path
        add_socket(self.folder, path)

    def check(self) -> None:
        """Raise `StoreLost` unless the lock's path is still the file that this process holds.

        If only the holder's file is gone, it is rewritten.
        """
        path = self.folder / LOCK_NAME
        if self._held is None:  # the folder has no locks
            return
        if _identity(path) != self._held:
            raise StoreLost(str(path))
        signed = *read_holder(self.folder), read_socket(self.folder)
        if signed != (os.getpid(), self.program, self._socket):
            with suppress(OSError):
                write_holder(self.folder, self.program)
                if self._socket is not None:
                    add_socket(self.folder, self._socket)

    def _refusal(self) -> StoreLocked:
        pid, program = read_holder(self.folder)
        return StoreLocked(program, pid=pid)

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *exc_info: object) -> None:
        self.release()


def holder(folder: Path) -> int | None:
    """Return the pid of the process that holds the lock of `folder`, or None if none does."""
    pid, _program = live_holder(folder)
    if pid is None:
        return None
    # Another process may have this pid by now, so only the lock itself can tell.
    probe = FileLock(folder / LOCK_NAME, mode=0o600)
    try:
        _acquire(probe)
    except (Timeout, OSError, NotImplementedError, UserWarning):
        return pid
    probe.release()
    return pid if _has_listener(folder) else None


def waits_for_end(folder: Path, pid: int, timeout_s: float) -> bool:
    """Wait until the process `pid` no longer holds the lock of `folder`; return whether it did."""
    deadline = time.monotonic() + timeout_s
    while holder(folder) == pid:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _acquire(lock: FileLock) -> None:
    with warnings.catch_warnings():
        # filelock falls back to a plain file, which would survive a kill -9: use no lock instead.
        warnings.filterwarnings("error", message=".*SoftFileLock", category=UserWarning)
        lock.acquire(blocking=False)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _has_listener(folder: Path) -> bool:
    """Return whether a living engine listens for screens of `folder`."""
    paths = (read_socket(folder), folder / SOCKET_NAME)
    return any(_accepts(path) for path in paths if path is not None)


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(CONNECT_TIMEOUT_S)
        try:
            peer.connect(os.fspath(path))
        except (BlockingIOError, TimeoutError):  # it is too busy to answer, hence alive
            return True
        except OSError:
            return False
    return True
