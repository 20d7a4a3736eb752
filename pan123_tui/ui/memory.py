"""What the dashboard remembers from run to run: the query, and whether the details are open."""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from textual.app import App

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


class Memory:
    """The state of the user interface, written where it changes; forgotten without a folder."""

    def __init__(self, app: App[Any], state_dir: Path | None) -> None:
        self._app = app
        self._file = UiStateFile(state_dir / "dashboard.json") if state_dir else None
        self.state = self._file.read() if self._file else UiState()

    def save_query(self, query: Query, *, is_detail_open: bool) -> None:
        """Save what the list shows for the next run."""
        self.save(
            view=query.view,
            search=query.search,
            sort=query.sort,
            reverse=query.reverse,
            is_detail_open=is_detail_open,
        )

    def save(self, **changes: Any) -> None:
        """Save `changes` to the state for the next run."""
        state = replace(self.state, **changes)
        if state != self.state:
            self.state = state
            self._app.run_worker(self._write, group="ui-state", thread=True)

    def save_now(self, **changes: Any) -> None:
        """Save `changes` before this returns."""
        self.state = replace(self.state, **changes)
        self._write()

    def _write(self) -> None:
        if self._file is not None:
            self._file.write(self.state)
