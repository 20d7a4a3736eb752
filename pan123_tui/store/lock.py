"""The lock of a data folder: one program writes there at a time."""

import errno
import os
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from pan123_tui.config.private_files import make_private_folder
from pan123_tui.domain.errors import Problem, ProblemKind, StoreLocked

LOCK_NAME = "tasks.lock"
HOLDER_NAME = "tasks.lock.pid"
"""Beside the lock: a contender may empty the lock file (filelock 3), Windows locks its content."""


def is_running(pid: int) -> bool:
    """Tell whether `pid` is a live process; where that cannot be asked, assume that it is."""
    if os.name != "posix":  # there, a signal 0 would be a real one
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    return True


_NO_LOCKS = frozenset(
    {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EIO}
)


class StoreLock:
    """Held while the dashboard or `watch` runs; the kernel frees it however the process ends."""

    def __init__(self, folder: Path, *, program: str = "pan123-tui") -> None:
        self.warning: Problem | None = None
        """Why the program goes on without a lock, where the folder does not allow one."""
        self._folder = folder
        self._program = program
        self._lock = FileLock(folder / LOCK_NAME, mode=0o600)

    def acquire(self) -> Self:
        """Take the lock without waiting. Raises `StoreLocked` with the holder's pid."""
        try:
            make_private_folder(self._folder)
            _take(self._lock)
            self._sign()
        except Timeout as error:
            pid, program = _signature(self._folder)
            raise StoreLocked(program, pid=pid) from error
        except (OSError, NotImplementedError, UserWarning) as error:
            self.warning = _warning(self._folder, error)
        return self

    def release(self) -> None:
        """Let the next program in."""
        if self._lock.is_locked:
            with suppress(OSError):
                (self._folder / HOLDER_NAME).unlink()
            with suppress(OSError):
                self._lock.release()

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _sign(self) -> None:
        path = self._folder / HOLDER_NAME
        path.unlink(missing_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(f"{os.getpid()} {self._program}\n")


def holder(folder: Path) -> int | None:
    """Tell the pid of the process that holds the lock of `folder`, None if nobody does."""
    pid, _program = _signature(folder)
    if pid is None or not is_running(pid):
        return None
    # The number may have gone to a stranger since: only the lock itself knows.
    probe = FileLock(folder / LOCK_NAME, mode=0o600)
    try:
        _take(probe)
    except Timeout:
        return pid
    except (OSError, NotImplementedError, UserWarning):
        return pid
    probe.release()
    return None


def _take(lock: FileLock) -> None:
    with warnings.catch_warnings():
        # A lock that is a mere file would outlive a kill -9: rather none, and a warning.
        warnings.filterwarnings("error", message=".*SoftFileLock", category=UserWarning)
        lock.acquire(blocking=False)


def _signature(folder: Path) -> tuple[int | None, str]:
    try:
        pid, _, program = (folder / HOLDER_NAME).read_text(encoding="utf-8").strip().partition(" ")
        return int(pid), program
    except (OSError, ValueError):
        return None, ""


def _warning(folder: Path, error: Exception) -> Problem:
    code = error.errno if isinstance(error, OSError) else errno.ENOLCK
    kind = ProblemKind.STORE_UNLOCKED if code in _NO_LOCKS else ProblemKind.STORE_UNWRITABLE
    return Problem(kind, f"{folder}: {getattr(error, 'strerror', None) or error}")
