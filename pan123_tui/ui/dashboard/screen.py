"""The dashboard: the list of tasks and the keys that act on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.signal import Signal

from pan123_tui.config.state_files import UiState
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui import disabled_reasons
from pan123_tui.ui.dashboard.attachment_status import take_over_reason
from pan123_tui.ui.dashboard.clipboard_actions import (
    CLIPBOARD_BINDINGS,
    ClipboardActions,
    HasClipboard,
)
from pan123_tui.ui.dashboard.list_state import ListState
from pan123_tui.ui.dashboard.queue_status import poll_text
from pan123_tui.ui.dashboard.status_bar import StatusBar
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.keymap import DisabledActionHints, hint_action, with_hints
from pan123_tui.ui.task_actions import EditAsked, TaskActions, count_hidden
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
    Binding(
        "m",
        "redirect",
        N_("another folder"),
        id="tasks.redirect",
        tooltip=N_("Send the links whose folder is gone elsewhere, or make it again"),
        show=False,
    ),
    Binding("f5", "poll_now", N_("check now"), id="tasks.poll", show=False),
    Binding(
        "t",
        "take_over",
        N_("go on here"),
        id="engine.take_over",
        tooltip=N_("Take over the tasks where the program that ran the engine is lost"),
    ),
)


TICK_S = 5.0
"""Interval of updates of ages and times left."""

FIRST_KEYS = (
    *(
        "engine.take_over",
        "links.add",
        "tasks.retry",
        "tasks.edit",
        "tasks.remove",
        "tasks.undo",
        "table.select",
    ),
    *("marks.toggle", "view.search", "view.filter", "view.sort", "links.watch"),
)
"""The most useful keys, for a key bar where not all fit."""

_COUNTED_BY_KEY: Mapping[str, Callable[[Task], bool]] = {
    "tasks.retry": attrgetter("is_retryable"),
    "tasks.edit": attrgetter("is_editable"),
    "tasks.remove": lambda _task: True,
    "links.copy": lambda _task: True,
}
"""Which of the marked tasks a key acts on; the key bar shows their number."""


class DashboardScreen(DisabledActionHints, ClipboardActions):
    """Shows the task model; a key calls one of the task actions or a widget."""

    AUTO_FOCUS = "#tasks"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", N_("add links"), id="links.add"),
        *with_hints(*TASK_BINDINGS, *CLIPBOARD_BINDINGS),
        *map(hint_action, TaskTable.ACTIONS),
    ]

    panel = query_one(TaskPanel)
    status_bar = query_one(StatusBar)

    class Drawn(Message):
        """The first frame was drawn."""

    @dataclass
    class AddAsked(Message):
        """The links in `text` should be reviewed."""

        text: str

    @dataclass
    class RedirectAsked(Message):
        """The links for a missing folder should go elsewhere."""

        folder_id: int

    class FailuresAsked(Message):
        """The failures should be shown."""

    def __init__(
        self,
        actions: TaskActions,
        model: TaskModel,
        changes: Signal[ModelChange],
        owner: HasClipboard,
        *,
        clock: Callable[[], float],
        look: UiOptions,
        memory: UiState,
    ) -> None:
        super().__init__(owner)
        self._actions = actions
        self._visible_ids: tuple[int, ...] = ()
        self._model, self._changes = model, changes
        self._clock = clock
        self._options = look
        self._is_drawn = self._is_clipboard_started = False
        self._list_state = ListState(memory.query)
        self._is_detail_open = memory.is_detail_open

    def compose(self) -> ComposeResult:
        keys, options = self._actions.keys, self._options
        yield TaskPanel(
            self._model,
            self._list_state,
            clock=self._clock,
            keys=keys,
            window_rows=options.window_rows,
            is_detail_open=self._is_detail_open,
            checks_arrivals=options.checks_arrivals,
        )
        yield StatusBar(
            is_demo=options.is_demo,
            host=options.host,
            profile=options.profile,
            login_key="" if options.is_demo or options.host else keys["app.settings"],
            login_variable=options.login_variable,
            redirect_key=keys["tasks.redirect"],
            take_over_key=keys["engine.take_over"],
        )
        yield KeyBar(first=FIRST_KEYS, show_disabled=("links.watch",), describe=self._describe_key)

    def on_mount(self) -> None:
        self._tick_timer = self.set_interval(TICK_S, self._tick, name="tick", pause=True)
        self._show_status()

    async def reload_language(self) -> None:
        """Recompose in the current language; query, cursor and marks stay.

        Must be called by this screen's own message loop, so that messages of the new widgets wait.
        """
        self._changes.unsubscribe(self)
        cursor, marked = self.table.cursor_task_id, self.table.marked
        self._is_detail_open = self.panel.is_detail_open
        await self.recompose()
        self.panel.name_folders(self._model.folder_names)
        self.table.mark_all(marked)
        if cursor is not None:
            self.table.move_to(cursor)
        self._show_status()
        self._changes.subscribe(self, self.show_changes)
        self.refresh_bindings()

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        return self.panel.table

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` affects."""
        if not self._is_clipboard_started:  # it waits until the tasks are there
            self._is_clipboard_started = True
            self.call_after_refresh(self.start_clipboard)
        self.panel.show_changes(change)
        if change.folders_changed:
            self.panel.name_folders(self._model.folder_names)
        self._show_status()
        self._send_visible_ids()
        if change.is_more_than_progress or change.attachment_changed:
            self.refresh_bindings()

    def _show_status(self) -> None:
        model = self._model
        self.status_bar.attachment = model.attachment
        self.table.set_class(not model.attachment.is_reachable, "-lost")
        self.status_bar.show(
            model.status,
            model.counts,
            now=self._clock(),
            folder_names=model.folder_names if model.status.missing_folders else {},
            doubtful=model.doubtful_count,
        )

    def _tick(self) -> None:
        self.panel.tick()
        self._show_status()

    def on_screen_resume(self) -> None:
        """Show what has changed meanwhile, and subscribe to changes."""
        if not self._is_drawn:  # Textual draws it before this event
            self._is_drawn = True
            self.post_message(self.Drawn())
        self._changes.subscribe(self, self.show_changes)
        self._tick_timer.resume()
        if self._model.is_loaded:
            self.panel.name_folders(self._model.folder_names)
            self.panel.reveal(self._actions.take_added())
            self._show_status()
            self._send_visible_ids()
            self.refresh_bindings()

    def on_screen_suspend(self) -> None:
        """Unsubscribe under another screen, which each change would repaint as a whole."""
        self._changes.unsubscribe(self)
        self._tick_timer.pause()

    # Messages of the widgets

    @on(TaskTable.TaskHighlighted)
    def update_for_cursor(self) -> None:
        self.refresh_bindings()
        self._send_visible_ids()

    def _send_visible_ids(self) -> None:
        """Poll the tasks on the screen first."""
        visible = self.table.visible_ids()
        if visible != self._visible_ids:
            self._visible_ids = visible
            self._actions.set_visible(visible)

    @on(TaskTable.MarksChanged)
    def show_mark_count(self, event: TaskTable.MarksChanged) -> None:
        self.status_bar.marked = len(event.marked)
        self.refresh_bindings()

    @on(TaskPanel.QueryChanged)
    def show_held_rows(self) -> None:
        self.status_bar.held_rows = self.panel.held_rows

    def on_paste(self, event: events.Paste) -> None:
        """Review the links of a paste."""
        event.stop()
        self.open_add_screen(event.text)

    # Keys

    def disabled_reason(self, action: str, *parameters: object) -> str:
        reasons: dict[str, Callable[[], str]] = {
            "retry": lambda: disabled_reasons.retry_reason(self._chosen_tasks()),
            "edit": lambda: disabled_reasons.edit_reason(self._chosen_tasks()),
            "remove": lambda: disabled_reasons.selection_reason(self._chosen_tasks()),
            "copy_links": lambda: disabled_reasons.selection_reason(self._chosen_tasks()),
            "retry_failed": lambda: disabled_reasons.retry_failed_reason(self._model),
            "failures": lambda: disabled_reasons.retry_failed_reason(self._model),
            "copy_failed": lambda: disabled_reasons.retry_failed_reason(self._model),
            "clear": lambda: disabled_reasons.clear_reason(self._model, str(parameters[0])),
            "poll_now": lambda: disabled_reasons.poll_reason(self._model.counts),
            "take_over": lambda: take_over_reason(self._model.attachment, host=self._options.host),
            "redirect": lambda: "" if self._missing_folder else _("No folder is missing."),
            "undo": lambda: "" if self._actions.can_undo else _("There is nothing to undo."),
            "watch_clipboard": lambda: self.watch_disabled_reason,
        }
        if action in reasons:
            return reasons[action]()
        return "" if self.table.can_do(action) else disabled_reasons.no_task_reason()

    def requests_to_copy(self) -> list[DownloadRequest]:
        return [task.request for task in sorted(self._chosen_tasks(), key=attrgetter("id"))]

    def failed_links(self) -> list[str]:
        tasks = self._model.tasks.values()
        return [task.request.url for task in tasks if task.has_failed]

    def show_clipboard(self) -> None:
        self.status_bar.is_watching = self._clipboard.is_watching
        self.status_bar.collected = self._clipboard.collected

    def _chosen_tasks(self) -> list[Task]:
        """Return the marked tasks, else the one under the cursor."""
        cursor = self.table.cursor_task_id
        ids = self.table.marked or (() if cursor is None else (cursor,))
        return self._actions.select(ids)

    def _describe_key(self, binding: Binding) -> str:
        """Return what a key does to how many of the marked tasks; empty if no task is marked."""
        is_counted = _COUNTED_BY_KEY.get(binding.id or "")
        if is_counted is None or not self.table.marked:
            return ""
        count = formats.number(sum(map(is_counted, self._chosen_tasks())))
        return _("{action} {count}").format(action=_(binding.description), count=count)

    def action_add(self) -> None:
        self.open_add_screen(self.take_collected())

    def open_add_screen(self, text: str) -> None:
        self.post_message(self.AddAsked(text))

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        chosen = [task.id for task in self._chosen_tasks()]
        await self._actions.retry(chosen, of=len(self.table.marked), shown=self.table.order)

    @work(group="dialog", exclusive=True)
    async def action_retry_failed(self) -> None:
        await self._actions.retry_failed()

    def action_edit(self) -> None:
        if tasks := [task for task in self._chosen_tasks() if task.is_editable]:
            hidden = count_hidden(tasks, self.table.order)
            self.post_message(EditAsked(sorted(tasks, key=attrgetter("id")), hidden))

    @property
    def _missing_folder(self) -> int | None:
        """The missing folder of the task under the cursor, else the first one."""
        missing = self._model.status.missing_folders
        task = self._model.tasks.get(self.table.cursor_task_id or 0)
        if task is not None and task.folder_id in missing:
            return task.folder_id
        return missing[0] if missing else None

    def action_redirect(self) -> None:
        if (folder_id := self._missing_folder) is not None:
            self.post_message(self.RedirectAsked(folder_id))

    def action_failures(self) -> None:
        self.post_message(self.FailuresAsked())

    @work(group="dialog", exclusive=True)
    async def action_remove(self) -> None:
        chosen = [task.id for task in self._chosen_tasks()]
        await self._actions.remove(chosen, shown=self.table.order)

    @work(group="dialog", exclusive=True)
    async def action_clear(self, what: str) -> None:
        await self._actions.clear(what)

    @work(group="undo")
    async def action_undo(self) -> None:
        await self._actions.undo()

    @work(group="dialog", exclusive=True)
    async def action_take_over(self) -> None:
        await self._actions.take_over()

    @work(group="poll now", exclusive=True)
    async def action_poll_now(self) -> None:
        self.notify(poll_text(self._model.status), markup=False)
        await self._actions.poll_now()


DASHBOARD_PARTS = (DashboardScreen, TaskPanel, TaskTable)
"""The parts with key bindings that are active together on the dashboard."""
