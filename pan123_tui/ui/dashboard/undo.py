"""What the undo key brings back: removed tasks, and the order of the queue."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Any, cast

from textual.app import App

from pan123_tui.domain.commands import Command, RankTasks, RestoreTasks
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.task_actions import TaskActions
from pan123_tui.ui.textual_private import withdraw

UNDO_TOAST_S = 12.0
"""How long the undo is offered; it works until the program ends."""


class UndoStack:
    """The removals and moves of this run, of which the latest is undone first."""

    def __init__(self, app: App[Any], actions: TaskActions) -> None:
        self._app = app
        self._actions = actions
        self._undoable: list[RestoreTasks | RankTasks] = []
        self._text = ""
        """The latest offer to undo something."""
        self.going_on = asyncio.Lock()
        """Held while a removal or its undo is on its way."""

    @property
    def reason(self) -> str:
        """Why nothing can be undone; empty if something can."""
        is_possible = self._latest() is not None or self.going_on.locked()
        return "" if is_possible else _("There is nothing to undo.")

    def _latest(self) -> RestoreTasks | RankTasks | None:
        """Return what is undone next, without moves of links that are all sent."""
        while self._undoable:
            undo = self._undoable[-1]
            if isinstance(undo, RestoreTasks) or self._is_any_queued(undo.ranks):
                return undo
            self._undoable.pop()
        return None

    def _is_any_queued(self, ids: Collection[int]) -> bool:
        return any(task.state is TaskState.QUEUED for task in self._actions.select(ids))

    def offer(self, undo: RestoreTasks | RankTasks, text: str) -> None:
        """Offer in `text` that `undo` is carried out; it takes the place of the latest offer."""
        self._undoable.append(undo)
        withdraw(self._app, self._text)
        self._text = text
        self._app.notify(text, timeout=UNDO_TOAST_S, markup=False)

    async def undo(self) -> None:
        """Restore the tasks of the latest removal, or the order before the latest move."""
        async with self.going_on:
            undo = self._latest()
            if undo is None:
                self._actions.say(_("There is nothing to undo."))
                return
            restored = await self._actions.run(cast("Command[object]", undo))
            with suppress(ValueError):  # it goes where all its links were sent meanwhile
                self._undoable.remove(undo)
            withdraw(self._app, self._text)
        if isinstance(undo, RestoreTasks):
            self._actions.note_added(undo.tasks)
            count = len(undo.tasks)
            text = ngettext("{count} task is back.", "{count} tasks are back.", count)
            self._actions.say(text)
        elif restored:
            self._actions.say(_("The links are back in their places."))
        else:
            await self._actions.say_why_not(undo.ranks, _("These links have already been sent."))
