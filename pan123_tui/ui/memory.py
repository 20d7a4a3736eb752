"""What the dashboard remembers from run to run: the query, and whether the details are open."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.app import App

from pan123_tui.config.state_files import UiState, UiStateFile
from pan123_tui.domain.query import Query


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
