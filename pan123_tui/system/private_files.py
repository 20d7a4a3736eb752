"""Private files and folders, and atomic writes: after a crash a file is the old or the new one."""

import errno
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The permission bits of group and others."""
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
_FOLDER_SYNC_UNSUPPORTED = frozenset(
    {errno.EINVAL, errno.EBADF, errno.EACCES, errno.EPERM}
    | {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EISDIR}
)


class NotRegularFile(OSError):
    """A pipe, a device or a folder stands where a file should."""


def make_private_folder(folder: Path) -> None:
    """Create `folder` and its missing parents with mode 0700."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def temporary_folder(name: str) -> Path:
    """Return a private folder of this user inside the temporary one; raises `OSError`."""
    import tempfile  # noqa: PLC0415 - it loads `random`: 8 ms for each `list`

    folder = Path(tempfile.gettempdir()) / name
    make_private_folder(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_mode & _OTHERS or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is not a private folder of this user")
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` atomically by a file of mode 0600; raises `OSError`, and it is unchanged."""
    make_private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        write_synced(temporary, content)
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):  # it is left only after a failure
            temporary.unlink()


def insecure_mode(path: Path) -> int | None:
    """Return the mode of `path` if it exists, and group or others have access."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return mode if mode & _OTHERS else None


def restrict_permissions(path: Path) -> None:
    """Remove the permissions of group and others from `path`; raises `OSError`."""
    if mode := insecure_mode(path):
        path.chmod(mode & ~_OTHERS)


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a file without waiting for a pipe's other end; raises `NotRegularFile`."""
    file = os.open(path, flags | os.O_NONBLOCK, 0o600)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise NotRegularFile(errno.EINVAL, "not a regular file", str(path))


def read_regular(path: Path) -> bytes:
    """Return the content of a file; raises `OSError` and `NotRegularFile`."""
    with os.fdopen(open_regular(path), "rb") as file:
        return file.read()


def write_synced(path: Path, content: bytes) -> None:
    """Write a file of mode 0600, which is on disk on return."""
    file = open_regular(path, _WRITE_FLAGS)
    try:
        remaining = memoryview(content)
        while remaining:
            remaining = remaining[os.write(file, remaining) :]
        os.fsync(file)
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Make a rename durable where the file system supports it."""
    try:
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno not in _FOLDER_SYNC_UNSUPPORTED:
            raise
