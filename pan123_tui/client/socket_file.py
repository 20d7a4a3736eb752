"""The file of the engine's socket: where it is, who may use it, and which user is behind it."""

import asyncio
import os
import socket
import stat
import struct
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pan123_tui.client.protocol import HANDSHAKE_TIMEOUT_S
from pan123_tui.domain.errors import EngineAbsent, EngineLost
from pan123_tui.system.lock_holder import SOCKET_NAME
from pan123_tui.system.private_files import make_private_folder

MAX_PATH_BYTES = 100
"""macOS takes 103 bytes, Linux 107."""
_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES = 0, 1, 76
"""From macOS' sys/un.h and sys/ucred.h."""


class _HasOptions(Protocol):
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes:
        """Read an option of a socket."""


def is_supported() -> bool:
    """Return whether this system has Unix sockets for asyncio."""
    return os.name == "posix" and hasattr(socket, "AF_UNIX")


def bind_socket(data_dir: Path) -> tuple[socket.socket, Path]:
    """Bind the socket of a data folder, whose lock the caller holds, and return it with its path.

    A path that is too long, or a file system that refuses sockets, is replaced by a short path in
    a private folder. Raises `OSError` if that fails too.
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
    """Return the inode of the socket at `path`, None if there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino if stat.S_ISSOCK(found.st_mode) else None


def peer_uid(connected: _HasOptions) -> int | None:
    """Return the user id of the process at the other end, None if the system cannot tell."""
    if sys.platform == "darwin":
        record = connected.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
        return int(struct.unpack_from("II", record)[1])
    if hasattr(socket, "SO_PEERCRED"):
        record = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", record)[1])
    return None


def is_own_peer(connected: _HasOptions) -> bool:
    """Return whether the other end belongs to this user; its folder's mode decides if unknown."""
    return peer_uid(connected) in (None, os.getuid())


async def connect_to_holder(
    find_socket: Callable[[], Path | None],
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the socket of the holder of the lock; raises `OSError` or `EngineLost`.

    `find_socket` returns the path that the holder has written, None without a holder.
    """
    path = find_socket()
    if path is None:
        raise EngineAbsent
    async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):  # a stopped holder does not accept
        reader, writer = await asyncio.open_unix_connection(path)
    try:
        if not is_own_peer(writer.get_extra_info("socket")):
            raise EngineLost("another user's program serves this socket")
    except BaseException:
        writer.close()
        raise
    return reader, writer
