"""The application: who has the screens, the clipboard, the terminal and the settings."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen

from pan123_tui import i18n
from pan123_tui.config import gc_pause
from pan123_tui.config.paths import stylesheet
from pan123_tui.config.settings import Settings
from pan123_tui.config.settings_store import SettingsStore
from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.base_app import EngineApp
from pan123_tui.ui.dashboard.screen import DASHBOARD_PARTS, DashboardScreen
from pan123_tui.ui.engine_bridge import EngineBridge
from pan123_tui.ui.folders.controller import FolderController
from pan123_tui.ui.keymap import bindings_of, key_names
from pan123_tui.ui.task_actions import EditAsked, TaskActions
from pan123_tui.ui.task_model import ModelChange
from pan123_tui.ui.terminal.driver import TerminalDriver, TerminalReplied, driver_for
from pan123_tui.ui.textual_private import driver_of
from pan123_tui.ui.theme import DEFAULT_THEME, UiOptions

if TYPE_CHECKING:
    from pan123_tui.ui.clipboard.controller import ClipboardController
    from pan123_tui.ui.failures.screen import LinkProber, Probe
    from pan123_tui.ui.notifications import Notifier
    from pan123_tui.ui.settings.controller import ClientFactoryBuilder, SettingsController
    from pan123_tui.ui.terminal.escape_codes import Terminal
    from pan123_tui.ui.widgets.form_fields import FolderField


def default_folder(settings: Settings) -> Folder | None:
    """Give the folder that the settings name; None: they name none."""
    given = settings.defaults
    if given.folder_id is None or not given.folder_name:
        return None
    return Folder(given.folder_id, given.folder_name, ROOT_ID)


PLAIN = UiOptions()
UNCHANGED = Settings()


class Pan123App(EngineApp):
    """The terminal dashboard; give it a bridge to an engine, and it does the rest."""

    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", N_("quit"), id="app.quit", priority=False),
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
        Binding("comma", "settings", N_("settings"), id="app.settings", show=False),
        Binding("ctrl+c", "quit", N_("quit"), id="app.interrupt", show=False, priority=True),
    ]

    def __init__(  # noqa: PLR0913 - all that the composition root makes
        self,
        bridge: EngineBridge,
        *,
        look: UiOptions = PLAIN,
        settings: Settings = UNCHANGED,
        settings_store: SettingsStore | None = None,
        connector: "ClientFactoryBuilder | None" = None,
        state_dir: Path | None = None,
        probe: "Probe | None" = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__(bridge, look, state_dir)
        self.settings = settings
        self.environ = environ
        self.clock = clock
        parts = bindings_of(type(self), *DASHBOARD_PARTS)
        keys = key_names(look.keymap, parts)
        self.folders = FolderController(bridge, self.model)
        self.desk = TaskActions(self, bridge, self.model, keys)
        self.model.default_folder = default_folder(settings)
        self._settings_store = settings_store
        self._connector = connector
        self._probe = probe
        self.wants_demo = False
        """Whether the demo is to be shown after the app has left."""

    def get_driver_class(self) -> type[Driver]:
        """Read the terminal in our own way."""
        return driver_for(super().get_driver_class())

    async def on_mount(self) -> None:
        self.apply_options()
        self.watch_for_signals()

    def get_default_screen(self) -> Screen[None]:
        """Begin with the dashboard."""
        return self._dashboard()

    @on(DashboardScreen.Drawn)
    def go_on(self) -> None:
        """Do after the first frame what need not come before it."""
        self.run_engine()
        self.terminal.open()
        self.watchdog.restore_sequence = self.terminal.restore_sequence
        self.check_keymap()
        desk = self.settings_desk
        if desk and not desk.is_account_fixed and desk.account.kind is AccountKind.NONE:
            self.welcome()

    def on_unmount(self) -> None:
        """Let go of the terminal, and of the engine too where a fault has ended the screen."""
        self.terminal.close()
        self.bridge.stop(0)

    def hear(self, change: ModelChange) -> None:
        """Tell of what has ended."""
        if change.archive_loaded:  # the start is over
            self.call_after_refresh(gc_pause.resume)
        self.notifier.on_event(change)

    async def on_event(self, event: events.Event) -> None:
        """Notice whether somebody is there, and whether the window is looked at."""
        if isinstance(event, events.InputEvent):
            self.notifier.record_activity()
        elif isinstance(event, events.AppFocus | events.AppBlur):
            self.terminal.has_focus = isinstance(event, events.AppFocus)
        await super().on_event(event)

    def _write(self, sequence: str) -> None:
        if write := self._writer():
            write(sequence)

    def _writer(self) -> Callable[[str], None] | None:
        """Give what writes to the terminal; None: there is none, as in a test."""
        driver = driver_of(self)
        return None if driver is None or driver.is_headless else driver.write

    # What is imported and made when it is first wanted, after the first frame

    @cached_property
    def terminal(self) -> "Terminal":
        """What speaks to the terminal itself."""
        from pan123_tui.ui.terminal.capabilities import detect_capabilities
        from pan123_tui.ui.terminal.escape_codes import Terminal

        return Terminal(self._write, detect_capabilities(self.environ))

    @cached_property
    def notifier(self) -> "Notifier":
        """What tells outside the table of what has ended."""
        from pan123_tui.ui.notifications import Notifier

        wanted = self.settings.notify
        return Notifier(self, self.model, self.terminal, wanted)

    @cached_property
    def link_tests(self) -> "LinkProber":
        """The tests of links from here."""
        from pan123_tui.ui.failures.screen import LinkProber

        return LinkProber(self._probe)

    @cached_property
    def settings_desk(self) -> "SettingsController | None":
        """What saves the settings; None: there is nothing to set here."""
        from pan123_tui.ui.settings.controller import SettingsController

        if self._settings_store is None:
            return None
        return SettingsController(
            self.bridge, self._settings_store, self.settings, self, connector=self._connector
        )

    @cached_property
    def clipboard_desk(self) -> "ClipboardController":
        """What reads, watches and fills the clipboard."""
        from pan123_tui.ui.clipboard.controller import open_clipboard

        # Only our own driver takes the answers out of what is typed.
        is_ours = isinstance(driver_of(self), TerminalDriver)
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
        self.clipboard_desk.on_reply(event.reply)

    def on_end_of_input(self) -> None:
        """Leave, because the terminal has gone; called on the thread that reads it."""
        self.watchdog.force()

    def _dashboard(self) -> DashboardScreen:
        return DashboardScreen(
            self.desk,
            self.model,
            self.changes,
            self,
            clock=self.clock,
            look=self.look,
            memory=self.memory,
        )

    # The screens that are imported when they are first opened

    @on(DashboardScreen.AddAsked)
    @work(group="add", exclusive=True)
    async def open_add_screen(self, event: DashboardScreen.AddAsked) -> None:
        """Review the links in a text, then queue them."""
        from pan123_tui.ui.add_links.screen import AddScreen

        given = self.settings.defaults
        screen = AddScreen(
            self.desk,
            self.model,
            defaults=DownloadRequest(
                "", folder_id=given.folder_id, callback_url=given.callback_url
            ),
            text=event.text,
            draft_file=self.state_dir / "draft.txt" if self.state_dir else None,
        )
        await self.push_screen_wait(screen)

    @on(EditAsked)
    @work(group="edit", exclusive=True)
    async def open_edit_screen(self, event: EditAsked) -> None:
        """Let a task be changed, then queue it."""
        from pan123_tui.ui.dialogs.edit_task import EditScreen

        task = event.task
        draft = await self.push_screen_wait(EditScreen(task.request, known=self.model))
        if draft is not None:
            await self.desk.edit(task.id, draft)

    @on(DashboardScreen.FailuresAsked)
    def open_failures(self) -> None:
        """Show what failed, by host."""
        from pan123_tui.ui.failures.screen import FailuresScreen

        screen = FailuresScreen(self.desk, self.model, self.changes, self.link_tests)
        self.push_screen(screen)

    @work(group="choose-folder", exclusive=True)
    async def on_folder_field_browse_asked(self, event: "FolderField.BrowseAsked") -> None:
        """Let a folder be chosen for the field that asks for one."""
        from pan123_tui.ui.folders.screen import FolderScreen

        field = event.field
        screen = FolderScreen(self.folders, current=field.folder_id)
        pick = await self.push_screen_wait(screen)
        if pick is not None:
            field.take(pick.folder)

    @work(group="dialog", exclusive=True)
    async def welcome(self) -> None:
        """Offer ways to begin until one of them leads on."""
        from pan123_tui.ui.settings.account_dialog import AccountScreen, Start, welcome_screen
        from pan123_tui.ui.settings.screen import greeting

        kinds = {Start.TOKEN.value: AccountKind.TOKEN, Start.PAIR.value: AccountKind.PAIR}
        account = None
        while account is None and self.settings_desk is not None:
            start = await self.push_screen_wait(welcome_screen())
            if start == Start.DEMO.value:
                self.leave_for_demo()
            if start not in kinds:
                return
            screen = AccountScreen(kinds[start], self.settings_desk)
            account = await self.push_screen_wait(screen)
        if account is not None:
            self.notify(greeting(account), markup=False)

    @work(group="dialog", exclusive=True)
    async def action_settings(self) -> None:
        """Show the settings until they are left; then speak the language that was chosen."""
        from pan123_tui.ui.settings.screen import SettingsScreen

        if self.settings_desk is None:
            return
        language = i18n.language()
        screen = SettingsScreen(self.settings_desk, self.model, themes=self.theme_names)
        await self.push_screen_wait(screen)
        if i18n.language() != language and isinstance(self.screen, DashboardScreen):
            self.screen.call_next(self.screen.speak_anew)

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Let the fields that changed take effect, as far as they can without a restart."""
        self.settings = settings
        self.notifier.wanted = settings.notify
        if "ui.theme" in changed:
            known = settings.ui.theme in self.available_themes
            self.theme = settings.ui.theme if known else DEFAULT_THEME
        if "ui.language" in changed:
            language = settings.ui.language
            i18n.set_language(i18n.from_environment() if language == "auto" else language)
        if "ui.low_bandwidth" in changed:
            self.set_low_bandwidth(is_wanted=settings.ui.low_bandwidth)
        if "defaults.folder_id" in changed:
            self.model.default_folder = default_folder(settings)
            self.changes.publish(ModelChange(folders_changed=True))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Open the settings from the dashboard only: dialogs go on where they are."""
        if action == "settings":
            return self._settings_store is not None and isinstance(self.screen, DashboardScreen)
        return True

    @work(group="leave", exclusive=True)
    async def leave_for_demo(self) -> None:
        """Leave, so that the demo can be shown in this one's place."""
        self.wants_demo = True
        await self.leave()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action of the screen with its key, and what has none."""
        from pan123_tui.ui.dialogs.command_palette import screen_commands

        yield from screen_commands(self, screen)
        if isinstance(screen, DashboardScreen):
            title, help_text = _("copy as curl command"), _("The token stays in its variable")
            yield SystemCommand(title, help_text, screen.action_copy_curl)
        if self._settings_store is not None and not self.look.is_demo:
            yield SystemCommand(_("welcome"), _("The ways to begin"), self.welcome)
        yield SystemCommand(_("theme"), _("Choose the colours"), self.search_themes)
        yield SystemCommand(
            _("screenshot"), _("Save what is shown as an SVG picture"), self.deliver_screenshot
        )
