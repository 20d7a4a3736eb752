"""What the actions of the dashboard work on and with."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from textual.screen import Screen

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.task import Task
from pan123_tui.ui.dashboard.status_bar import StatusBar
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.task_actions import TaskActions

if TYPE_CHECKING:
    from pan123_tui.ui.clipboard.controller import ClipboardController
    from pan123_tui.ui.file_actions import FileActions
    from pan123_tui.ui.link_probe import LinkProber


class Owner(Protocol):
    """The application, which makes each of these when it is first used."""

    @property
    def clipboard_controller(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""

    @property
    def file_actions(self) -> "FileActions":
        """Acts on the files that arrived."""

    @property
    def link_prober(self) -> "LinkProber":
        """Tests links."""

    @property
    def settings_reason(self) -> str:
        """Why there are no settings to open; empty if there are."""

    def action_settings(self) -> object:
        """Open the settings."""

    def welcome(self) -> object:
        """Show the ways to begin."""

    def open_manual(self) -> None:
        """Show the manual."""

    def leave(self) -> None:
        """End this program; the engine goes on."""

    async def leave_and_end(self) -> None:
        """End this program and the engine."""


class Desk:
    """The tasks that an action is for, and the parts that carry it out."""

    def __init__(
        self,
        screen: Screen[None],
        owner: Owner,
        actions: TaskActions,
        model: TaskModel,
        *,
        clock: Callable[[], float],
    ) -> None:
        self.screen = screen
        self.actions = actions
        self.model = model
        self.clock = clock
        self.pauses_asked: tuple[bool, ...] = ()
        """What the key for the pause has asked for and the model does not show yet."""
        self.owner = owner
        self._chosen: tuple[object, tuple[Task, ...]] = (None, ())
        """What the chosen tasks depend on, and these."""

    @property
    def panel(self) -> TaskPanel:
        """The list with its tabs and the details."""
        return self.screen.query_one(TaskPanel)

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        return self.panel.table

    @property
    def files(self) -> "FileActions":
        """Acts on the files that arrived."""
        return self.owner.file_actions

    @property
    def prober(self) -> "LinkProber":
        """Tests links."""
        return self.owner.link_prober

    @cached_property
    def clipboard(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""
        return self.owner.clipboard_controller

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
        bar = self.screen.query_one(StatusBar)
        bar.is_watching = self.clipboard.is_watching
        bar.collected = self.clipboard.collected
