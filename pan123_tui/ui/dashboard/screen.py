"""The dashboard: the list of tasks and the keys that act on them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.signal import Signal

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.config.state_files import UiState
from pan123_tui.domain.query import View
from pan123_tui.domain.shown import Shown, count_ended, count_shown
from pan123_tui.i18n import N_, _
from pan123_tui.ui import disabled_reasons
from pan123_tui.ui.dashboard.arrival_keys import ARRIVAL_BINDINGS, ArrivalKeys, HasFiles
from pan123_tui.ui.dashboard.batch_keys import BATCH_BINDINGS, BatchKeys
from pan123_tui.ui.dashboard.clipboard_actions import CLIPBOARD_BINDINGS
from pan123_tui.ui.dashboard.list_state import ListState
from pan123_tui.ui.dashboard.queue_keys import QUEUE_BINDINGS, QueueKeys
from pan123_tui.ui.dashboard.status_bar import Place, StatusBar, StatusFacts
from pan123_tui.ui.dashboard.task_keys import FIRST_KEYS, TASK_BINDINGS
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.keymap import DisabledActionHints, hint_action, with_hints
from pan123_tui.ui.task_actions import TaskActions
from pan123_tui.ui.theme import UiOptions
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.outcomes import batch_progress_text, since_text

TICK_S = 5.0
"""Interval of updates of ages and times left."""


class DashboardScreen(DisabledActionHints, ArrivalKeys, BatchKeys, QueueKeys):
    """Shows the task model; a key calls one of the task actions or a widget."""

    AUTO_FOCUS = "#tasks"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", N_("add links"), id="links.add"),
        *with_hints(
            *TASK_BINDINGS, *BATCH_BINDINGS, *QUEUE_BINDINGS, *ARRIVAL_BINDINGS, *CLIPBOARD_BINDINGS
        ),
        *map(hint_action, (*TaskTable.ACTIONS, *TaskPanel.ACTIONS)),
    ]

    status_bar = query_one(StatusBar)

    class Drawn(Message):
        """The first frame was drawn."""

    @dataclass
    class AddAsked(Message):
        """The links in `text` should be reviewed."""

        text: str

    def __init__(
        self,
        actions: TaskActions,
        model: TaskModel,
        changes: Signal[ModelChange],
        owner: HasFiles,
        *,
        clock: Callable[[], float],
        look: UiOptions,
        memory: UiState,
    ) -> None:
        super().__init__(owner, actions, model, look, clock=clock)
        self._visible_ids: tuple[int, ...] = ()
        self._changes = changes
        self._is_drawn = self._is_clipboard_started = False
        self._key_facts: tuple[bool, tuple[int, ...]] = False, ()
        """What of the engine's status the key bar depends on."""
        self._left_at = memory.seen_at
        """When a screen was looked at last, before this one; 0: it does not matter any more."""
        self._ended: Counter[Shown] | None = None
        """How many tasks have ended since then, once they are counted."""
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
            Place(
                is_demo=options.is_demo,
                host=options.host,
                profile=options.profile,
                login_key="" if options.is_demo or options.host else keys["app.settings"],
                login_variable=options.login_variable,
                redirect_key=keys["tasks.redirect"],
                pause_key=keys["queue.pause"],
                poll_key=keys["tasks.poll"],
            )
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
        self._tick_timer.pause()  # it would not find the widgets
        self.is_recomposing = True
        cursor, marked = self.table.cursor_task_id, self.table.marked
        self._is_detail_open = self.panel.is_detail_open
        await self.recompose()
        self.is_recomposing = False
        self.panel.refresh_all()
        self.table.mark_all(marked)
        if cursor is not None:
            self.table.move_to(cursor)
        self._show_status()
        self._changes.subscribe(self, self.show_changes)
        self._tick_timer.resume()
        self.refresh_bindings()

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        return self.panel.table

    @property
    def is_narrowed(self) -> bool:
        """Whether a search is in use."""
        return bool(self.panel.list_state.query.search)

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` affects."""
        if not self._is_clipboard_started:  # it waits until the tasks are there
            self._is_clipboard_started = True
            self.call_after_refresh(self.start_clipboard)
        self.panel.show_changes(change)
        self.table.unmark_hidden(self._model.take_reopened())
        self._show_status()
        self._send_visible_ids()
        facts = self._model.status.is_paused, self._model.status.missing_folders
        if change.is_more_than_progress or change.attachment_changed or facts != self._key_facts:
            self._key_facts = facts
            self.refresh_bindings()

    @property
    def has_acted(self) -> asyncio.Event:
        """Set unless a command is being carried out: the next keys are meant for what it does."""
        return self._actions.has_acted

    def _show_status(self) -> None:
        model, now = self._model, self._clock()
        status, batch = model.status, model.newest_batch
        is_sending = not status.is_paused and status.hold is None
        left_s = batch.left_s if is_sending else None
        self.table.set_class(not model.attachment.is_reachable, "-lost")
        self.status_bar.facts = StatusFacts(
            status=status,
            counts=count_shown(model.counts),
            now=now,
            attachment=model.attachment,
            is_complete=model.is_complete,
            folder_names=model.folder_names if status.missing_folders else {},
            batch=(
                batch_progress_text(batch.name, batch.counts, now, left_s=left_s)
                if batch.counts.total() > 1
                else ""
            ),
            since=self._since_text(now),
        )

    def _since_text(self, now: float) -> str:
        """Return what has ended while no screen looked, until the user does something."""
        if self._left_at and self._model.is_loaded and self._model.is_complete:
            if self._ended is None:
                self._ended = count_ended(self._model.tasks, since=self._left_at)
            if self._ended:
                is_bad = self._ended[Shown.FAILED] or self._ended[Shown.UNSURE]
                key = self._actions.keys[f"view.show_{View.TROUBLE if is_bad else View.DONE}"]
                shows = _("{key} shows them").format(key=key)
                return f"{since_text(self._left_at, self._ended, now=now)} · {shows}"
        return ""

    def _end_absence(self) -> None:
        """Forget what had ended before: the user is here."""
        if self._left_at and self._model.is_complete:
            self._left_at = 0.0
            self._show_status()

    def on_key(self) -> None:
        self._end_absence()

    def on_click(self) -> None:
        self._end_absence()

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
            self.panel.refresh_all()
            self.table.unmark_hidden(self._model.take_reopened())
            self.panel.reveal(self._actions.take_added())
            self._show_status()
            self._send_visible_ids()
            self.refresh_bindings()

    def on_screen_suspend(self) -> None:
        """Unsubscribe under another screen, which each change would repaint as a whole."""
        self._changes.unsubscribe(self)
        self.panel.list_state.miss_changes()
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

    def on_paste(self, event: events.Paste) -> None:
        """Review the links of a paste, but of one into the filter bar once that is closed."""
        if not self.query("FilterBar.-open FilterField:focus"):
            event.stop()
            self.open_add_screen(event.text)

    # Keys

    def disabled_reason(self, action: str, *parameters: object) -> str:
        if reason := self.reasons().get(action):
            return reason(*parameters)
        if not self.table.can_do(action):
            return disabled_reasons.no_task_reason()
        return self.panel.disabled_reason(action)

    def show_clipboard(self) -> None:
        self.status_bar.is_watching = self._clipboard.is_watching
        self.status_bar.collected = self._clipboard.collected

    def action_add(self) -> None:
        self.open_add_screen(self.take_collected())

    @work(group="undo")
    async def action_undo(self) -> None:
        """Undo the latest removal or move, and go to what is back."""
        await self._actions.undo()
        self.refresh_bindings()
        if self.is_active:  # else it is shown when this screen is uncovered
            self.panel.reveal(self._actions.take_added())

    def open_add_screen(self, text: str) -> None:
        self.post_message(self.AddAsked(text))


DASHBOARD_PARTS = (DashboardScreen, TaskPanel, TaskTable)
"""The parts with key bindings that are active together on the dashboard."""
