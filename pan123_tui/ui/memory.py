"""What the dashboard remembers from run to run: the query, and whether the details are open."""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from textual.app import App

from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.system.private_files import write_private


class UiState(Struct, frozen=True):
    """View and order of the last run."""

    view: View = View.ALL
    search: str = ""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False
    is_detail_open: bool = False
    seen_at: float = 0.0
    """When a screen was looked at last (Unix seconds)."""

    @property
    def query(self) -> Query:
        """The query that the dashboard starts with."""
        return Query(self.view, self.search, self.sort, self.reverse)


def read_state(state_dir: Path | None) -> UiState:
    """Return the state that was saved in a folder, the default one if it is missing or damaged."""
    with suppress(OSError, msgspec.MsgspecError):
        if state_dir is not None:
            return msgspec.json.decode(_file(state_dir).read_bytes(), type=UiState)
    return UiState()


def write_state(state_dir: Path | None, state: UiState) -> None:
    """Save `state` in a folder; errors are ignored, as there is nothing to do about them."""
    with suppress(OSError):
        if state_dir is not None:
            write_private(_file(state_dir), msgspec.json.encode(state))


def _file(state_dir: Path) -> Path:
    return state_dir / "dashboard.json"


class Memory:
    """The state of the user interface, written where it changes; forgotten without a folder."""

    def __init__(self, app: App[Any], state_dir: Path | None) -> None:
        self._app = app
        self._folder = state_dir
        self._lock = Lock()
        self.state = read_state(state_dir)

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
        with self._lock:
            write_state(self._folder, self.state)
