"""The application: its screens, and what they share."""

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import events, on, work
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.notifications import Notify
from textual.screen import Screen
from textual.widgets import Input

from pan123_tui import i18n
from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.client.updates import AttachmentState
from pan123_tui.config.settings import Settings
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.system import gc_pause
from pan123_tui.ui.appearance import Appearance
from pan123_tui.ui.dashboard.actions import AddAsked, RedirectAsked
from pan123_tui.ui.dashboard.screen import DASHBOARD_PARTS, DETAIL_PARTS, DashboardScreen
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dialogs.too_small import TooSmallScreen, is_too_small
from pan123_tui.ui.engine_link import EngineLink
from pan123_tui.ui.folders.controller import FolderController, default_folder
from pan123_tui.ui.held_pastes import HeldPastes
from pan123_tui.ui.keymap import Scope, bindings_of, check_keys, key_name, key_names
from pan123_tui.ui.link_probe import LinkProber, Probe
from pan123_tui.ui.memory import Memory
from pan123_tui.ui.settings.store import SettingsStore
from pan123_tui.ui.task_actions import ERROR_S, EditAsked, TaskActions
from pan123_tui.ui.terminal.driver import TerminalDriver, TerminalReplied, driver_for
from pan123_tui.ui.terminal.shutdown import ShutdownWatchdog
from pan123_tui.ui.terminal.sign_width import WIDTH_QUERY, shows_wide_signs
from pan123_tui.ui.textual_private import ChangesApp, driver_of, withdraw
from pan123_tui.ui.theme import UiOptions, stylesheet
from pan123_tui.wording.engine import ignored_account, keeps_account, program_name
from pan123_tui.wording.problems import explain_problem
from pan123_tui.wording.results import hidden_text

if TYPE_CHECKING:
    from pan123_tui.ui.clipboard.controller import ClipboardController
    from pan123_tui.ui.dialogs.actions import Offer
    from pan123_tui.ui.file_actions import FileActions
    from pan123_tui.ui.notifications import Notifier
    from pan123_tui.ui.settings.controller import CheckAccount, SettingsController
    from pan123_tui.ui.terminal.escape_codes import Terminal
    from pan123_tui.ui.widgets.form_fields import FolderField

KEY_WARNING_S = 15.0
LOOK_STEP_S = 30.0
"""How often it is saved that the tasks are looked at."""
DEFAULT_OPTIONS = UiOptions()
DEFAULT_SETTINGS = Settings()


class Pan123App(ChangesApp):
    """The terminal dashboard on an engine."""

    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = False
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave_screen", N_("back"), id="app.leave", show=False),
        Binding(
            "question_mark,f1,ctrl+p",
            "help",
            N_("help"),
            id="app.help",
            tooltip=N_("Search all actions and keys, and run one"),
        ),
        Binding(
            "ctrl+c",
            "interrupt",
            N_("copy the selection, or leave"),
            id="app.interrupt",
            show=False,
            priority=True,
        ),
        Binding("ctrl+z", "explain_no_stop", show=False),
        Binding("ctrl+l", "redraw", N_("redraw"), id="app.redraw", show=False, priority=True),
    ]

    wants_demo = False
    """Whether to start the demo after this app has closed."""
    links = ""
    """What the command line names: it is reviewed at the start, as a paste is."""
    has_ended_engine = False
    """Whether the user has ended the engine with this screen."""
    failure: Pan123Error | None = None
    """Why there is no engine."""

    def __init__(  # noqa: PLR0913 - everything that the composition root builds
        self,
        client: EngineClient,
        *,
        options: UiOptions = DEFAULT_OPTIONS,
        settings: Settings = DEFAULT_SETTINGS,
        settings_store: SettingsStore | None = None,
        check_account: "CheckAccount | None" = None,
        state_dir: Path | None = None,
        probe: Probe | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__()
        self.client = client
        self.options = options
        self.settings = settings
        self.state_dir = state_dir
        self.environ = environ
        self.clock = clock
        self.memory = Memory(self, state_dir)
        self.held_pastes = HeldPastes(self)
        self.appearance = Appearance(
            self, color_system=options.color_system, is_ascii=options.ascii
        )
        self.appearance.needs_ascii = options.needs_ascii
        self.appearance.use_theme(options.theme)
        self.link = EngineLink(self, client, self.handle_change)
        self.link_prober = LinkProber(probe)
        self.folders = FolderController(client, self.model)
        keys = key_names(options.keymap, bindings_of(*DASHBOARD_PARTS, type(self)))
        self.task_actions = TaskActions(self, client, self.model, keys)
        self.model.default_folder = default_folder(settings)
        self.watchdog = ShutdownWatchdog(leave=self._exit_from_thread)
        self._settings_store = settings_store
        self._check_account = check_account
        self._too_small_screen: Screen[None] | None = None

    @property
    def model(self) -> TaskModel:
        """The tasks as the engine has them."""
        return self.link.model

    @property
    def has_loaded(self) -> asyncio.Event:
        """Whether the tasks are in the table: the first key waits for that."""
        return self.link.has_loaded

    # Imported and created on first use, after the first frame

    @cached_property
    def terminal(self) -> "Terminal":
        """Sends escape sequences to the terminal."""
        from pan123_tui.ui.terminal.capabilities import detect_capabilities
        from pan123_tui.ui.terminal.escape_codes import Terminal

        return Terminal(self._write, detect_capabilities(self.environ), self.options.profile)

    @cached_property
    def notifier(self) -> "Notifier":
        """Notifies the user outside the table."""
        from pan123_tui.ui.notifications import Notifier

        return Notifier(self, self.model, self.terminal, self.settings.notify)

    @cached_property
    def file_actions(self) -> "FileActions":
        """Acts on the files that arrived."""
        from pan123_tui.ui.file_actions import FileActions

        return FileActions(
            self,
            self.client,
            self.model,
            self.task_actions,
            environ=self.environ,
            clock=self.clock,
        )

    @cached_property
    def settings_controller(self) -> "SettingsController | None":
        """Saves the settings; None where they are fixed."""
        from pan123_tui.ui.settings.controller import SettingsController

        if self._settings_store is None:
            return None
        return SettingsController(
            self.client,
            self._settings_store,
            self.settings,
            self,
            check_account=self._check_account,
            host=self.options.host,
        )

    @cached_property
    def clipboard_controller(self) -> "ClipboardController":
        """Reads, watches and fills the clipboard."""
        from pan123_tui.ui.clipboard.controller import ClipboardController

        # Only our own driver separates the terminal's replies from the keys.
        has_replies = isinstance(driver_of(self), TerminalDriver)
        return ClipboardController(
            self,
            self.environ,
            self.settings.clipboard,
            terminal=self.terminal,
            write_query=self._writer() if has_replies else None,
        )

    # Start and end

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that reads the terminal."""
        return driver_for(super().get_driver_class())

    def get_default_screen(self) -> Screen[None]:
        """Return the dashboard."""
        return DashboardScreen(
            self.task_actions,
            self.model,
            self.link.changes,
            self,
            clock=self.clock,
            look=self.options,
            memory=self.memory.state,
        )

    async def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _app: self.action_redraw())
        self.set_keymap(self.options.keymap)
        self._event_loop = asyncio.get_running_loop()
        self.watchdog.watch()
        if self.appearance.is_ascii:
            self.animation_level = "none"
        else:
            self._write(WIDTH_QUERY)

    @on(DashboardScreen.Drawn)
    def start_after_first_frame(self) -> None:
        """Start what the first frame does not need: the connection, the title, the checks."""
        self.stay_connected()
        self.set_interval(LOOK_STEP_S, self.remember_look, name="look")
        self.terminal.open()
        self.watchdog.restore_sequence = self.terminal.restore_sequence
        self._warn_at_start()
        self._mention_draft()
        if self.links:
            self.held_pastes.take(self.links)
            self.held_pastes.deliver()
        elif (settings := self.settings_controller) and settings.has_no_account:
            self.welcome()

    @work(group="engine", exit_on_error=True)
    async def stay_connected(self) -> None:
        """Stay connected to the engine; leave if there is none."""
        try:
            await self.link.run()
        except Pan123Error as error:
            self.failure = error
            self.exit(1)

    def on_unmount(self) -> None:
        """Save when the tasks were looked at last, and restore the terminal."""
        if self._is_looked_at:
            self.memory.save_now(seen_at=self.clock())
        self.terminal.close()

    def on_end_of_input(self) -> None:
        """Leave because the terminal has gone; called on the input thread."""
        self.watchdog.force()

    def _exit_from_thread(self) -> None:
        self._event_loop.call_soon_threadsafe(self.exit, 0)

    def leave(self) -> None:
        """Leave; the engine goes on, but for that of a demo."""
        if self.options.is_demo:
            self.client.send(StopEngine())
        self.exit(0)

    async def leave_and_end(self) -> None:
        """Leave and end the engine; ask first if it cannot save its tasks."""
        from pan123_tui.ui.dialogs.prompts import ConfirmScreen

        question = ConfirmScreen(
            _("Nothing can be saved now. End the engine anyway?"),
            yes=_("End it"),
            no=_("Stay"),
            detail=_("Unsaved changes will be lost."),
        )
        has_engine = self.model.attachment.state is not AttachmentState.ENDED
        is_unsaved = has_engine and self.model.status.store_problem is not None
        if is_unsaved and not await self.push_screen_wait(question):
            return
        if await self.link.end_engine(is_here=not self.options.host):
            self.has_ended_engine = has_engine
            self.exit(0)
        else:
            self.notify(_("The engine does not answer, so it was not ended."), markup=False)

    async def action_leave_screen(self) -> None:
        """Go back from a large screen, which asks first if changes would be lost."""
        await self.run_action("screen.leave")

    async def action_interrupt(self) -> None:
        """Copy the selected text; leave the program if none is selected."""
        field = self.screen.focused
        if not (text := getattr(field, "selected_text", "") or self.screen.get_selected_text()):
            self.leave()
        elif isinstance(field, Input) and field.password:
            self.bell()
        else:
            copy = self.clipboard_controller.copy(text, _("The selected text"))
            self.run_worker(copy, group="copy", exclusive=True)

    def action_explain_no_stop(self) -> None:
        """Say why ctrl+z does not stop the program, which a shell may not be there to continue."""
        text = _(
            "Ctrl+Z is off: it would freeze this screen. {key} leaves, and the engine goes on."
        )
        self.notify(text.format(key=self.task_actions.keys["app.leave"]), markup=False)

    # Changes of the tasks and of the settings

    def handle_change(self, change: ModelChange) -> None:
        """Notify the user of tasks that have ended."""
        if change.archive_loaded:
            # The start is complete: no more large numbers of long-lived objects are created.
            self.call_after_refresh(gc_pause.resume)
        self.notifier.on_event(change)
        if self.model.is_loaded and not self.has_loaded.is_set():
            self.remember_look()
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

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the `changed` fields."""
        self.settings = settings
        self.notifier.wanted = settings.notify
        if "ui.theme" in changed:
            self.appearance.use_theme(settings.ui.theme)
        if "ui.ascii" in changed:
            self.appearance.draw_in_ascii(is_wanted=settings.ui.ascii)
        if "clipboard.watch" in changed:
            self._set_watch(is_wanted=settings.clipboard.watch)
        if "ui.language" in changed:
            language = settings.ui.language
            i18n.set_language(i18n.from_environment() if language == "auto" else language)
        if "keys" in changed:
            self._use_keys(settings)
        if "ui.language" in changed or "keys" in changed:
            self._reload_dashboard()
        if "defaults.folder_id" in changed:
            self.model.default_folder = default_folder(settings)
            self.link.changes.publish(ModelChange(folders_changed=True))

    def _set_watch(self, *, is_wanted: bool) -> None:
        """Watch the clipboard or end that, or say why it cannot be watched."""
        if is_wanted and (reason := self.clipboard_controller.disabled_reason):
            self.notify(reason, severity="warning", markup=False)
        elif is_wanted != self.clipboard_controller.is_watching:
            for screen in self.screen_stack:
                if isinstance(screen, DashboardScreen):
                    screen.call_next(screen.run_action, "act('links.watch')")

    def _reload_dashboard(self) -> None:
        """Show the dashboard in the current language, with the current keys."""
        for screen in self.screen_stack:
            if isinstance(screen, DashboardScreen):
                screen.call_next(screen.reload_language)

    def say_account_kept(self, variable: str) -> None:
        """Say that the engine goes on with the account of its `variable`."""
        engine = self.model.attachment
        text = keeps_account(program_name(engine.program, engine.pid), variable)
        self.notify(text, severity="warning", timeout=ERROR_S, markup=False)

    # Keys

    def _use_keys(self, settings: Settings) -> None:
        self.options = replace(
            self.options, keymap=settings.keys, keymap_faults=settings.key_faults
        )
        self.set_keymap(settings.keys)
        bindings = bindings_of(*DASHBOARD_PARTS, type(self))
        self.task_actions.keys = key_names(settings.keys, bindings)

    def _warn_at_start(self) -> None:
        """Warn of settings and keys that do not work, and of an account that is not used."""
        warnings = [*self.options.warnings, *self._key_warnings()]
        if variable := self.options.ignored_variable:
            warnings.insert(0, ignored_account(variable, self.options.profile))
        for warning in warnings:
            self.notify(warning, severity="warning", timeout=KEY_WARNING_S, markup=False)

    def _key_warnings(self) -> list[str]:
        warnings = check_keys(self.options.keymap, key_scopes())
        return [*self.options.keymap_faults, *map(str, warnings)]

    def get_key_display(self, binding: Binding) -> str:
        """Return the name of a key as printed on a keyboard."""
        return binding.key_display or key_name(binding.key, is_ascii=self.appearance.is_ascii)

    @work(group="help", exclusive=True)
    async def action_help(self) -> None:
        """Show all actions of this screen with their keys, and run the one that is chosen."""
        from pan123_tui.ui.dialogs.actions import ActionsScreen, offers_of

        if isinstance(self.screen, ActionsScreen):
            return
        offers = offers_of(self, self.screen, self._key_warnings())
        chosen: Offer | None = await self.push_screen_wait(ActionsScreen(offers))
        if chosen is not None:
            await self.run_action(chosen.action, chosen.node)

    # The terminal

    async def on_event(self, event: events.Event) -> None:
        """Record the user's activity and the window's focus."""
        if isinstance(event, events.InputEvent):
            self.notifier.record_activity()
        elif isinstance(event, events.AppFocus | events.AppBlur):
            self.remember_look()
            self.terminal.has_focus = isinstance(event, events.AppFocus)
        await super().on_event(event)

    @on(TerminalReplied)
    def forward_reply(self, event: TerminalReplied) -> None:
        """Pass a reply of the terminal to the clipboard's queries."""
        self.clipboard_controller.on_reply(event.reply)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """Draw in ASCII where the terminal draws the signs of frames two cells wide."""
        if shows_wide_signs(event):
            self.appearance.needs_ascii = True
            self.appearance.draw_in_ascii(is_wanted=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of all that is painted."""
        return [*super().get_line_filters(), *self.appearance.line_filters()]

    def _write(self, sequence: str) -> None:
        if write := self._writer():
            write(sequence)

    def _writer(self) -> Callable[[str], None] | None:
        """Return what writes to the terminal; None without one, as in a test."""
        driver = driver_of(self)
        return None if driver is None or driver.is_headless else driver.write

    def on_resize(self, event: events.Resize) -> None:
        """Cover the screen with the needed size while the terminal is too small."""
        self.forget_screen()
        is_covered = self.screen is self._too_small_screen
        if is_too_small(event.size) and not is_covered:
            self._too_small_screen = TooSmallScreen()
            self.push_screen(self._too_small_screen)
        elif is_covered and not is_too_small(event.size):
            self.pop_screen()

    def action_redraw(self) -> None:
        """Repaint all, because other programs have written to the terminal."""
        self.forget_screen()
        self.screen.refresh()

    def on_notify(self, event: Notify) -> None:
        """Show a message once where it is repeated, as by a key that is held down."""
        withdraw(self, event.notification.message)

    # What outlives a screen

    def on_paste(self, event: events.Paste) -> None:
        """Hold links that no screen has taken."""
        self.held_pastes.hold(event.text)

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the colours of the theme; before the first screen they are only taken up.

        Textual would parse all styles for the theme that the app starts with, and again with the
        first screen, which costs the first frame 12 ms.
        """
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def pop_screen(self) -> AwaitComplete:
        """Close the top screen, and give held pastes to the one below."""
        closed = super().pop_screen()
        self.held_pastes.deliver()
        return closed

    def on_filter_bar_closed(self) -> None:
        """Give the list what was pasted into the closed field."""
        self.held_pastes.deliver()

    @on(TaskPanel.QueryChanged)
    def remember_query(self, event: TaskPanel.QueryChanged) -> None:
        """Save the query of the task list for the next run."""
        self.memory.save_query(event.query, is_detail_open=event.is_detail_open)

    @property
    def _is_looked_at(self) -> bool:
        """Whether the tasks are shown in a terminal that has the focus, as far as it tells."""
        return self.model.is_loaded and self.terminal.has_focus is not False

    def remember_look(self) -> None:
        """Save that the tasks are looked at, to tell the next screen what has ended since.

        It does not wait for the end, which may be that of the process.
        """
        if self._is_looked_at:
            self.memory.save(seen_at=self.clock())

    @property
    def draft_file(self) -> Path | None:
        """Where the draft is kept; None: nowhere."""
        return self.state_dir / "draft.json" if self.state_dir else None

    def _mention_draft(self) -> None:
        """Say that links wait in a draft, and which key shows them."""
        if self.draft_file is not None and self.draft_file.exists():
            key = self.task_actions.keys["links.add"]
            self.notify(_("Links wait in the draft: {key}").format(key=key), markup=False)

    # Screens that are imported when they are first opened

    @on(AddAsked)
    @work(group="add", exclusive=True)
    async def open_add_screen(self, event: AddAsked) -> None:
        """Open the review of the links in a text."""
        from pan123_tui.ui.add_links.screen import AddScreen

        defaults = self.settings.defaults
        screen = AddScreen(
            self.task_actions,
            self.model,
            self.link.changes,
            defaults=DownloadRequest(
                "", folder_id=defaults.folder_id, callback_url=defaults.callback_url
            ),
            text=event.text,
            draft_file=self.draft_file,
            read_clipboard=self.clipboard_controller.read_text,
        )
        await self.push_screen_wait(screen)

    @on(EditAsked)
    @work(group="edit", exclusive=True)
    async def open_edit_screen(self, event: EditAsked) -> None:
        """Open the editor of one or several tasks and queue the changed ones."""
        from pan123_tui.ui.add_links.edit_links import EditLinksScreen

        ids = [task.id for task in event.tasks]
        requests: list[DownloadRequest] | None = [task.request for task in event.tasks]
        notes = [*filter(None, [hidden_text(event.hidden)])]
        while requests := await self.push_screen_wait(
            EditLinksScreen(requests or [], known=self.model, notes=notes)
        ):
            if await self.task_actions.edit(dict(zip(ids, requests, strict=True))):
                return

    @on(RedirectAsked)
    @work(group="dialog", exclusive=True)
    async def offer_another_folder(self, event: RedirectAsked) -> None:
        """Ask where the links for a missing folder go."""
        from pan123_tui.ui.folders.missing import MissingFolderOffer

        await MissingFolderOffer(self, self.folders, self.model, event.folder_id).make()

    @work(group="choose-folder", exclusive=True)
    async def on_folder_field_browse_asked(self, event: "FolderField.BrowseAsked") -> None:
        """Let a folder be chosen for a field, or find it by its path."""
        from pan123_tui.ui.folders.field import answer_field

        await answer_field(self, self.folders, event)

    @property
    def settings_reason(self) -> str:
        """Why there are no settings to open; empty if there are."""
        return "" if self._settings_store else _("This screen has no settings.")

    @work(group="dialog", exclusive=True)
    async def action_settings(self) -> None:
        """Open the settings."""
        from pan123_tui.ui.settings.screen import SettingsScreen

        if (settings := self.settings_controller) is not None:
            themes = self.appearance.theme_names
            await self.push_screen_wait(SettingsScreen(settings, self.model, themes=themes))

    def open_manual(self) -> None:
        """Show the manual."""
        from pan123_tui.ui.dialogs.manual import ManualScreen

        self.push_screen(ManualScreen())

    @work(group="dialog", exclusive=True)
    async def welcome(self) -> None:
        """Show the ways to start until an account is set, or the user leaves or opens the demo."""
        from pan123_tui.ui.settings.account_dialog import greeting, log_in_first

        account = None
        if self.settings_controller is not None:
            account = await log_in_first(
                self, self.settings_controller, on_demo=self.leave_for_demo
            )
        if account is not None:
            self.notify(greeting(account), markup=False)

    def leave_for_demo(self) -> None:
        """Close this app so that the demo replaces it."""
        self.wants_demo = True
        self.exit(0)


def key_scopes() -> list[Scope]:
    """Return the bindings that the user may change, those together that are active together."""
    return [bindings_of(Pan123App, *parts) for parts in (DASHBOARD_PARTS, DETAIL_PARTS)]
