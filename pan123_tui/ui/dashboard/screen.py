"""The dashboard: the list of tasks and the keys that act on them."""

from collections import Counter
from collections.abc import Coroutine, Iterator
from inspect import iscoroutine
from math import inf
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.getters import query_one
from textual.reactive import var

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.query import View
from pan123_tui.domain.shown import Shown, count_ended
from pan123_tui.i18n import _
from pan123_tui.terminal.textual_private import UncutScreen
from pan123_tui.ui.dashboard import other_screens
from pan123_tui.ui.dashboard.actions import ACTIONS, Action
from pan123_tui.ui.dashboard.desk import Desk
from pan123_tui.ui.dashboard.parts import Parts
from pan123_tui.ui.dashboard.status_bar import StatusBar, StatusFacts
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.keymap import full_width_key, key_of
from pan123_tui.ui.session.engine_commands import ERROR_S
from pan123_tui.ui.widgets.key_bar import KeyBar, KeyBarItem
from pan123_tui.wording.engine import keeps_account
from pan123_tui.wording.formats import number
from pan123_tui.wording.notes import batch_progress_text, outcome_text, since_text

TICK_S = 5.0
"""How often ages and times left are updated."""
READ_S = 60.0
"""How long what ended before the start is still said while the user works."""


class DashboardScreen(UncutScreen[None]):
    """Shows the task model; a key runs one of the `ACTIONS`."""

    AUTO_FOCUS = "#tasks"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [it.binding for it in ACTIONS.values() if it.key]
    ALL_BINDINGS = tuple(action.binding for action in ACTIONS.values())
    """Including those without a key, which are found by their names."""

    facts: var[StatusFacts] = var(StatusFacts(), init=False, bindings=True)
    """What the status bar shows; whatever changes it may enable a key, or disable it."""

    panel = query_one(TaskPanel)
    table = query_one(TaskTable)

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts = parts
        self.desk = Desk(self, parts, show_clipboard=self._show_status)
        self._is_recomposing = False
        self._left_at = self.parts.memory.state.seen_at
        """When a screen was last looked at, before this one; 0: it no longer matters."""
        self._read_by = inf
        """When that has been read: a minute after the first key."""
        self._ended: Counter[Shown] | None = None
        """How many tasks have ended since then, once that is counted."""

    def compose(self) -> ComposeResult:
        yield TaskPanel(self.parts)
        yield StatusBar().data_bind(DashboardScreen.facts)
        yield KeyBar(self.key_bar_items)

    def on_mount(self) -> None:
        self._tick_timer = self.set_interval(TICK_S, self._tick, name="tick", pause=True)
        self.parts.live_settings.account_kept.subscribe(self, self.say_account_kept)
        self._show_status()

    def begin(self, links: str) -> None:
        """Review `links`, or welcome a user who has no account yet and has not put that off."""
        if self.facts.draft:
            text = _("Links wait in the draft: {key} shows them")
            self.desk.engine.say(text.format(key=self.desk.engine.keys["links.add"]))
        if links:
            other_screens.review_links(self.desk, links)
        elif not self.parts.live_settings.has_no_account:
            self.parts.memory.save(is_login_put_off=False)
        elif not self.parts.memory.state.is_login_put_off:
            self._run(other_screens.welcome(self.desk), alone="welcome")

    async def reload_language(self) -> None:
        """Recompose in the current language; query, cursor and marks stay.

        Call it in this screen's own message loop, so that messages of the new widgets wait.
        """
        self._is_recomposing = True
        self._tick_timer.pause()  # it would not find its widgets
        cursor, marked = self.table.cursor_id, self.table.marks.ids
        other_order = self.panel.list_state.other_order
        await self.recompose()
        self.panel.list_state.other_order = other_order
        self._is_recomposing = False
        self.panel.refresh_all()
        self.table.marks.add(marked)
        if cursor is not None:
            self.table.move_to(cursor)
        self._show_status()
        self._tick_timer.resume()
        self.refresh_bindings()

    def show_changes(self, change: ModelChange) -> None:
        """Repaint what `change` affects; where nothing is seen of it, this waits."""
        if self._is_recomposing:
            return
        is_behind_dialog = self.app.screen.is_modal and self in self.app.screen_stack[-2:]
        if not (self.is_active or is_behind_dialog):
            return
        if not self.desk.is_clipboard_open:  # wait until the tasks are there
            self.call_after_refresh(self.desk.start_clipboard)
        self.panel.show_changes(change)
        self._show_status()

    @on(TaskTable.MarksChanged)
    def _show_status(self) -> None:
        if self._is_recomposing:
            return
        model, now = self.desk.model, self.parts.clock()
        clipboard = self.parts.clipboard if self.desk.is_clipboard_open else None
        status, batch = model.status, model.newest_batch
        is_sending = not status.is_paused and status.hold is None
        left_s = batch.left_s(model.tasks, now) if is_sending else None
        self.table.set_class(not model.attachment.is_reachable, "-lost")
        self.facts = StatusFacts(
            status=status,
            counts=dict(model.counts),
            now=now,
            attachment=model.attachment,
            is_complete=model.is_complete,
            folder_names=model.folder_names if status.missing_folders else {},
            batch=tuple(
                batch_progress_text(batch.name, batch.counts, now, left_s=left_s, is_short=it)
                for it in (False, True)
                if batch.counts.total() > 1
            ),
            draft=other_screens.count_drafted(self.desk),
            since=self._since_texts(now),
            marked=len(self.table.marks.ids),
            is_covered=not self.is_active,
            is_watching=bool(clipboard and clipboard.is_watching),
            collected=clipboard.watcher.collected if clipboard else 0,
            origin=self.parts.origin,
            keys=self.desk.engine.keys,
        )

    def _since_texts(self, now: float) -> tuple[str, ...]:
        """Return what ended while nobody was looking, until that has been read."""
        model, is_unread = self.desk.model, now < self._read_by
        if self._left_at and is_unread and model.is_loaded and model.is_complete:
            if self._ended is None:
                self._ended = count_ended(model.tasks, since=self._left_at)
            if self._ended:
                key = self.desk.engine.keys[self._shows_ended]
                shows = _("press {key} to see").format(key=key)
                full = since_text(self._left_at, self._ended, now=now)
                short = outcome_text(self._ended)
                return f"{full} · {shows}", f"{full} · {key}", f"{short} · {key}", short
        return ()

    @property
    def _shows_ended(self) -> str:
        """The action that shows what ended while nobody was looking, or the worst of it."""
        is_bad = self._ended and (self._ended[Shown.FAILED] or self._ended[Shown.UNSURE])
        return f"view.show_{View.TROUBLE if is_bad else View.DONE}"

    def on_key(self, event: events.Key) -> None:
        """Take a full-width sign of an input method as the key that was meant."""
        self._begin_to_read()
        if key := full_width_key(event.character or ""):
            event.stop()
            self.app.call_next(self.app.simulate_key, key)  # a key comes from the app

    def on_click(self) -> None:
        self._begin_to_read()

    def _begin_to_read(self) -> None:
        """Say for a minute more what ended before: the user is here."""
        if self.desk.model.is_complete:
            self._read_by = min(self._read_by, self.parts.clock() + READ_S)

    def _tick(self) -> None:
        self.panel.tick()
        self._show_status()

    def on_screen_resume(self) -> None:
        """Show what changed meanwhile."""
        self._tick_timer.resume()
        if self.desk.model.is_loaded:
            self.panel.refresh_all()
            self.panel.reveal_added()
            self._show_status()

    def on_screen_suspend(self) -> None:
        self._tick_timer.pause()
        self._show_status()

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine still uses the account of its `variable`."""
        engine = self.desk.model.attachment
        text = keeps_account(engine.program, engine.pid, variable)
        self.notify(text, severity="warning", timeout=ERROR_S, markup=False)

    # Messages of the widgets

    @on(TaskTable.TaskHighlighted)
    @on(TaskTable.MarksChanged)
    def update_for_choice(self) -> None:
        self.refresh_bindings()

    def on_paste(self, event: events.Paste) -> None:
        """Review the links of a paste, unless it goes into the search line."""
        if not self.query("FilterBar.-open FilterField:focus"):
            event.stop()
            other_screens.review_links(self.desk, event.text)

    # Keys

    def action_act(self, action_id: str) -> None:
        """Run an action, or say why that is not possible now."""
        if self._is_recomposing:
            return
        action = ACTIONS[action_id]
        if action_id in ("view.back", self._shows_ended):
            self._left_at = 0.0
            self._show_status()
        if reason := action.reason(self.desk):
            self.desk.engine.say(reason)
            return
        work = action.run(self.desk)
        if iscoroutine(work):
            self._run(work, alone=action.alone)

    def _run(self, work: Coroutine[Any, Any, None], *, alone: str) -> None:
        """Run `work` beside this screen; end what is still running in the group `alone`."""
        running = self._show_error_of(work)
        self.run_worker(running, group=alone or "action", exclusive=bool(alone))

    async def _show_error_of(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Pan123Error as error:
            self.desk.engine.show_error(error)

    def reason_not_to(self, action_id: str) -> str:
        """Return why an action is not possible now; empty if it is possible."""
        return ACTIONS[action_id].reason(self.desk) if action_id in ACTIONS else ""

    def other_words(self, action_id: str) -> str:
        """Return other words for an action, by which it is found."""
        return ACTIONS[action_id].also if action_id in ACTIONS else ""

    def key_bar_items(self) -> Iterator[KeyBarItem]:
        """Yield the usual keys that work now or, with marks, those for them with their counts."""
        if self._is_recomposing:
            return
        if self.table.marks.is_range_open:
            yield self._item("marks.range", _("mark up to here"))
        if is_reading := self.panel.detail.has_focus:
            keys = " ".join(key_of(self, f"detail.{it}") for it in ("up", "down"))
            yield KeyBarItem(keys, _("scroll"), "focused.scroll_down")
            yield self._item("tasks.details", _("close"))
        if not self.table.marks.ids:
            for action in ACTIONS.values():
                is_enter = action.id == "tasks.details"
                is_first = is_enter and is_reading
                if action.is_usual and not is_first and not action.reason(self.desk):
                    text = _("scroll") if is_enter and self.panel.is_detail_open else ""
                    yield self._item(action.id, text)
            return
        for action in ACTIONS.values():
            if count := sum(map(action.counts, self.desk.chosen)) if action.counts else 0:
                text = _("{action} {count}")
                text = text.format(action=self._words(action), count=number(count))
                yield self._item(action.id, text)
        yield self._item("view.back", _("unmark"))
        yield self._item("app.leave")

    def _item(self, action_id: str, text: str = "") -> KeyBarItem:
        return KeyBarItem(
            self.desk.engine.keys[action_id],
            text or self._words(ACTIONS[action_id]),
            f"act({action_id!r})",
            is_global=action_id == "app.leave",
        )

    def _words(self, action: Action) -> str:
        """Return what an action does to the chosen tasks."""
        if action.unsure_words and action.counts:
            acted_on = filter(action.counts, self.desk.chosen)
            if all(task.is_unsure for task in acted_on):
                return _(action.unsure_words)
        return _(action.words)


KEY_OWNERS = (DashboardScreen, TaskTable, TaskDetail)
"""What has keys on the dashboard."""
