"""Small files of the dashboard: its last view, and the links being typed."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sorting import SortKey
from pan123_tui.system.private_files import write_private


class UiState(Struct, frozen=True):
    """View and order of the last run."""

    view: View = View.ALL
    search: str = ""
    filter: str = ""
    """What a former version kept beside the search."""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False
    is_detail_open: bool = False
    seen_at: float = 0.0
    """When a screen was looked at last (Unix seconds)."""

    @property
    def query(self) -> Query:
        """The query that the dashboard starts with."""
        return Query(self.view, self.search, self.sort, self.reverse)


class UiStateFile:
    """The file of a `UiState`; errors of reading and writing are ignored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def read(self) -> UiState:
        """Return the saved state, the default one if the file is missing or damaged."""
        with suppress(OSError, msgspec.MsgspecError):
            state = msgspec.json.decode(self._path.read_bytes(), type=UiState)
            search = " ".join(filter(None, (state.search, state.filter)))
            return replace(state, search=search, filter="")
        return UiState()

    def write(self, state: UiState) -> None:
        """Save `state`; safe from any thread."""
        with self._lock, suppress(OSError):
            write_private(self._path, msgspec.json.encode(state))


class Draft(Struct, frozen=True):
    """What was typed into the input screen."""

    text: str = ""
    """What is not in a row yet."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The values of the fields for all links, by their ids."""
    rows: tuple[ReviewRow, ...] = ()


class DraftFile:
    """A draft on disk until it is queued or discarded; it survives a crash. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def read(self) -> Draft:
        """Return the draft of an earlier run, an empty one if there is none."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(self._path.read_bytes(), type=Draft)
        return Draft()

    def write(self, draft: Draft) -> None:
        """Save `draft`, or delete an empty one; ignores `OSError`, as the screen shows it."""
        with self._lock, suppress(OSError):
            if draft.text.strip() or draft.rows:
                fields = {name: _encodable(value) for name, value in draft.fields.items()}
                saved = Draft(_encodable(draft.text), fields, draft.rows)
                write_private(self._path, msgspec.json.encode(saved))
            else:
                self._path.unlink(missing_ok=True)


def _encodable(text: str) -> str:
    """Return `text` without halves of characters."""
    return text.encode("utf-8", errors="replace").decode()
