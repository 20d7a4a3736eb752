"""What the dashboard's actions work on, and with."""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from textual.screen import Screen

from pan123_tui.domain.commands import RestoreTasks
from pan123_tui.domain.task import Task
from pan123_tui.ui.dashboard.parts import Parts
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable

if TYPE_CHECKING:
    from pan123_tui.ui.file_actions import FileActions


class Desk:
    """The tasks that an action is for, and the parts that carry it out."""

    def __init__(
        self, screen: Screen[None], parts: Parts, *, show_clipboard: Callable[[], None]
    ) -> None:
        """`show_clipboard` shows whether it is being watched, and what was collected."""
        self.screen = screen
        self.parts = parts
        self._show_clipboard = show_clipboard
        self.app = parts.app
        self.engine = parts.engine
        self.model = parts.model
        self.removals: list[RestoreTasks] = []
        """What undo brings back, the latest first."""
        self.removing = asyncio.Lock()
        """Held while a removal or its undo is in progress."""
        self.offer_to_undo = ""
        """The text of the latest one."""
        self.is_clipboard_open = False
        self._chosen: tuple[object, tuple[Task, ...]] = (None, ())
        """The chosen tasks, and what they depend on."""

    @property
    def panel(self) -> TaskPanel:
        """The list with its tabs and the details."""
        return self.screen.query_one(TaskPanel)

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        return self.panel.table

    @cached_property
    def files(self) -> "FileActions":
        """Acts on the files that arrived."""
        from pan123_tui.ui.file_actions import FileActions  # noqa: PLC0415 - rarely used

        parts = self.parts
        return FileActions(self.app, self.engine, parts.environ, parts.clock)

    # The tasks that an action is for

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor."""
        return self.model.tasks.get(self.table.cursor_id or 0)

    @property
    def chosen(self) -> tuple[Task, ...]:
        """The marked tasks, in the order shown, or the one under the cursor.

        They are kept until they change: every key shown asks for them, and ended tasks are encoded.
        """
        table = self.table
        order, marked, cursor = table.order, table.marks.ids, table.cursor_index
        depends_on = self.model.revision, order, marked, cursor
        if self._chosen[0] != depends_on:
            marked_ids = filter(marked.__contains__, order)
            ids = marked_ids if marked else order[cursor : cursor + 1]
            self._chosen = depends_on, tuple(self.engine.select(ids))
        return self._chosen[1]

    def take(self) -> tuple[Task, ...]:
        """Return the chosen tasks for a command; an open range ends at the cursor."""
        self.table.marks.close_range()
        return self.chosen

    # The clipboard

    @property
    def watch_reason(self) -> str:
        """Why the clipboard cannot be watched; empty if it can be, or is not open yet."""
        return self.parts.clipboard.disabled_reason if self.is_clipboard_open else ""

    def start_clipboard(self) -> None:
        """Open the clipboard, and watch it if the settings say so, unless it is open already."""
        if self.is_clipboard_open:
            return
        self.is_clipboard_open = True
        if self.parts.clipboard.should_watch:
            self.set_watch(is_wanted=True)

    def set_watch(self, *, is_wanted: bool) -> None:
        """Start or stop watching the clipboard, or say why it cannot be watched."""
        if not is_wanted:
            self.parts.clipboard.is_watching = False
            self.screen.workers.cancel_group(self.screen, "clipboard watch")
            self._show_clipboard()
        elif reason := self.parts.clipboard.disabled_reason:
            if self.screen.is_active:  # the settings show it below the switch
                self.app.notify(reason, severity="warning", markup=False)
        elif not self.parts.clipboard.is_watching:
            watching = self.parts.clipboard.watch(self._show_clipboard)
            self.screen.run_worker(watching, group="clipboard watch", exclusive=True)

    def take_collected(self) -> str:
        """Return and clear the links that the watch has collected."""
        collected = self.parts.clipboard.watcher.drain()
        self._show_clipboard()
        return collected
