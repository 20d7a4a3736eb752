"""Ends the engines that a test has started, which would outlive it by a minute."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from pan123_tui.config.lock_holder import HOLDER_NAME


def end_engines(folder: Path) -> None:
    """Kill those that hold a data folder below `folder`, and remove their sockets."""
    for file in folder.rglob(HOLDER_NAME):
        with suppress(OSError, ValueError):
            holder, *sockets = file.read_bytes().splitlines()
            if (pid := int(holder.split()[0])) == os.getpid():
                continue
            _kill(pid)
            for socket in sockets:  # a long path's is in another folder
                Path(os.fsdecode(socket)).unlink(missing_ok=True)


def end_processes(folder: Path) -> None:
    """Kill all whose data folder is below `folder`, also those that have not begun to write."""
    words = b"PAN123_DATA_DIR=" + os.fsencode(folder) + b"/"
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if words in environ.read_bytes() and (pid := int(environ.parent.name)) != os.getpid():
                _kill(pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
