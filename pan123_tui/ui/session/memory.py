"""What the dashboard remembers from run to run, and whether anybody is looking at it now."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.app import App

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.query import Query
from pan123_tui.system.private_files import write_private

FILE_NAME = "dashboard.json"
AWAY_S = 60.0
"""Idle time after which the user counts as away, if the terminal reports no focus."""


class UiState(Struct, frozen=True):
    """What the last run has shown."""

    query: Query = Query()
    is_detail_open: bool = False
    seen_at: float = 0.0
    """When a screen was last looked at (Unix seconds)."""
    is_login_put_off: bool = False


class Memory:
    """The state of the user interface, written when it changes."""

    def __init__(self, app: App[Any], state_dir: Path) -> None:
        self._app = app
        self._file = state_dir / FILE_NAME
        self._lock = Lock()
        self.state = UiState()  # also if the file is damaged
        with suppress(OSError, msgspec.MsgspecError):
            self.state = msgspec.json.decode(self._file.read_bytes(), type=UiState)

    def save(self, *, is_end: bool = False, **changes: Any) -> None:
        """Save `changes` to the state for the next run, at the end before this returns."""
        former, self.state = self.state, replace(self.state, **changes)
        if is_end:
            self._write()
        elif self.state != former:
            self._app.run_worker(self._write, group="ui-state", thread=True)

    def _write(self) -> None:
        with self._lock, suppress(OSError):
            write_private(self._file, msgspec.json.encode(self.state))


class Attention:
    """Follows keys and focus; saves, for the next screen, when the tasks were looked at."""

    def __init__(self, model: TaskModel, memory: Memory, clock: Callable[[], float]) -> None:
        self._model = model
        self._memory = memory
        self._clock = clock
        self._active_at = monotonic()
        self._has_focus: bool | None = None
        """Whether the window has the focus; None if the terminal has never reported it."""

    def follow(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._active_at = monotonic()
        elif isinstance(event, events.AppFocus | events.AppBlur):
            self.remember_seen()
            self._has_focus = isinstance(event, events.AppFocus)

    @property
    def is_nobody_looking(self) -> bool:
        """Whether another window has the focus, or no key has been pressed for long."""
        if self._has_focus is None:
            return monotonic() - self._active_at > AWAY_S
        return not self._has_focus

    def remember_seen(self, *, is_end: bool = False) -> None:
        if self._model.is_loaded and self._has_focus is not False:
            self._memory.save(is_end=is_end, seen_at=self._clock())
