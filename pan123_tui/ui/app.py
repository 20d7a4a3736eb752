"""The application: the dashboard's frame, the engine's thread, and the way out."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.task import Draft
from pan123_tui.i18n import N_, _
from pan123_tui.paths import stylesheet
from pan123_tui.settings import Settings
from pan123_tui.ui import screens
from pan123_tui.ui.appearance import LookingApp
from pan123_tui.ui.bridge import Bridge
from pan123_tui.ui.clipboard.desk import ClipboardDesk, open_clipboard
from pan123_tui.ui.commands import screen_commands
from pan123_tui.ui.desk import Desk
from pan123_tui.ui.driver import TerminalDriver, TerminalReplied, driver_for
from pan123_tui.ui.folder_desk import FolderDesk
from pan123_tui.ui.herald import Herald
from pan123_tui.ui.leaving import Departure
from pan123_tui.ui.link_tests import LinkTests, Probe
from pan123_tui.ui.look import Look
from pan123_tui.ui.mirror import Change, Mirror
from pan123_tui.ui.reception import Reception, default_folder
from pan123_tui.ui.screens.dashboard import DashboardScreen
from pan123_tui.ui.terminal import Terminal
from pan123_tui.ui.terminal_kind import abilities
from pan123_tui.ui.workshop import Workshop

if TYPE_CHECKING:
    from pan123_tui.ui.widgets.folder_field import FolderField

PLAIN = Look()
UNCHANGED = Settings()
PAINT_INTERVAL_S = 0.5
"""Progress is painted at most this often; what the user did is painted at once."""
LEAVE_S = 1.5
"""How long the engine may take to save and end when the user leaves."""


class Pan123App(LookingApp):
    """The terminal dashboard; give it a bridge to an engine, and it does the rest."""

    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", N_("quit"), id="app.quit", priority=False),
        Binding("question_mark,f1", "help", N_("help"), id="app.help", key_display="?"),
        Binding(
            "ctrl+p",
            "command_palette",
            N_("all actions"),
            id="app.palette",
            tooltip=N_("Search all actions"),
            show=False,
            priority=True,
        ),
        Binding("comma", "settings", N_("settings"), id="app.settings", show=False),
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
        settings: Settings = UNCHANGED,
        workshop: Workshop | None = None,
        state_dir: Path | None = None,
        probe: Probe | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__(look, state_dir)
        self.bridge = bridge
        self.settings = settings
        self.environ = environ
        self.clock = clock
        self.mirror = Mirror()
        self.desk = Desk(self, bridge, self.mirror)
        self.folders = FolderDesk(bridge, self.mirror)
        self.mirror.default_folder = default_folder(settings)
        self.reception = Reception(self, workshop) if workshop else None
        self.link_tests = LinkTests(probe)
        self.terminal = Terminal(self._write, abilities(environ))
        self.herald = Herald(self, self.mirror, self.terminal, settings.notify, is_ascii=look.ascii)
        self.changes: Signal[Change] = Signal(self, "changes")
        self.departure = Departure(save=self._save_in_a_hurry, leave=self._leave_from_outside)
        self.failure: Pan123Error | None = None
        """Why the engine could not start, after the app has left."""
        self.wants_demo = False
        """Whether the demo is to be shown after the app has left."""
        self._paint_at = 0.0
        self._is_paint_due = False

    def get_driver_class(self) -> type[Driver]:
        """Read the terminal in our own way."""
        return driver_for(super().get_driver_class())

    async def on_mount(self) -> None:
        self.put_on_look()
        self._loop_of_screen = asyncio.get_running_loop()
        self.departure.watch()
        self.terminal.open()
        self.departure.last_words = self.terminal.last_words
        self.clipboard_desk = self._open_clipboard()
        # Waited for: the first frame has everything, and there is no second one.
        await self.push_screen(self._dashboard())
        self.call_after_refresh(self._go_on)

    def _go_on(self) -> None:
        """Do after the first frame what need not come before it."""
        self._run_engine()
        self.check_keymap()
        if self.reception is not None and self.reception.is_welcome_due:
            self.welcome()

    def on_unmount(self) -> None:
        """Let go of the terminal, and of the engine too where a fault has ended the screen."""
        self.terminal.close()
        self.bridge.stop(0)

    async def on_event(self, event: events.Event) -> None:
        """Notice whether somebody is there, and whether the window is looked at."""
        if isinstance(event, events.InputEvent):
            self.herald.note_touch()
        elif isinstance(event, events.AppFocus | events.AppBlur):
            self.terminal.has_focus = isinstance(event, events.AppFocus)
        await super().on_event(event)

    def _write(self, sequence: str) -> None:
        if write := self._writer():
            write(sequence)

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
            self.settings.clipboard,
            base_url=self.settings.service.base_url,
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
            memory=self.memory,
        )

    def _add_screen(self, text: str) -> "screens.AddScreen":
        given = self.settings.defaults
        return screens.AddScreen(
            submit=self._submit,
            known=lambda: self.mirror.tasks,
            defaults=Draft("", folder_id=given.folder_id, callback_url=given.callback_url),
            text=text,
            draft_file=self.state_dir / "draft.txt" if self.state_dir else None,
            folder_names=lambda: self.mirror.folder_names,
        )

    @on(DashboardScreen.FailuresAsked)
    def open_failures(self) -> None:
        """Show what failed, by host."""
        screen = screens.FailuresScreen(
            self.desk,
            self.mirror,
            self.changes,
            self.link_tests,
            folder_names=lambda: self.folders.names,
            is_ascii=self.look.ascii,
        )
        self.push_screen(screen)

    async def _submit(self, drafts: Sequence[Draft]) -> None:
        """Queue `drafts`, and show their rows in the same instant."""
        await self.desk.add(drafts)
        self.folders.use(draft.folder_id for draft in drafts)
        self.paint_news()

    @work(group="choose-folder", exclusive=True)
    async def on_folder_field_browse_asked(self, event: "FolderField.BrowseAsked") -> None:
        """Let a folder be chosen for the field that asks for one."""
        field = event.field
        screen = screens.FolderScreen(self.folders, current=field.folder_id)
        pick = await self.push_screen_wait(screen)
        if pick is not None:
            field.take(pick.folder)

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
        change = self.mirror.apply(self.bridge.collect())
        self.changes.publish(change)
        self.herald.hear(change)

    async def action_quit(self) -> None:
        """Leave; ask first where what would be lost cannot be saved."""
        is_asking = isinstance(self.screen, screens.ConfirmScreen)
        if self.mirror.status.store_problem is None or is_asking:
            await self._leave()
        else:
            self._ask_before_leaving()

    @work(group="leave", exclusive=True)
    async def _ask_before_leaving(self) -> None:
        answer = screens.ConfirmScreen(
            _("Leave, though nothing can be saved?"),
            yes=_("Leave"),
            no=_("Stay"),
            detail=_("What is new since the disk refused lives in memory only, and would be lost."),
        )
        if await self.push_screen_wait(answer):
            await self._leave()

    async def _leave(self) -> None:
        """Save, end the engine, and go; whatever hangs then is left behind."""
        if not await asyncio.to_thread(self.bridge.stop, LEAVE_S):
            self.departure.hurry()
        self.exit(0)

    @work(group="dialog", exclusive=True)
    async def welcome(self) -> None:
        """Offer the ways to begin."""
        if self.reception is not None:
            await self.reception.welcome()

    @work(group="dialog", exclusive=True)
    async def action_settings(self) -> None:
        """Show the settings."""
        if self.reception is not None:
            await self.reception.open_settings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Open the settings from the dashboard only: dialogs go on where they are."""
        if action == "settings":
            return self.reception is not None and isinstance(self.screen, DashboardScreen)
        return True

    @work(group="leave", exclusive=True)
    async def leave_for_demo(self) -> None:
        """Leave, so that the demo can be shown in this one's place."""
        self.wants_demo = True
        await self._leave()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action of the screen with its key, and what has none."""
        yield from screen_commands(self, screen)
        if isinstance(screen, DashboardScreen):
            title, help_text = _("copy as curl command"), _("The token stays in its variable")
            yield SystemCommand(title, help_text, screen.action_copy_curl)
        if self.reception is not None and not self.look.is_demo:
            yield SystemCommand(_("welcome"), _("The ways to begin"), self.welcome)
        yield SystemCommand(_("theme"), _("Choose the colours"), self.search_themes)
        yield SystemCommand(
            _("screenshot"), _("Save what is shown as an SVG picture"), self.deliver_screenshot
        )

    def _save_in_a_hurry(self, timeout_s: float) -> bool:
        has_ended = self.bridge.stop(timeout_s)
        if not has_ended:
            self.bridge.save_now()
        return has_ended

    def _leave_from_outside(self) -> None:
        self._loop_of_screen.call_soon_threadsafe(self.exit, 0)
