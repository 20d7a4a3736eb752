"""What is being typed, kept in a file until it is queued or given up: it outlives a crash."""

import contextlib
from pathlib import Path
from threading import Lock

from pan123_tui.private_file import write_private


class DraftFile:
    """One text on disk, safe to write from a thread; once removed it is never written again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._is_done = False

    def read(self) -> str:
        """Give the text that an earlier run left behind, or an empty one."""
        try:
            return self._path.read_text("utf-8", errors="replace")
        except OSError:
            return ""

    def write(self, text: str) -> None:
        """Keep `text`; where the disk does not take it, the text is still on the screen."""
        with self._lock, contextlib.suppress(OSError):
            if self._is_done:
                return
            if text.strip():
                write_private(self._path, text.encode("utf-8", errors="replace"))
            else:
                self._path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Forget the text: it was queued or given up. Waits for a write that is under way."""
        with self._lock, contextlib.suppress(OSError):
            self._is_done = True
            self._path.unlink(missing_ok=True)
