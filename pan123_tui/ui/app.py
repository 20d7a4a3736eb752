"""The application: the dashboard's frame, the engine's thread, and the way out."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic, time
from typing import ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal

from pan123_tui.config_sections import DEFAULT_BASE_URL, Clipboard
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.task import Draft
from pan123_tui.i18n import N_, _
from pan123_tui.paths import stylesheet
from pan123_tui.ui.bridge import Bridge
from pan123_tui.ui.clipboard.desk import ClipboardDesk, open_clipboard
from pan123_tui.ui.commands import key_sections, screen_commands
from pan123_tui.ui.desk import Desk
from pan123_tui.ui.driver import TerminalDriver, TerminalReplied, driver_for
from pan123_tui.ui.leaving import Departure
from pan123_tui.ui.look import Look
from pan123_tui.ui.mirror import Change, Mirror
from pan123_tui.ui.screens.add import AddScreen
from pan123_tui.ui.screens.dashboard import DashboardScreen
from pan123_tui.ui.screens.help import HelpScreen
from pan123_tui.ui.terminal import Terminal
from pan123_tui.ui.terminal_kind import abilities
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES

NOTHING_SET = Draft("")
NO_RULES = Clipboard()
PLAIN = Look()
PAINT_INTERVAL_S = 0.5
"""Progress is painted at most this often; what the user did is painted at once."""
LEAVE_S = 1.5
"""How long the engine may take to save and end when the user leaves."""


class Pan123App(App[int]):
    """The terminal dashboard; give it a bridge to an engine, and it does the rest."""

    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", N_("quit"), id="app.quit", priority=False),
        Binding("question_mark,f1", "help", N_("help"), id="app.help", key_display="?"),
        Binding("ctrl+c", "quit", N_("quit"), id="app.interrupt", show=False, priority=True),
    ]

    class EngineNews(Message):
        """The bridge has news."""

    class EngineFailed(Message):
        """The engine could not start, for a reason that the user can mend."""

        def __init__(self, error: Pan123Error) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        bridge: Bridge,
        *,
        look: Look = PLAIN,
        defaults: Draft = NOTHING_SET,
        draft_file: Path | None = None,
        base_url: str = DEFAULT_BASE_URL,
        clipboard_rules: Clipboard = NO_RULES,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__()
        self.bridge = bridge
        self.look = look
        self.defaults = defaults
        self.draft_file = draft_file
        self.base_url = base_url
        self.clipboard_rules = clipboard_rules
        self.environ = environ
        self.clock = clock
        self.mirror = Mirror()
        self.desk = Desk(self, bridge, self.mirror)
        self.changes: Signal[Change] = Signal(self, "changes")
        self.departure = Departure(save=self._save_in_a_hurry, leave=self._leave_from_outside)
        self.failure: Pan123Error | None = None
        """Why the engine could not start, after the app has left."""
        self._paint_at = 0.0
        self._is_paint_due = False

    def get_driver_class(self) -> type[Driver]:
        """Read the terminal in our own way."""
        return driver_for(super().get_driver_class())

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.look.theme if self.look.theme in self.available_themes else DEFAULT_THEME
        self.set_keymap(self.look.keymap)
        self._loop_of_screen = asyncio.get_running_loop()
        self.departure.watch()
        self.terminal = Terminal(self._writer(), abilities(self.environ))
        self.clipboard_desk = self._open_clipboard()
        self.push_screen(self._dashboard())
        self.call_after_refresh(self._run_engine)

    def _writer(self) -> Callable[[str], None] | None:
        """Give what writes to the terminal; None: there is none, as in a test."""
        driver = self._driver
        return None if driver is None or driver.is_headless else driver.write

    def _open_clipboard(self) -> ClipboardDesk:
        # Only our own driver takes the answers out of what is typed.
        is_ours = isinstance(self._driver, TerminalDriver)
        return open_clipboard(
            self,
            self.environ,
            self.clipboard_rules,
            base_url=self.base_url,
            terminal=self.terminal,
            ask=self._writer() if is_ours else None,
        )

    @on(TerminalReplied)
    def take_reply(self, event: TerminalReplied) -> None:
        """Hand what the terminal answers to whoever asked."""
        self.clipboard_desk.hear(event.reply)

    def hear_end_of_input(self) -> None:
        """Leave, because the terminal has gone; called on the thread that reads it."""
        self.departure.hurry()

    def _dashboard(self) -> DashboardScreen:
        return DashboardScreen(
            self.desk,
            self.mirror,
            self.changes,
            self.clipboard_desk,
            add_screen=self._add_screen,
            clock=self.clock,
            look=self.look,
        )

    def _add_screen(self, text: str) -> AddScreen:
        return AddScreen(
            submit=self._submit,
            known=lambda: self.mirror.tasks,
            defaults=self.defaults,
            text=text,
            draft_file=self.draft_file,
        )

    async def _submit(self, drafts: Sequence[Draft]) -> None:
        """Queue `drafts`, and show their rows in the same instant."""
        await self.desk.add(drafts)
        self.paint_news()

    @work(thread=True, group="engine", exit_on_error=True)
    def _run_engine(self) -> None:
        try:
            self.bridge.run(lambda: self.post_message(self.EngineNews()))
        except Pan123Error as error:
            self.post_message(self.EngineFailed(error))

    @on(EngineFailed)
    def give_up(self, event: EngineFailed) -> None:
        """Leave: without the engine there is nothing to show. Who runs the app says why."""
        self.failure = event.error
        self.exit(1)

    @on(EngineNews)
    def take_news(self) -> None:
        """Paint the news now, or when the next paint is due."""
        wait_s = self._paint_at - monotonic()
        if wait_s <= 0:
            self.paint_news()
        elif not self._is_paint_due:
            self._is_paint_due = True
            self.set_timer(wait_s, self.paint_news, name="paint")

    def paint_news(self) -> None:
        """Bring the mirror up to date and tell the widgets what changed."""
        self._is_paint_due = False
        interval_s = PAINT_INTERVAL_S * (4 if self.look.low_bandwidth else 1)
        self._paint_at = monotonic() + interval_s
        self.changes.publish(self.mirror.apply(self.bridge.collect()))

    async def action_quit(self) -> None:
        """Save, end the engine, and go; whatever hangs then is left behind."""
        if not await asyncio.to_thread(self.bridge.stop, LEAVE_S):
            self.departure.hurry()
        self.exit(0)

    def action_help(self) -> None:
        """Show every key that does something on this screen."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(key_sections(self, self.screen)))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action of the screen with its key, then what Textual itself brings."""
        yield from screen_commands(self, screen)
        if isinstance(screen, DashboardScreen):
            title, help_text = _("copy as curl command"), _("The token stays in its variable")
            yield SystemCommand(title, help_text, screen.action_copy_curl)
        yield from super().get_system_commands(screen)

    def _save_in_a_hurry(self, timeout_s: float) -> bool:
        has_ended = self.bridge.stop(timeout_s)
        if not has_ended:
            self.bridge.save_now()
        return has_ended

    def _leave_from_outside(self) -> None:
        self._loop_of_screen.call_soon_threadsafe(self.exit, 0)
