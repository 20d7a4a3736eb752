"""The application: its screens, and the settings, clipboard and terminal they share."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.widgets import Input

from pan123_tui.client.task_model import ModelChange
from pan123_tui.config import gc_pause
from pan123_tui.config.paths import stylesheet
from pan123_tui.i18n import N_, _
from pan123_tui.ui.app_screens import ScreensApp
from pan123_tui.ui.dashboard.screen import DashboardScreen
from pan123_tui.ui.dialogs.help import ActionPalette, screen_commands
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.task_actions import ERROR_S
from pan123_tui.ui.terminal.driver import TerminalReplied, driver_for
from pan123_tui.ui.terminal.sign_width import WIDTH_QUERY
from pan123_tui.wording.problems import explain_problem


class Pan123App(ScreensApp):
    """The terminal dashboard on an engine."""

    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", N_("quit"), id="app.quit"),
        Binding("q", "leave_screen", N_("back"), id="app.quit", show=False),
        Binding(
            "Q",
            "quit_and_end",
            N_("quit and end the engine"),
            id="app.end",
            tooltip=N_("Quit and end the engine: nothing is sent or checked any more"),
            show=False,
        ),
        Binding("question_mark,f1", "help", N_("help"), id="app.help"),
        Binding(
            "ctrl+p",
            "command_palette",
            N_("all actions"),
            id="app.palette",
            tooltip=N_("Search all actions"),
            show=False,
            priority=True,
        ),
        Binding(
            "comma",
            "settings",
            N_("settings"),
            id="app.settings",
            show=False,
            tooltip=N_("Settings: log in (account, token), language, theme, folders"),
        ),
        Binding("ctrl+c", "interrupt", N_("quit"), id="app.interrupt", show=False, priority=True),
        Binding("ctrl+z", "explain_no_stop", show=False),
        Binding("ctrl+l", "redraw", N_("redraw"), id="app.redraw", show=False, priority=True),
    ]

    wants_demo = False
    """Whether to start the demo after this app has closed."""
    links = ""
    """What the command line names: it is reviewed at the start, as a paste is."""

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that reads the terminal."""
        return driver_for(super().get_driver_class())

    async def on_mount(self) -> None:
        self.apply_options()
        self.watch_for_signals()
        if not self.options.ascii:
            self._write(WIDTH_QUERY)

    def get_default_screen(self) -> Screen[None]:
        """Return the dashboard."""
        return DashboardScreen(
            self.task_actions,
            self.model,
            self.changes,
            self,
            clock=self.clock,
            look=self.options,
            memory=self.ui_state,
        )

    @on(DashboardScreen.Drawn)
    def start_after_first_frame(self) -> None:
        """Start what the first frame does not need: the connection, the title, the checks."""
        self.stay_connected()
        self.terminal.open()
        self.watchdog.restore_sequence = self.terminal.restore_sequence
        self.check_keymap()
        if self.links:
            self.keep_paste(self.links)
        if (settings := self.settings_controller) and settings.has_no_account:
            self.welcome()
        else:
            self.deliver_pastes()

    def on_unmount(self) -> None:
        """Restore the terminal."""
        self.terminal.close()

    def handle_change(self, change: ModelChange) -> None:
        """Notify the user of tasks that have ended."""
        if change.archive_loaded:
            # The start is complete: no more large numbers of long-lived objects are created.
            self.call_after_refresh(gc_pause.resume)
        self.notifier.on_event(change)
        trouble = self.model.attachment.trouble
        if change.attachment_changed and self.model.attachment.is_reachable and trouble:
            text = explain_problem(trouble).text
            self.notify(text, severity="error", timeout=ERROR_S, markup=False)
        if change.settings_saved:
            self.reload_settings()

    @work(group="reload settings", exclusive=True)
    async def reload_settings(self) -> None:
        """Load the settings that a screen or a command has saved, and go on with its account."""
        from pan123_tui.ui.settings.account_dialog import WelcomeScreen

        if (settings := self.settings_controller) is not None:
            await settings.reload()
            if isinstance(self.screen, WelcomeScreen):  # a covered one looks when it is in front
                self.screen.close_after_login()

    async def on_event(self, event: events.Event) -> None:
        """Record the user's activity and the window's focus."""
        if isinstance(event, events.InputEvent):
            self.notifier.record_activity()
        elif isinstance(event, events.AppFocus | events.AppBlur):
            self.terminal.has_focus = isinstance(event, events.AppFocus)
        await super().on_event(event)

    @on(TerminalReplied)
    def forward_reply(self, event: TerminalReplied) -> None:
        """Pass a reply of the terminal to the clipboard's queries."""
        self.clipboard_controller.on_reply(event.reply)

    def on_end_of_input(self) -> None:
        """Leave because the terminal has gone; called on the input thread."""
        self.watchdog.force()

    @work(group="dialog", exclusive=True)
    async def welcome(self) -> None:
        """Show the ways to start until an account is set, or the user leaves or opens the demo."""
        from pan123_tui.ui.settings.account_dialog import log_in_first
        from pan123_tui.ui.settings.screen import greeting

        account = None
        if self.settings_controller is not None:
            account = await log_in_first(
                self, self.settings_controller, on_demo=self.leave_for_demo
            )
        if account is not None:
            self.notify(greeting(account), markup=False)

    @work(group="dialog", exclusive=True)
    async def action_settings(self) -> None:
        """Open the settings."""
        from pan123_tui.ui.settings.screen import SettingsScreen

        if (settings := self.settings_controller) is None:
            return
        await self.push_screen_wait(SettingsScreen(settings, self.model, themes=self.theme_names))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Allow the settings and the end of the program on the dashboard only."""
        if action not in ("settings", "quit", "quit_and_end"):
            return True
        uncovered = [
            screen for screen in self.screen_stack if not isinstance(screen, ActionPalette)
        ]
        is_allowed = action != "settings" or self._settings_store is not None
        return is_allowed and isinstance(uncovered[-1], DashboardScreen)

    async def action_leave_screen(self) -> None:
        """Go back from a large screen, which asks first if changes would be lost."""
        await self.run_action("screen.leave")

    async def action_interrupt(self) -> None:
        """Copy the selected text; leave the program if none is selected."""
        field = self.screen.focused
        if not (text := getattr(field, "selected_text", "") or self.screen.get_selected_text()):
            await self.action_quit()
        elif isinstance(field, Input) and field.password:
            self.bell()
        else:
            copy = self.clipboard_controller.copy(text, _("The selected text"))
            self.run_worker(copy, group="copy", exclusive=True)

    def action_explain_no_stop(self) -> None:
        """Say why ctrl+z does not stop the program, which a shell may not be there to continue."""
        text = _(
            "Ctrl+Z is off: it would freeze this screen. {quit} leaves, and the engine goes on."
        )
        self.notify(text.format(quit=key_of(self.screen, "app.quit")), markup=False)

    def leave_for_demo(self) -> None:
        """Close this app so that the demo replaces it."""
        self.wants_demo = True
        self.exit(0)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield every action of the screen, with and without a key."""
        yield from screen_commands(self, screen)
        if isinstance(screen, DashboardScreen):
            title, help_text = _("copy as curl command"), _("The token stays in its variable")
            yield SystemCommand(title, help_text, screen.action_copy_curl)
        has_account = not (self.options.is_demo or self.options.host)
        is_on_dashboard = isinstance(screen, DashboardScreen)
        if self._settings_store is not None and has_account and is_on_dashboard:
            yield SystemCommand(_("welcome"), _("The ways to begin"), self.welcome)
        yield SystemCommand(_("theme"), _("Choose the colours"), self.search_themes)
        yield SystemCommand(
            _("screenshot"), _("Save what is shown as an SVG picture"), self.deliver_screenshot
        )
