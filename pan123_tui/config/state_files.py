"""Small files of the dashboard: its last view, and the links being typed."""

from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec
from msgspec import Struct

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sorting import SortKey


class UiState(Struct, frozen=True):
    """View, order and theme of the last run."""

    view: View = View.ALL
    search: str = ""
    filter: str = ""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False
    is_detail_open: bool = False
    theme: str = ""
    """The theme chosen in the program, "" if none was."""
    theme_before: str = ""
    """The theme of the settings at that time; a later change there overrides `theme`."""

    @property
    def query(self) -> Query:
        """The query that the dashboard starts with."""
        return Query(self.view, self.search, self.filter, self.sort, self.reverse)

    def theme_over(self, configured: str) -> str:
        """Return `theme` unless the settings have changed to `configured` since it was chosen."""
        return self.theme if self.theme and configured == self.theme_before else configured


class UiStateFile:
    """The file of a `UiState`; errors of reading and writing are ignored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def read(self) -> UiState:
        """Return the saved state, the default one if the file is missing or damaged."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._path.read_bytes(), type=UiState)
        return UiState()

    def write(self, state: UiState) -> None:
        """Save `state`; safe from any thread."""
        with self._lock, suppress(OSError):
            write_private(self._path, msgspec.json.encode(state))


class DraftFile:
    """A draft on disk until it is queued or discarded; it survives a crash. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._is_removed = False

    def read(self) -> str:
        """Return the draft of an earlier run, "" if there is none."""
        try:
            return self._path.read_text("utf-8", errors="replace")
        except OSError:
            return ""

    def write(self, text: str) -> None:
        """Save `text`, unless the draft was removed; ignores `OSError`, as the screen shows it."""
        with self._lock, suppress(OSError):
            if self._is_removed:
                return
            if text.strip():
                write_private(self._path, text.encode("utf-8", errors="replace"))
            else:
                self._path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the draft for good, after a write in progress."""
        with self._lock, suppress(OSError):
            self._is_removed = True
            self._path.unlink(missing_ok=True)
