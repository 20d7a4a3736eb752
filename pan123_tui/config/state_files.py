"""What is being typed, kept in a file until it is queued or given up: it outlives a crash."""

import contextlib
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec
from msgspec import Struct

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sorting import SortKey


class UiState(Struct, frozen=True):
    """The last look; a line above the table says what a kept search or filter hides."""

    view: View = View.ALL
    search: str = ""
    filter: str = ""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False
    is_detail_open: bool = False
    theme: str = ""
    """The theme chosen in the program; empty: none."""
    theme_before: str = ""
    """What the settings said then: a theme that is set there later goes before it."""

    @property
    def query(self) -> Query:
        """What the dashboard begins with."""
        return Query(self.view, self.search, self.filter, self.sort, self.reverse)

    def theme_over(self, configured: str) -> str:
        """Choose between the theme of the settings and the remembered one."""
        return self.theme if self.theme and configured == self.theme_before else configured


class UiStateFile:
    """Keeps the memory in a small file; what cannot be read or written costs nobody anything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def read(self) -> UiState:
        """Give what the last run left, or a fresh memory where that is damaged or missing."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._path.read_bytes(), type=UiState)
        return UiState()

    def write(self, memory: UiState) -> None:
        """Keep `memory`; from any thread."""
        with self._lock, suppress(OSError):
            write_private(self._path, msgspec.json.encode(memory))


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
