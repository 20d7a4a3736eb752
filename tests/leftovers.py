"""Ends the engines that a test has started, which would outlive it by a minute."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from pan123_tui.system.folder_lock import HOLDER_NAME


def end_engines(folder: Path) -> None:
    """Kill those that hold a data folder below `folder`, and remove their sockets."""
    for file in folder.rglob(HOLDER_NAME):
        with suppress(OSError, ValueError):
            holder, *sockets = file.read_bytes().splitlines()
            if (pid := int(holder.split()[0])) == os.getpid():
                continue
            if _is_engine(pid):
                _kill(pid)
            for socket in sockets:  # a long path's is in another folder
                Path(os.fsdecode(socket)).unlink(missing_ok=True)


def end_processes(folder: Path) -> None:
    """Kill all whose data folder is below `folder`, also those that have not begun to write."""
    for pid in processes_of(folder):
        _kill(pid)


def processes_of(folder: Path) -> list[int]:
    """Return the other processes that run with a data folder below `folder`, where it is known."""
    words, found = b"PAN123_DATA_DIR=" + os.fsencode(folder) + b"/", []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if words in environ.read_bytes() and (pid := int(environ.parent.name)) != os.getpid():
                found.append(pid)
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that ended may wait for a parent to notice."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _is_engine(pid: int) -> bool:
    """Return whether `pid` is ours to kill: some tests write the id of another process."""
    try:
        return b"pan123_tui" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
