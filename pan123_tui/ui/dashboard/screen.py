"""The dashboard: the list of tasks and the keys that act on them."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from inspect import iscoroutine
from time import monotonic
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.getters import query_one
from textual.message import Message
from textual.screen import Screen

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.query import View
from pan123_tui.domain.shown import Shown, count_ended, count_shown
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard import other_screens
from pan123_tui.ui.dashboard.actions import ACTIONS
from pan123_tui.ui.dashboard.desk import Desk, Owner
from pan123_tui.ui.dashboard.list_state import ListState
from pan123_tui.ui.dashboard.status_bar import Place, StatusBar, StatusFacts
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.widgets.key_bar import KeyBar, KeyBarItem
from pan123_tui.wording.formats import number
from pan123_tui.wording.outcomes import batch_progress_text, since_text

TICK_S = 5.0
"""Interval of updates of ages and times left."""
HINT_S = 4.0
"""How long a reason is shown, and not repeated."""


class DashboardScreen(Screen[None]):
    """Shows the task model; a key runs one of the `ACTIONS`."""

    AUTO_FOCUS = "#tasks"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [it.binding for it in ACTIONS.values() if it.key]
    ALL_BINDINGS = tuple(action.binding for action in ACTIONS.values())
    """Also those without a key, which are found by their names."""

    status_bar = query_one(StatusBar)
    panel = query_one(TaskPanel)

    class Drawn(Message):
        """The first frame was drawn."""

    def __init__(self, owner: Owner) -> None:
        super().__init__()
        self.desk = Desk(self, owner)
        self._actions = owner.task_actions
        self._model = owner.model
        self._options = owner.options
        self._clock = owner.clock
        self._visible_ids: tuple[int, ...] = ()
        self._changes = owner.link.changes
        self._is_drawn = self._is_clipboard_started = self._is_recomposing = False
        self._key_facts: tuple[bool, tuple[int, ...]] = False, ()
        """What of the engine's status the key bar depends on."""
        self._left_at = owner.memory.state.seen_at
        """When a screen was looked at last, before this one; 0: it does not matter any more."""
        self._ended: Counter[Shown] | None = None
        """How many tasks have ended since then, once they are counted."""
        self._hint, self._hint_until = "", 0.0
        self._counted: tuple[object, Mapping[str, int]] = (None, {})
        """The chosen tasks, and how many of them each action is for."""
        self._list_state = ListState(owner.memory.state.query)
        self._is_detail_open = owner.memory.state.is_detail_open

    def compose(self) -> ComposeResult:
        keys, options = self._actions.keys, self._options
        yield TaskPanel(
            self._model,
            self._list_state,
            clock=self._clock,
            keys=keys,
            is_detail_open=self._is_detail_open,
            checks_arrivals=options.checks_arrivals,
            prober=self.desk.owner.link_prober,
        )
        yield StatusBar(
            Place(
                is_demo=options.is_demo,
                host=options.host,
                profile=options.profile,
                login_key="" if options.is_demo or options.host else keys["app.settings"],
                login_variable=options.login_variable,
                redirect_key=keys["tasks.edit"],
                pause_key=keys["queue.pause"],
                poll_key=keys["tasks.poll"],
            )
        )
        yield KeyBar(self.key_bar_items)

    def on_mount(self) -> None:
        self._tick_timer = self.set_interval(TICK_S, self._tick, name="tick", pause=True)
        self._show_status()

    def begin(self, links: str) -> None:
        """Review `links`, or welcome somebody who has no account yet."""
        owner = self.desk.owner
        if owner.draft_file is not None and owner.draft_file.exists():
            text = _("Links wait in the draft: {key}")
            self.desk.say(text.format(key=self._actions.keys["links.add"]))
        if links:
            self.post_message(events.Paste(links))
        elif owner.live_settings.has_no_account:
            self.action_act("app.welcome")

    async def reload_language(self) -> None:
        """Recompose in the current language; query, cursor and marks stay.

        Must be called by this screen's own message loop, so that messages of the new widgets wait.
        """
        self._changes.unsubscribe(self)
        self._tick_timer.pause()  # it would not find the widgets
        self._is_recomposing = True
        cursor, marked = self.table.cursor_task_id, self.table.marks.ids
        self._is_detail_open = self.panel.is_detail_open
        await self.recompose()
        self._is_recomposing = False
        self.panel.refresh_all()
        self.table.marks.add(marked)
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

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` affects."""
        if not self._is_clipboard_started:  # it waits until the tasks are there
            self._is_clipboard_started = True
            self.call_after_refresh(self.desk.start_clipboard)
        self.panel.show_changes(change)
        self.table.marks.unmark_hidden(self._model.take_reopened())
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
            stalled=len(model.stalled),
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
            self.table.marks.unmark_hidden(self._model.take_reopened())
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
    def show_mark_count(self) -> None:
        self.status_bar.marked = len(self.table.marks.ids)
        self.refresh_bindings()

    def on_paste(self, event: events.Paste) -> None:
        """Review the links of a paste, but not of one into the filter bar."""
        if not self.query("FilterBar.-open FilterField:focus"):
            event.stop()
            self._run(other_screens.review_links(self.desk, event.text), alone="add")

    @on(TaskPanel.QueryChanged)
    def remember_query(self, event: TaskPanel.QueryChanged) -> None:
        """Save what the list shows for the next run."""
        query = event.query
        self.desk.owner.memory.save(
            view=query.view,
            search=query.search,
            sort=query.sort,
            reverse=query.reverse,
            is_detail_open=event.is_detail_open,
        )

    # Keys

    def action_act(self, action_id: str) -> None:
        """Run an action, or say why that is not possible now."""
        if self._is_recomposing:
            return
        action = ACTIONS[action_id]
        if reason := action.reason(self.desk):
            self._say_why_not(reason)
            return
        work = action.run(self.desk)
        if iscoroutine(work):
            self._run(work, alone=action.alone)

    def _run(self, work: Coroutine[Any, Any, None], *, alone: str) -> None:
        """Run `work` beside this screen, and end what still goes on in the group `alone`."""
        running = self._show_error_of(work)
        self.run_worker(running, group=alone or "action", exclusive=bool(alone))

    async def _show_error_of(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Pan123Error as error:
            self._actions.show_error(error)

    def _say_why_not(self, reason: str) -> None:
        """Show `reason`, once where a key is held down."""
        if reason != self._hint or monotonic() > self._hint_until:
            self._hint, self._hint_until = reason, monotonic() + HINT_S
            self.notify(reason, timeout=HINT_S, markup=False)

    def reason_not_to(self, action_id: str) -> str:
        """Return why an action is not possible now; empty if it is."""
        return ACTIONS[action_id].reason(self.desk) if action_id in ACTIONS else ""

    def key_bar_items(self) -> Iterator[KeyBarItem]:
        """Yield the usual keys that work now, or those for the marked tasks with their numbers."""
        if self._is_recomposing:
            return
        if self.table.marks.is_range_open:
            yield self._item("marks.range", _("mark up to here"))
        if not self.table.marks.ids:
            for action in ACTIONS.values():
                if action.is_usual and not action.reason(self.desk):
                    yield self._item(action.id)
            return
        for action_id, count in self._count_chosen().items():
            text = _("{action} {count}").format(
                action=_(ACTIONS[action_id].words), count=number(count)
            )
            yield self._item(action_id, text)
        yield self._item("view.back", _("unmark"))
        yield self._item("app.leave")

    def _count_chosen(self) -> Mapping[str, int]:
        """Return how many of the chosen tasks each action is for, without those for none."""
        chosen = self.desk.chosen
        if self._counted[0] is not chosen:  # it is asked for every move of the cursor
            found = {it.id: sum(map(it.counts, chosen)) for it in ACTIONS.values() if it.counts}
            self._counted = chosen, {name: count for name, count in found.items() if count}
        return self._counted[1]

    def _item(self, action_id: str, text: str = "") -> KeyBarItem:
        return KeyBarItem(
            self._actions.keys[action_id],
            text or _(ACTIONS[action_id].words),
            f"act({action_id!r})",
            is_global=action_id == "app.leave",
        )


DASHBOARD_PARTS = (DashboardScreen, TaskPanel, TaskTable)
"""The parts with key bindings that are active together on the dashboard."""
DETAIL_PARTS = (DashboardScreen, TaskPanel, TaskDetail)
"""The same while the details have the focus."""
