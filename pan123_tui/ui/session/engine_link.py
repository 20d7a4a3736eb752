"""The engine, as the screens use it: its updates, applied to the model, and commands to it."""

import asyncio
from collections.abc import Collection, Iterable
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from textual.notifications import SeverityLevel
from textual.signal import Signal

from pan123_tui.client.engine_client import Attachment, AttachmentState, EngineClient
from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.domain.commands import Command, StopEngine
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _
from pan123_tui.terminal.textual_private import TerminalApp, withdraw
from pan123_tui.wording.actions import already_removed
from pan123_tui.wording.problems import explain_problem

ERROR_S = 15.0
PAINT_INTERVAL_S = 1.0
"""Shortest time between two paints of progress; a command's effects are painted at once."""
END_TIMEOUT_S = 3.0
"""Longest wait for the engine's answer when the user ends the engine."""
_T = TypeVar("_T")


def lost_word(attachment: Attachment) -> str:
    """Return, in a few words, why the engine cannot be reached and carries out no commands."""
    words = {
        AttachmentState.CONNECTING: _("connecting"),
        AttachmentState.SILENT: _("engine does not answer"),
        AttachmentState.ENDED: _("engine ended"),
    }
    return words.get(attachment.state, _("lost the background process"))


class EngineLink:
    """Applies the engine's updates to the model, publishes what changed, and sends commands."""

    def __init__(self, app: TerminalApp[Any], client: EngineClient) -> None:
        self._app = app
        self.client = client
        client.on_update = partial(app.call_later, self.paint, is_due=False)
        client.on_command_done = partial(app.call_later, self.paint)
        self.interval_s = PAINT_INTERVAL_S
        self.model = TaskModel()
        """The tasks and folders as the engine has them."""
        self.changes: Signal[ModelChange] = Signal(app, "changes")
        self._next_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self.added: frozenset[int] = frozenset()
        """What the user added or brought back since the last pass, so that it is revealed."""

    def paint(self, *, is_due: bool = True) -> None:
        """Apply the updates to the model and publish what changed, now or once that `is_due`."""
        wait_s = self._next_at - monotonic()
        if not is_due and wait_s > 0:
            self._alarm = self._alarm or self._app.call_in(wait_s, self.paint)
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        news = self.client.drain()
        if not news:  # what precedes an answer may be painted already
            return
        change = self.model.apply(*news)
        # The status may come before the tasks, which must not wait for it, nor the later for the
        # first ones.
        waits = self.model.is_loaded and self.model.is_complete
        self._next_at = monotonic() + self.interval_s if waits else 0.0
        self.changes.publish(change)

    async def end_engine(self, *, is_here: bool) -> bool:
        """End the engine; return whether it has ended: if lost, it has where it `is_here`."""
        state = self.model.attachment.state
        if state is AttachmentState.ENDED:
            return True
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self.client.call(StopEngine())
        except (Pan123Error, TimeoutError):
            return state is AttachmentState.LOST and is_here
        return True

    async def ask(self, command: Command[_T]) -> _T:
        """Do as `run`, but hold no keys back; the model has the effects."""
        result = await self.client.call(command)
        await self.effects_shown()
        return result

    async def run(self, command: Command[_T]) -> _T:
        """Have `command` carried out and return its result; raises a `Pan123Error`.

        If the engine does not answer, this is said; the next keys are for what it will do.
        """
        attachment = self.model.attachment
        if not attachment.is_reachable and attachment.trouble is not None:
            self.say(explain_problem(attachment.trouble).text, severity="warning")
        elif attachment.state is AttachmentState.SILENT:
            text = _("The engine does not answer: this will be done once it does.")
            self.say(text, severity="warning")
        with self._app.type_ahead.holding():
            return await self.client.call(command)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show a message, only once if a held key repeats it."""
        withdraw(self._app, text)
        self._app.notify(text, severity=severity, markup=False)

    def select(self, ids: Iterable[int]) -> list[Task]:
        tasks = (self.model.tasks.get(task_id) for task_id in ids)
        return [task for task in tasks if task is not None]

    async def effects_shown(self) -> None:
        """Wait until the model has the effects of the commands carried out so far."""
        shown = asyncio.Event()
        self._app.call_later(shown.set)
        await shown.wait()

    async def say_why_not(self, ids: Collection[int], otherwise: str) -> None:
        """Say why a command changed none of `ids`: they are gone, or else `otherwise`."""
        await self.effects_shown()
        self.say(otherwise if self.select(ids) else already_removed(len(ids)))

    def show_error(self, error: Pan123Error) -> None:
        text = explain_problem(error.problem).text
        self._app.notify(text, severity="error", timeout=ERROR_S, markup=False)
