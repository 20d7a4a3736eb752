"""What the dashboard remembers from run to run: the query, and whether the details are open."""

from functools import partial
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

    def save(self, query: Query, *, is_detail_open: bool) -> None:
        """Save what the list shows for the next run."""
        state = replace(
            self.state,
            view=query.view,
            search=query.search,
            filter=query.filter,
            sort=query.sort,
            reverse=query.reverse,
            is_detail_open=is_detail_open,
        )
        if state != self.state:
            self.state = state
            if self._file is not None:
                write = partial(self._file.write, state)
                self._app.run_worker(write, group="ui-state", thread=True)
