"""The dashboard: the list of tasks and the keys that act on them."""

from collections.abc import Coroutine, Iterator
from inspect import iscoroutine
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import app, query_one

from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import _, key_name, key_of
from pan123_tui.terminal.textual_private import UncutScreen
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.dashboard import open_screens
from pan123_tui.ui.dashboard.actions import ACTIONS, Action
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.keymap import bindings_of, check_keys, full_width_key
from pan123_tui.ui.session.engine_link import ERROR_S
from pan123_tui.ui.widgets.key_bar import KeyBar, KeyBarItem
from pan123_tui.wording.engine import keeps_account

TICK_S = 5.0
"""How often ages and times left are updated."""
KEY_WARNING_S = 15.0


class DashboardScreen(UncutScreen[None]):
    """Shows the task model; a key runs one of the `ACTIONS`."""

    AUTO_FOCUS = "#tasks"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (140, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [it.binding for it in ACTIONS.values() if it.key]

    app = app(Pan123App)
    panel = query_one(TaskPanel)
    table = query_one(TaskTable)

    def compose(self) -> ComposeResult:
        yield TaskPanel()
        yield KeyBar(self.key_bar_items)

    def on_mount(self) -> None:
        self._tick_timer = self.set_interval(TICK_S, self.panel.tick, name="tick", pause=True)
        self.app.live_settings.account_kept.subscribe(self, self.say_account_kept)
        self.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Say what is wrong with the settings, and begin with a review or a welcome."""
        app, settings = self.app, self.app.live_settings.current
        # One message: a short screen shows only the newest.
        of_keys = check_keys(settings.keys, known_bindings())
        if warnings := "\n".join((*settings.warnings, *of_keys)):
            self.notify(warnings, severity="warning", timeout=KEY_WARNING_S, markup=False)
        if app.draft_file.exists() and app.drafts.read().count:
            app.engine.say(_("Links wait in the draft: {links.add} shows them."))
        if app.links:
            open_screens.review_links(self.panel, app.links)
        elif (
            app.live_settings.is_account_fixed
            or app.live_settings.account.kind is not AccountKind.NONE
        ):
            app.memory.save(is_login_put_off=False)
        elif not app.memory.state.is_login_put_off:
            self.run_worker(self._show_error_of(open_screens.welcome(self.panel)), group="welcome")

    def on_screen_resume(self) -> None:
        self._tick_timer.resume()
        self.panel.is_seen = True
        self.panel.tick()

    def on_screen_suspend(self) -> None:
        self._tick_timer.pause()
        self.panel.is_seen = self.app.screen.is_modal
        self.panel.request()

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine still uses the account of its `variable`."""
        engine = self.app.model.attachment
        text = keeps_account(engine.program, engine.pid, variable)
        self.notify(text, severity="warning", timeout=ERROR_S, markup=False)

    def on_key(self, event: events.Key) -> None:
        """Take a full-width sign of an input method as the key that was meant."""
        self.panel.begin_to_read()
        if key := full_width_key(event.character or ""):
            event.stop()
            self.app.call_next(self.app.simulate_key, key)  # a key comes from the app

    def on_click(self) -> None:
        self.panel.begin_to_read()

    def on_paste(self, event: events.Paste) -> None:
        """Review the links of a paste, unless it goes into the search line."""
        if not self.query("FilterBar.-open FilterField:focus"):
            event.stop()
            open_screens.review_links(self.panel, event.text)

    # Keys

    def action_act(self, action_id: str) -> None:
        """Run an action, or say why that is not possible now."""
        action = ACTIONS[action_id]
        if self.panel.since.follow(action_id):
            self.panel.request()
        if reason := action.reason(self.panel):
            self.app.engine.say(reason)
            return
        work = action.run(self.panel)
        if iscoroutine(work):
            group = action.alone or "action"
            self.run_worker(self._show_error_of(work), group=group, exclusive=bool(action.alone))

    async def _show_error_of(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Pan123Error as error:
            self.app.engine.show_error(error)

    def all_actions(self) -> Iterator[tuple[Binding, str, str]]:
        """Return each action, why it is not possible now, and other words for it."""
        return ((it.binding, it.reason(self.panel), it.also) for it in ACTIONS.values())

    def key_bar_items(self) -> Iterator[KeyBarItem]:
        """Yield the usual keys, always at their places; one without effect now is dimmed."""
        for action in ACTIONS.values():
            if action.is_usual:
                yield self._item(action)

    def _item(self, action: Action) -> KeyBarItem:
        return KeyBarItem(
            self._key(action.id),
            self._words(action),
            f"act({action.id!r})",
            is_global=action.id == "app.leave",
            is_dimmed=bool(action.reason(self.panel)),
        )

    def _key(self, action_id: str) -> str:
        own = key_name(_OWN_KEYS[action_id], is_ascii=self.app.appearance.is_ascii)
        return key_of(action_id) or own

    def _words(self, action: Action) -> str:
        if action.unsure_words and action.counts:
            acted_on = filter(action.counts, self.panel.chosen)
            if all(task.is_unsure for task in acted_on):
                return _(action.unsure_words)
        return _(action.words)


KEY_OWNERS = (DashboardScreen, TaskTable, TaskDetail)


def known_bindings() -> list[Binding]:
    """Return the bindings of the dashboard and the app, which the user may change."""
    return bindings_of(*KEY_OWNERS, Pan123App)


_OWN_KEYS = {binding.id: binding.key.split(",")[0] for binding in known_bindings()}
