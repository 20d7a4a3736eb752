"""Files and folders that only their owner may read, written so that a crash leaves old or new."""

import errno
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""What group and others may do."""
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_WRITE_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_FOLDER_SYNC = frozenset(
    {errno.EINVAL, errno.EBADF, errno.EACCES, errno.EPERM}
    | {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EISDIR}
)


def make_private_folder(folder: Path) -> None:
    """Make `folder` and its parents where they are missing, the new ones with mode 0700."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` by a file of mode 0600 with `content`, all or nothing.

    Raises `OSError` where that cannot be done; the file is then as it was.
    """
    make_private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    replace_atomically(path, content, temporary=temporary)


def replace_atomically(
    path: Path,
    content: bytes,
    *,
    temporary: Path,
    before_replace: Callable[[], object] = lambda: None,
) -> None:
    """Replace `path` by a file of mode 0600 with `content`; on disk when this returns.

    Raises `OSError`; the file is then as it was, except for what `before_replace` did, which
    runs once `content` is on disk as `temporary`.
    """
    try:
        _write_synced(temporary, content)
        before_replace()
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def insecure_mode(path: Path) -> int | None:
    """Give the mode of `path` if it lets group or others in.

    None: it does not, `path` does not exist, or modes mean nothing on this system.
    """
    if os.name != "posix":
        return None
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
    return mode if mode & _OTHERS else None


def restrict_permissions(path: Path) -> None:
    """Take from group and others what they may do with `path`.

    Raises `OSError` where the mode cannot be changed, and for a folder that is meant to be
    shared, such as /tmp: closing that would harm the whole machine.
    """
    mode = insecure_mode(path)
    if mode is None:
        return
    if mode & stat.S_ISVTX:
        raise PermissionError(f"{path} is a shared folder")
    path.chmod(mode & ~_OTHERS)


def _write_synced(path: Path, content: bytes) -> None:
    file = os.open(path, _WRITE_FLAGS, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system can; some file systems refuse it."""
    if os.name != "posix":
        return
    try:
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
