"""What the actions of the dashboard work on and with."""

from functools import cached_property
from typing import TYPE_CHECKING

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.task import Task
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.undo import UndoStack
from pan123_tui.ui.task_actions import TaskActions

if TYPE_CHECKING:
    from pan123_tui.ui.app import Pan123App
    from pan123_tui.ui.clipboard.controller import ClipboardController
    from pan123_tui.ui.dashboard.screen import DashboardScreen
    from pan123_tui.ui.file_actions import FileActions


class Desk:
    """The tasks that an action is for, and the parts that carry it out."""

    def __init__(self, screen: "DashboardScreen", app: "Pan123App") -> None:
        self.screen = screen
        self.app = app
        self.actions: TaskActions = app.task_actions
        self.model: TaskModel = app.model
        self.undo = UndoStack(app, app.task_actions)
        self.pauses_asked: tuple[bool, ...] = ()
        """What the key for the pause has asked for and the model does not show yet."""
        self._chosen: tuple[object, tuple[Task, ...]] = (None, ())
        """What the chosen tasks depend on, and these."""

    @property
    def panel(self) -> TaskPanel:
        """The list with its tabs and the details."""
        return self.screen.panel

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        return self.screen.panel.table

    @cached_property
    def clipboard(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""
        return self.app.clipboard_controller

    @cached_property
    def files(self) -> "FileActions":
        """Acts on the files that arrived."""
        from pan123_tui.ui.file_actions import FileActions  # noqa: PLC0415 - rarely used

        app = self.app
        return FileActions(app, app.client, self.model, self.actions, app.environ, app.clock)

    def say(self, text: str) -> None:
        """Show a message."""
        self.screen.notify(text, markup=False)

    # The tasks that an action is for

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor."""
        return self.model.tasks.get(self.table.cursor_task_id or 0)

    @property
    def chosen(self) -> tuple[Task, ...]:
        """The marked tasks, oldest first, else the one under the cursor.

        They are kept until they change: every key that is shown asks, and ended tasks are encoded.
        """
        cursor = self.table.cursor_task_id
        ids = self.table.marked or frozenset(() if cursor is None else (cursor,))
        depends_on = self.model.revision, ids
        if self._chosen[0] != depends_on:
            self._chosen = depends_on, tuple(self.actions.select(sorted(ids)))
        return self._chosen[1]

    def take(self) -> tuple[Task, ...]:
        """Return the chosen tasks for a command, which ends an open range at the cursor."""
        self.table.close_range()
        return self.chosen

    # The clipboard

    @property
    def watch_reason(self) -> str:
        """Why the clipboard cannot be watched; empty if it can or is not opened yet."""
        return self.clipboard.disabled_reason if "clipboard" in self.__dict__ else ""

    def start_clipboard(self) -> None:
        """Open the clipboard, and watch it if the settings say so."""
        if self.clipboard.should_watch:
            self.watch_clipboard()
        self.screen.refresh_bindings()

    def watch_clipboard(self) -> None:
        """Watch the clipboard until that is stopped, or until it fails."""
        watching = self.clipboard.watch(self.show_clipboard)
        self.screen.run_worker(watching, group="clipboard watch", exclusive=True)

    def stop_watching(self) -> None:
        """End the watch of the clipboard."""
        self.clipboard.stop_watching()
        self.screen.workers.cancel_group(self.screen, "clipboard watch")
        self.show_clipboard()

    def take_collected(self) -> str:
        """Return and clear what the watch has collected."""
        collected = self.clipboard.drain()
        self.show_clipboard()
        return collected

    def show_clipboard(self) -> None:
        """Show whether the clipboard is watched, and how many links were collected."""
        bar = self.screen.status_bar
        bar.is_watching = self.clipboard.is_watching
        bar.collected = self.clipboard.collected
