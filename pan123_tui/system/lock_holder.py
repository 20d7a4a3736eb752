"""The file that names the process holding a data folder's lock, read without the lock's library."""

import os
from pathlib import Path

SOCKET_NAME = "engine.sock"
HOLDER_NAME = "tasks.lock.pid"
"""Not the lock file: a contender may empty that (filelock 3), and Windows locks its content."""


def write_holder(folder: Path, program: str) -> None:
    """Write the pid of this process and the name of its program, with mode 0600."""
    path = folder / HOLDER_NAME
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(f"{os.getpid()} {program}\n".encode())


def add_socket(folder: Path, socket: Path) -> None:
    """Add the path of the engine's socket to the file; raises `OSError`."""
    with (folder / HOLDER_NAME).open("ab") as stream:
        stream.write(os.fsencode(socket) + b"\n")


def read_socket(folder: Path) -> Path | None:
    """Return the path of the holder's socket, or None if it has none."""
    try:
        _holder, *sockets = (folder / HOLDER_NAME).read_bytes().splitlines()
    except (OSError, ValueError):
        return None
    return Path(os.fsdecode(sockets[-1])) if sockets else None


def read_holder(folder: Path) -> tuple[int | None, str]:
    """Return pid and program of the holder, which may have died; `(None, "")` if unreadable."""
    try:
        line = (folder / HOLDER_NAME).read_bytes().split(b"\n")[0].decode()
        pid, _, program = line.strip().partition(" ")
        return int(pid), program
    except (OSError, ValueError):
        return None, ""


def is_running(pid: int) -> bool:
    """Return whether `pid` is a live process, perhaps another user's."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    return True


def live_holder(folder: Path) -> tuple[int | None, str]:
    """Return pid and program of the holder if it is alive, otherwise `(None, "")`."""
    pid, program = read_holder(folder)
    return (pid, program) if pid is not None and is_running(pid) else (None, "")


def is_listening(folder: Path) -> bool:
    """Return whether an engine has its socket open in `folder`."""
    socket = read_socket(folder)
    # It removes its socket before it ends.
    return live_holder(folder)[0] is not None and socket is not None and socket.is_socket()
