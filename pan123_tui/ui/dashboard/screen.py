"""The dashboard: the tasks, what is under the cursor, and the keys that act on them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.signal import Signal

from pan123_tui.config.state_files import UiState
from pan123_tui.domain.task import FAILED_STATES, RETRYABLE_STATES, DownloadRequest, Task, TaskState
from pan123_tui.i18n import N_, _
from pan123_tui.ui import task_actions
from pan123_tui.ui.dashboard.clipboard_actions import (
    CLIPBOARD_BINDINGS,
    ClipboardActions,
    HasClipboard,
)
from pan123_tui.ui.dashboard.list_state import ListState
from pan123_tui.ui.dashboard.status_bar import StatusBar
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.keymap import DisabledActionHints, hint_action, with_hints
from pan123_tui.ui.task_actions import EditAsked, TaskActions
from pan123_tui.ui.task_model import ModelChange, TaskModel
from pan123_tui.ui.theme import UiOptions
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording import formats

TASK_BINDINGS = (
    Binding("r", "retry", N_("retry"), id="tasks.retry"),
    Binding("R", "retry_failed", N_("retry all failed"), id="tasks.retry_failed", show=False),
    Binding(
        "e",
        "edit",
        N_("edit"),
        id="tasks.edit",
        tooltip=N_("Edit the link, name or folder, then queue it again"),
    ),
    Binding(
        "F",
        "failures",
        N_("failures"),
        id="tasks.failures",
        tooltip=N_("What failed, by host: see why, test the link, retry"),
    ),
    Binding("d,delete", "remove", N_("remove"), id="tasks.remove"),
    Binding("u", "undo", N_("undo"), id="tasks.undo"),
    Binding(
        "c",
        "clear('succeeded')",
        N_("clear succeeded"),
        id="tasks.clear_succeeded",
        show=False,
    ),
    Binding(
        "C",
        "clear('finished')",
        N_("clear all finished"),
        id="tasks.clear_finished",
        show=False,
    ),
    Binding("f5", "poll_now", N_("poll now"), id="tasks.poll", show=False),
)


TICK_S = 5.0
"""How often ages and guesses at the time left are brought up to date."""

FIRST_KEYS = (
    *("links.add", "tasks.retry", "tasks.edit", "tasks.remove", "tasks.undo", "table.select"),
    *("marks.toggle", "view.search", "view.filter", "view.sort", "links.watch"),
)
"""The most useful keys, for a line where not all of them fit."""
_TOUCHED = {
    "tasks.retry": RETRYABLE_STATES,
    "tasks.remove": frozenset(TaskState),
    "links.copy": frozenset(TaskState),
}
"""The states that an action on marked tasks is for."""


class DashboardScreen(DisabledActionHints, ClipboardActions):
    """Shows the mirror as the query says; each key is one call of the desk or of a widget."""

    AUTO_FOCUS = "#tasks"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", N_("add links"), id="links.add"),
        *with_hints(*TASK_BINDINGS, *CLIPBOARD_BINDINGS),
        *map(hint_action, TaskTable.ACTIONS),
    ]

    browser = query_one(TaskPanel)
    status_bar = query_one(StatusBar)

    class Drawn(Message):
        """The first frame is on the screen."""

    @dataclass
    class AddAsked(Message):
        """The links in `text` are to be reviewed."""

        text: str

    class FailuresAsked(Message):
        """What failed is to be looked at."""

    def __init__(
        self,
        desk: TaskActions,
        model: TaskModel,
        changes: Signal[ModelChange],
        owner: HasClipboard,
        *,
        clock: Callable[[], float],
        look: UiOptions,
        memory: UiState,
    ) -> None:
        super().__init__(owner)
        self._desk = desk
        self._in_focus: tuple[int, ...] = ()
        self._model = model
        self._changes = changes
        self._clock = clock
        self._look = look
        self._is_drawn = self._is_begun = False
        self._list_state = ListState(memory.query)
        self._is_detail_open = memory.is_detail_open

    def compose(self) -> ComposeResult:
        yield TaskPanel(
            self._model,
            self._list_state,
            clock=self._clock,
            keys=self._desk.keys,
            window_rows=self._look.window_rows,
            is_detail_open=self._is_detail_open,
        )
        yield StatusBar(is_demo=self._look.is_demo)
        yield KeyBar(first=FIRST_KEYS, greyed=("links.watch",), say=self._say_key)

    def on_mount(self) -> None:
        self._ticking = self.set_interval(TICK_S, self._tick, name="tick", pause=True)
        self._show_status()

    async def speak_anew(self) -> None:
        """Be made anew, in the language in use now; what is looked at stays.

        To be called by this screen's own loop: what its widgets tell waits until they are there.
        """
        self._changes.unsubscribe(self)
        cursor, marked = self.table.cursor_task_id, self.table.marked
        self._is_detail_open = self.browser.is_detail_open
        await self.recompose()
        self.browser.name_folders(self._model.folder_names)
        self.table.mark_all(marked)
        if cursor is not None:
            self.table.move_to(cursor)
        self._show_status()
        self._changes.subscribe(self, self.show_changes)
        self.refresh_bindings()

    @property
    def table(self) -> TaskTable:
        """The table of the tasks."""
        return self.browser.table

    # What the engine tells

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` touches."""
        if not self._is_begun:  # the tasks are there: now what can wait for them
            self._is_begun = True
            self.call_after_refresh(self.begin_with_clipboard)
        self.browser.show_changes(change)
        if change.folders_changed:
            self.browser.name_folders(self._model.folder_names)
        self._show_status()
        self._tell_focus()
        if change.is_more_than_progress:
            self.refresh_bindings()

    def _show_status(self) -> None:
        self.status_bar.show(self._model.status, self._model.counts, now=self._clock())

    def _tick(self) -> None:
        self.browser.tick()
        self._show_status()

    def on_screen_resume(self) -> None:
        """Follow the engine from now on, from what it has told meanwhile."""
        if not self._is_drawn:  # Textual has just drawn it, before it comes here
            self._is_drawn = True
            self.post_message(self.Drawn())
        self._changes.subscribe(self, self.show_changes)
        self._ticking.resume()
        if self._model.is_loaded:
            self.browser.name_folders(self._model.folder_names)
            self._show_status()
            self._tell_focus()
            self.refresh_bindings()

    def on_screen_suspend(self) -> None:
        """Do nothing under another screen: each change would paint all of that one anew."""
        self._changes.unsubscribe(self)
        self._ticking.pause()

    # What the widgets tell

    @on(TaskTable.TaskHighlighted)
    def follow_cursor(self) -> None:
        self.refresh_bindings()
        self._tell_focus()

    def _tell_focus(self) -> None:
        """Have polled first what is on the screen, whether the cursor or the order moved."""
        visible = self.table.visible_ids()
        if visible != self._in_focus:
            self._in_focus = visible
            self._desk.set_visible(visible)

    @on(TaskTable.MarksChanged)
    def count_marks(self, event: TaskTable.MarksChanged) -> None:
        self.status_bar.marked = len(event.marked)
        self.refresh_bindings()

    @on(TaskPanel.QueryChanged)
    def show_window(self) -> None:
        self.status_bar.shown = self.browser.window

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere on the dashboard opens the input screen, filled."""
        event.stop()
        self.open_add_screen(event.text)

    # Keys

    def disabled_reason(self, action: str, *parameters: object) -> str:
        tallies = self._model.counts
        reasons: dict[str, Callable[[], str]] = {
            "retry": lambda: task_actions.retry_reason(self._chosen()),
            "edit": lambda: task_actions.edit_reason(
                self._model.tasks.get(self.table.cursor_task_id or 0)
            ),
            "remove": lambda: task_actions.selection_reason(self._chosen()),
            "copy_links": lambda: task_actions.selection_reason(self._chosen()),
            "retry_failed": lambda: task_actions.retry_failed_reason(tallies),
            "failures": lambda: task_actions.retry_failed_reason(tallies),
            "copy_failed": lambda: task_actions.retry_failed_reason(tallies),
            "clear": lambda: task_actions.clear_reason(tallies, str(parameters[0])),
            "poll_now": lambda: task_actions.poll_reason(tallies),
            "undo": lambda: "" if self._desk.can_undo else _("There is nothing to undo."),
            "watch_clipboard": lambda: self.why_no_watch,
        }
        if action in reasons:
            return reasons[action]()
        return "" if self.table.can_do(action) else task_actions.no_task_reason()

    def drafts_to_copy(self) -> list[DownloadRequest]:
        tasks = self._model.tasks
        return [tasks[task_id].request for task_id in sorted(self._touched()) if task_id in tasks]

    def failed_links(self) -> list[str]:
        tasks = self._model.tasks.values()
        return [task.request.url for task in tasks if task.state in FAILED_STATES]

    def show_clipboard(self) -> None:
        self.status_bar.is_watching = self._clipboard.is_watching
        self.status_bar.collected = self._clipboard.collected

    def _touched(self, states: Collection[TaskState] = frozenset(TaskState)) -> list[int]:
        """The tasks in `states` that an action touches: marked ones, else that under the cursor."""
        return [task.id for task in self._chosen() if task.state in states]

    def _chosen(self) -> list[Task]:
        """The marked tasks, or else the one under the cursor."""
        cursor = self.table.cursor_task_id
        ids = self.table.marked or (() if cursor is None else (cursor,))
        return self._desk.select(ids, frozenset(TaskState))

    def _say_key(self, binding: Binding) -> str:
        """Say how many of the marked tasks a key would touch."""
        states = _TOUCHED.get(binding.id or "")
        if states is None or not self.table.marked:
            return ""
        count = formats.number(len(self._touched(states)))
        return _("{action} {count}").format(action=_(binding.description), count=count)

    def action_add(self) -> None:
        self.open_add_screen(self.take_collected())

    def open_add_screen(self, text: str) -> None:
        """Have what is in `text` reviewed."""
        self.post_message(self.AddAsked(text))

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        marked = len(self.table.marked)
        await self._desk.retry(self._touched(RETRYABLE_STATES), of=marked)

    @work(group="dialog", exclusive=True)
    async def action_retry_failed(self) -> None:
        await self._desk.retry_failed()

    def action_edit(self) -> None:
        if (task := self._desk.editable(self.table.cursor_task_id)) is not None:
            self.post_message(EditAsked(task))

    def action_failures(self) -> None:
        self.post_message(self.FailuresAsked())

    @work(group="dialog", exclusive=True)
    async def action_remove(self) -> None:
        await self._desk.remove(self._touched())

    @work(group="dialog", exclusive=True)
    async def action_clear(self, what: str) -> None:
        await self._desk.clear(what)

    @work(group="dialog", exclusive=True)
    async def action_undo(self) -> None:
        await self._desk.undo()

    @work(group="poll now", exclusive=True)
    async def action_poll_now(self) -> None:
        self.notify(_("Asking for everything now."), markup=False)
        await self._desk.poll_now()


DASHBOARD_PARTS = (DashboardScreen, TaskPanel, TaskTable)
"""What has keys of its own on the dashboard, in the table."""
