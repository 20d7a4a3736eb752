"""Files and folders that only their owner may read, written so that a crash leaves old or new."""

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""What group and others may do."""


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
    import tempfile  # noqa: PLC0415 - start-up is felt: only where something is written

    make_private_folder(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def wrong_mode(path: Path) -> int | None:
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


def mend_mode(path: Path) -> None:
    """Take from group and others what they may do with `path`.

    Raises `OSError` where the mode cannot be changed, and for a folder that is meant to be
    shared, such as /tmp: closing that would harm the whole machine.
    """
    mode = wrong_mode(path)
    if mode is None:
        return
    if mode & stat.S_ISVTX:
        raise PermissionError(f"{path} is a shared folder")
    path.chmod(mode & ~_OTHERS)


def _sync_folder(folder: Path) -> None:
    """Have the new name survive a power cut, on systems where a folder can be synced."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
