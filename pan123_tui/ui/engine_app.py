"""The application's inside: the engine's thread, its news, and the way out."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from textual import on, work
from textual.message import Message
from textual.signal import Signal
from textual.timer import Timer

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import _
from pan123_tui.ui.appearance import LookingApp
from pan123_tui.ui.bridge import Bridge
from pan123_tui.ui.leaving import Departure
from pan123_tui.ui.look import Look
from pan123_tui.ui.mirror import Change, Mirror
from pan123_tui.ui.screens.confirm import ConfirmScreen

PAINT_INTERVAL_S = 1.0
"""Progress is painted at most this often; what the user did is painted at once."""
SLOW_LINE_INTERVAL_S = 2.0
"""The same over a slow line."""
LEAVE_S = 1.5
"""How long the engine may take to save and end when the user leaves."""


class EngineApp(LookingApp):
    """An application on an engine: mirrors its tasks, tells of changes, and ends it in order."""

    class EngineNews(Message):
        """The bridge has news."""

    @dataclass
    class EngineFailed(Message):
        """The engine could not start, for a reason that the user can mend."""

        error: Pan123Error

    def __init__(self, bridge: Bridge, look: Look, state_dir: Path | None) -> None:
        super().__init__(look, state_dir)
        self.bridge = bridge
        bridge.on_answer = self.paint_soon
        self.paint_interval_s = PAINT_INTERVAL_S
        self.mirror = Mirror()
        self.changes: Signal[Change] = Signal(self, "changes")
        self.departure = Departure(save=self._save_in_a_hurry, leave=self._leave_from_outside)
        self.failure: Pan123Error | None = None
        """Why the engine could not start, after the app has left."""
        self._paint_at = 0.0
        self._due_paint: Timer | None = None

    def watch_for_signals(self) -> None:
        """Leave in order when the system says so; call it on the screen's loop."""
        self._loop_of_screen = asyncio.get_running_loop()
        self.departure.watch()

    @work(thread=True, group="engine", exit_on_error=True)
    def run_engine(self) -> None:
        """Run the engine on a thread of its own until it ends."""
        try:
            self.bridge.run(self.announce_news)
        except Pan123Error as error:
            self.post_message(self.EngineFailed(error))

    def announce_news(self) -> None:
        """Have the news painted when that is due; called on the engine's thread."""
        self.post_message(self.EngineNews())

    def paint_soon(self) -> None:
        """Paint the news of a command that was carried out."""
        self.call_later(self.paint_news)

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
        elif self._due_paint is None:
            self._due_paint = self.set_timer(wait_s, self.paint_news, name="paint")

    def paint_news(self) -> None:
        """Bring the mirror up to date and tell the widgets what changed."""
        if self._due_paint is not None:
            self._due_paint.stop()
            self._due_paint = None
        is_slow = self.look.low_bandwidth
        self._paint_at = monotonic() + (SLOW_LINE_INTERVAL_S if is_slow else self.paint_interval_s)
        change = self.mirror.apply(self.bridge.collect())
        self.changes.publish(change)
        self.hear(change)

    def hear(self, change: Change) -> None:
        """Do more about `change` than the widgets do."""

    async def action_quit(self) -> None:
        """Leave; ask first where what would be lost cannot be saved."""
        is_asking = isinstance(self.screen, ConfirmScreen)
        if self.mirror.status.store_problem is None or is_asking:
            await self.leave()
        else:
            self._ask_before_leaving()

    @work(group="leave", exclusive=True)
    async def _ask_before_leaving(self) -> None:
        answer = ConfirmScreen(
            _("Leave, though nothing can be saved?"),
            yes=_("Leave"),
            no=_("Stay"),
            detail=_("What is new since the disk refused lives in memory only, and would be lost."),
        )
        if await self.push_screen_wait(answer):
            await self.leave()

    async def leave(self) -> None:
        """Save, end the engine, and go; whatever hangs then is left behind."""
        if not await asyncio.to_thread(self.bridge.stop, LEAVE_S):
            self.departure.hurry()
        self.exit(0)

    def _save_in_a_hurry(self, timeout_s: float) -> bool:
        has_ended = self.bridge.stop(timeout_s)
        if not has_ended:
            self.bridge.save_now()
        return has_ended

    def _leave_from_outside(self) -> None:
        self._loop_of_screen.call_soon_threadsafe(self.exit, 0)
