"""The engine's socket file: where it is, and that only this user can connect."""

import asyncio
import os
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from pan123_tui.client.protocol import HANDSHAKE_TIMEOUT_S
from pan123_tui.domain.errors import EngineAbsent
from pan123_tui.system.lock_holder import SOCKET_NAME, read_socket
from pan123_tui.system.private_files import make_private_folder

MAX_PATH_BYTES = 100
"""macOS takes 103 bytes, Linux 107."""


def bind_socket(data_dir: Path) -> tuple[socket.socket, Path]:
    """Bind the socket of a data folder, whose lock the caller holds, and return it with its path.

    If that path is too long, or the file system refuses sockets, a short path in a private folder
    is used. Raises `OSError` if that fails too.
    """
    with suppress(OSError):
        return _bind(data_dir / SOCKET_NAME)
    return _bind(short_path(data_dir))


def short_path(data_dir: Path) -> Path:
    """Return the path for a data folder that cannot have the socket itself; raises `OSError`."""
    folder = Path(tempfile.gettempdir()) / f"pan123-tui-{os.getuid()}"
    make_private_folder(folder)
    found = folder.lstat()
    is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if not is_private or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is not a private folder of this user")
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which hardly any folder needs

    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    return folder / f"{digest}.sock"


def _bind(path: Path) -> tuple[socket.socket, Path]:
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


def inode(path: Path) -> int | None:
    """Return the inode of the socket at `path`, or None if there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino if stat.S_ISSOCK(found.st_mode) else None


async def connect_to_holder(
    data_dir: Path,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the socket of the lock's holder; raises `OSError` or `EngineAbsent`."""
    path = read_socket(data_dir)
    if path is None:
        raise EngineAbsent
    async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):  # a stopped holder does not accept
        return await asyncio.open_unix_connection(path)
