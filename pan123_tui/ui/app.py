"""The application: the dashboard's frame, the engine's thread, and the way out."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time
from typing import ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal

from pan123_tui.domain.task import Draft
from pan123_tui.i18n import N_
from pan123_tui.paths import stylesheet
from pan123_tui.ui.bridge import Bridge
from pan123_tui.ui.commands import key_sections, screen_commands
from pan123_tui.ui.desk import Desk
from pan123_tui.ui.leaving import Departure
from pan123_tui.ui.mirror import Change, Mirror
from pan123_tui.ui.screens.add import AddScreen
from pan123_tui.ui.screens.dashboard import DashboardScreen
from pan123_tui.ui.screens.help import HelpScreen
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES

NOTHING_SET = Draft("")
PAINT_INTERVAL_S = 0.5
"""Progress is painted at most this often; what the user did is painted at once."""
LEAVE_S = 1.5
"""How long the engine may take to save and end when the user leaves."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the screen is drawn."""

    theme: str = DEFAULT_THEME
    ascii: bool = False
    low_bandwidth: bool = False
    window_rows: int = 500
    keymap: dict[str, str] = field(default_factory=dict)
    is_demo: bool = False


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

    def __init__(
        self,
        bridge: Bridge,
        *,
        look: Look = Look(),
        defaults: Draft = NOTHING_SET,
        draft_file: Path | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__()
        self.bridge = bridge
        self.look = look
        self.defaults = defaults
        self.draft_file = draft_file
        self.clock = clock
        self.mirror = Mirror()
        self.desk = Desk(self, bridge, self.mirror)
        self.changes: Signal[Change] = Signal(self, "changes")
        self.departure = Departure(save=self._save_in_a_hurry, leave=self._leave_from_outside)
        self._paint_at = 0.0
        self._is_paint_due = False

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.look.theme if self.look.theme in self.available_themes else DEFAULT_THEME
        self.set_keymap(self.look.keymap)
        self._loop_of_screen = asyncio.get_running_loop()
        self.departure.watch()
        self.push_screen(self._dashboard())
        self.call_after_refresh(self._run_engine)

    def _dashboard(self) -> DashboardScreen:
        return DashboardScreen(
            self.desk,
            self.mirror,
            self.changes,
            add_screen=self._add_screen,
            clock=self.clock,
            window_rows=self.look.window_rows,
            is_ascii=self.look.ascii,
            is_demo=self.look.is_demo,
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
        self.bridge.run(lambda: self.post_message(self.EngineNews()))

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
        yield from super().get_system_commands(screen)

    def _save_in_a_hurry(self, timeout_s: float) -> bool:
        has_ended = self.bridge.stop(timeout_s)
        if not has_ended:
            self.bridge.save_now()
        return has_ended

    def _leave_from_outside(self) -> None:
        self._loop_of_screen.call_soon_threadsafe(self.exit, 0)
