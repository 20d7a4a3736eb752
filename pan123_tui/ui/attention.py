"""Whether somebody looks at the tasks, and when that was last."""

from collections.abc import Callable
from time import monotonic

from textual import events

from pan123_tui.client.task_model import TaskModel
from pan123_tui.ui.memory import Memory

AWAY_S = 60.0
"""Idle time after which the user counts as away, where the terminal reports no focus."""


class Attention:
    """Follows keys and focus, and saves for the next screen when the tasks were looked at."""

    def __init__(self, model: TaskModel, memory: Memory, clock: Callable[[], float]) -> None:
        self._model = model
        self._memory = memory
        self._clock = clock
        self._active_at = monotonic()
        self._has_focus: bool | None = None
        """Whether the window has the focus; None if the terminal has never reported it."""

    def follow(self, event: events.Event) -> None:
        """Take notice of the user's input and of the window's focus."""
        if isinstance(event, events.InputEvent):
            self._active_at = monotonic()
        elif isinstance(event, events.AppFocus | events.AppBlur):
            self.remember_look()
            self._has_focus = isinstance(event, events.AppFocus)

    @property
    def is_nobody_looking(self) -> bool:
        """Whether another window has the focus, or nobody has pressed a key for long."""
        if self._has_focus is None:
            return monotonic() - self._active_at > AWAY_S
        return not self._has_focus

    def remember_look(self, *, is_end: bool = False) -> None:
        """Save that the tasks are looked at."""
        if self._model.is_loaded and self._has_focus is not False:
            self._memory.save(is_end=is_end, seen_at=self._clock())
