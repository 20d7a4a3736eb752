"""The engine's updates: applied to the model, and painted at most once a second."""

import asyncio
from functools import partial
from time import monotonic
from typing import Any

from textual.signal import Signal

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.client.updates import AttachmentState
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.terminal.textual_private import TerminalApp

PAINT_INTERVAL_S = 1.0
"""Shortest time between two paints of progress; a command's effects are painted at once."""
END_TIMEOUT_S = 3.0
"""Longest wait for the engine's answer when the user ends the engine."""


class EngineLink:
    """Applies an engine's updates to the model, and publishes what they changed."""

    def __init__(self, app: TerminalApp[Any], client: EngineClient) -> None:
        self._app = app
        self.client = client
        client.on_update = partial(app.call_later, self._paint_in_time)
        client.on_command_done = partial(app.call_later, self.paint)
        self.interval_s = PAINT_INTERVAL_S
        self.model = TaskModel()
        self.changes: Signal[ModelChange] = Signal(app, "changes")
        self._next_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    def _paint_in_time(self) -> None:
        """Paint the updates now, or when the next paint is due."""
        wait_s = self._next_at - monotonic()
        if wait_s <= 0:
            self.paint()
        elif self._alarm is None:
            self._alarm = self._app.call_in(wait_s, self.paint)

    def paint(self) -> None:
        """Apply the updates to the model and publish what changed."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        change = self.model.apply(self.client.drain())
        # The status may come before the tasks, which must not wait for it, nor the later for the
        # first ones.
        waits = self.model.is_loaded and self.model.is_complete
        self._next_at = monotonic() + self.interval_s if waits else 0.0
        self.changes.publish(change)

    async def end_engine(self, *, is_here: bool) -> bool:
        """End the engine and return whether it has ended; a lost one is not started for this.

        `is_here`: it runs on this machine, where one that nobody can reach is gone.
        """
        state = self.model.attachment.state
        if state is AttachmentState.ENDED:
            return True
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self.client.call(StopEngine())
        except (Pan123Error, TimeoutError):
            return state is AttachmentState.LOST and is_here
        return True
