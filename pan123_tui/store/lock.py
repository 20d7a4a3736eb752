"""The lock of a data folder, so that one program at a time writes there."""

import errno
import os
import signal
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from pan123_tui.config.lock_holder import HOLDER_NAME, is_running, read_holder, write_holder
from pan123_tui.config.private_files import make_private_folder
from pan123_tui.domain.errors import Problem, ProblemKind, StoreLocked

LOCK_NAME = "tasks.lock"
_UNSUPPORTED_ERRORS = frozenset(
    {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EIO}
)
"""A file system without locks fails with one of these."""
END_TIMEOUT_S = 5.0


class StoreLock:
    """Held while the dashboard or `watch` runs; the kernel frees it however the process ends."""

    def __init__(self, folder: Path, *, program: str = "pan123-tui") -> None:
        self.warning: Problem | None = None
        """Why the program continues without a lock, where the folder allows none."""
        self._folder = folder
        self._program = program
        # The engine's thread acquires it, the main thread releases it.
        self._lock = FileLock(folder / LOCK_NAME, mode=0o600, thread_local=False)

    def acquire(self) -> Self:
        """Acquire the lock without waiting. Raises `StoreLocked` with the holder's pid."""
        try:
            make_private_folder(self._folder)
            _acquire(self._lock)
            write_holder(self._folder, self._program)
        except Timeout as error:
            pid, program = read_holder(self._folder)
            raise StoreLocked(program, pid=pid) from error
        except (OSError, NotImplementedError, UserWarning) as error:
            self.warning = _warning(self._folder, error)
            with suppress(OSError):  # it is found all the same, so nobody starts another one
                write_holder(self._folder, self._program)
        return self

    def release(self) -> None:
        """Release the lock and remove the holder's file."""
        if self._lock.is_locked or read_holder(self._folder)[0] == os.getpid():
            with suppress(OSError):
                (self._folder / HOLDER_NAME).unlink()
            with suppress(OSError):
                self._lock.release()

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *exc_info: object) -> None:
        self.release()


def holder(folder: Path) -> int | None:
    """Return the pid of the process that holds the lock of `folder`, None if none does."""
    pid, _program = read_holder(folder)
    if pid is None or not is_running(pid):
        return None
    # Another process may have got this pid since, so only the lock itself can tell.
    probe = FileLock(folder / LOCK_NAME, mode=0o600)
    try:
        _acquire(probe)
    except (Timeout, OSError, NotImplementedError, UserWarning):
        return pid
    probe.release()
    return None


def end_holder(folder: Path, pid: int, *, timeout_s: float = END_TIMEOUT_S) -> None:
    """Ask the process `pid` to end if it holds the lock of `folder`, and wait until it has."""
    deadline = time.monotonic() + timeout_s
    if holder(folder) == pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    while holder(folder) == pid and time.monotonic() < deadline:
        time.sleep(0.05)


def _acquire(lock: FileLock) -> None:
    with warnings.catch_warnings():
        # filelock falls back to a plain file, which would survive a kill -9: use no lock instead.
        warnings.filterwarnings("error", message=".*SoftFileLock", category=UserWarning)
        lock.acquire(blocking=False)


def _warning(folder: Path, error: Exception) -> Problem:
    code = error.errno if isinstance(error, OSError) else errno.ENOLCK
    is_unsupported = code in _UNSUPPORTED_ERRORS
    kind = ProblemKind.STORE_UNLOCKED if is_unsupported else ProblemKind.STORE_UNWRITABLE
    return Problem(kind, f"{folder}: {getattr(error, 'strerror', None) or error}")
