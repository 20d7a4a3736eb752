"""The application: what its screens share, and what concerns all of them."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence, Set
from enum import Enum, auto
from functools import partial
from time import time

from msgspec import Struct
from msgspec.structs import replace
from textual import events, work
from textual.binding import Binding
from textual.filter import LineFilter
from textual.reactive import var
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Input

from pan123_tui import i18n
from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import ModelChange
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Settings
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.links.probes import ProbeResult
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.system.processes import resume_collection
from pan123_tui.terminal.escape_codes import Capabilities, Terminal
from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.ui.add_links.draft import DraftKeeper
from pan123_tui.ui.clipboard import ClipboardController
from pan123_tui.ui.file_actions import FileActions
from pan123_tui.ui.notifications import Notifier
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.session.live_settings import CheckAccount, LiveSettings, default_folder
from pan123_tui.ui.session.memory import Attention, Memory
from pan123_tui.ui.theme import VERTICAL_BREAKPOINTS, WIDTH_QUERY, Appearance, stylesheet

SEEN_STEP_S = 30.0
"""How often to save that the tasks are being looked at."""


class Exit(Enum):
    LEFT = auto()
    """The engine goes on, if there is one."""
    ENDED_ENGINE = auto()
    FOR_DEMO = auto()


class Invocation(Struct, frozen=True):
    is_demo: bool = False
    host: str = ""
    """The engine's machine, if that is another one."""
    profile: str = ""
    """Empty: the default profile."""
    login_variable: str = ""
    """The environment variable that names the account; empty if none does."""

    @property
    def tests_from(self) -> str:
        """The machine that tests links; empty: none does, as the demo's hosts are made up."""
        return "" if self.is_demo else sanitize(self.host) or _("this machine")


class Pan123App(TerminalApp[Exit]):
    """The terminal dashboard of an engine."""

    LINK_STARTS = (*TerminalApp.LINK_STARTS, "thunder://")
    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = False
    VERTICAL_BREAKPOINTS = VERTICAL_BREAKPOINTS
    BINDINGS = [
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
        Binding("ctrl+l", "redraw", N_("redraw"), id="app.redraw", show=False, priority=True),
    ]

    drafted = var(0)
    """How many links wait in the draft of the review."""
    links = ""
    """The links on the command line: they are reviewed at the start, as a paste is."""
    failure: Pan123Error | None = None
    """Why there is no engine."""

    def __init__(
        self,
        client: EngineClient,
        paths: AppPaths,
        first_screen: Callable[[], Screen[None]],
        *,
        settings: Settings = Settings(),
        invocation: Invocation = Invocation(),
        capabilities: Capabilities = Capabilities(),
        check_account: CheckAccount | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`check_account`: None where the account is fixed."""
        super().__init__(capabilities=capabilities)
        self._first_screen = first_screen
        self.client = client
        self.invocation = invocation
        self.draft_file = paths.state_dir / "draft.json"
        self.drafts = DraftKeeper(self, self.draft_file, partial(setattr, self, "drafted"))
        self.memory = Memory(self, paths.state_dir)
        self.engine = EngineLink(self, client)
        self.model = self.engine.model
        self.model.default_folder = default_folder(settings)
        self.live_settings = LiveSettings(
            self,
            client,
            settings,
            paths,
            environ=environ,
            check_account=check_account,
            host=invocation.host,
            apply=self.apply_settings,
        )
        self.settings_changed: Signal[Set[str]] = Signal(self, "settings changed")
        """Published with the fields (`section.name`) once they are applied here."""
        self.link_tests: dict[str, ProbeResult | None] = {}
        """The latest result of each link that was tested; None while it is."""
        self.appearance = Appearance(self, settings.ui, capabilities)
        self.attention = Attention(self.model, self.memory, self.clock)
        self.terminal = Terminal(self.write, self.capabilities)
        self.clipboards = ClipboardController(
            self, environ, settings.clipboard, terminal=self.terminal
        )
        self.files = FileActions(self, self.engine, environ, self.clock)
        self.notifier = Notifier(
            self, self.model, self.terminal, self.attention, self.live_settings, invocation.profile
        )
        self.has_loaded = asyncio.Event()
        """Whether all tasks are in the table."""
        self.type_ahead.hold_until(self.has_loaded)

    def clock(self) -> float:
        return time()

    # Start and end

    def get_default_screen(self) -> Screen[None]:
        return self._first_screen()

    async def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _app: self.action_redraw())
        self.engine.changes.subscribe(self, self.handle_change)
        self._use_keys(self.live_settings.current.keys)
        if self.appearance.is_ascii:
            self.animation_level = "none"
        else:
            self.write_query(WIDTH_QUERY)

    def on_ready(self) -> None:
        """Start what the first frame does not need: the connection, and the title."""
        self.stay_connected()
        self.set_interval(SEEN_STEP_S, self.attention.remember_seen, name="seen")
        if self.clipboards.should_watch:
            self.clipboards.set_watch(is_wanted=True)
        self.terminal.open()
        self.watchdog.restore_sequence = self.terminal.restore_sequence

    @work(group="engine", exit_on_error=True)
    async def stay_connected(self) -> None:
        try:
            await self.client.run()
        except Pan123Error as error:
            self.failure = error
            self.exit(return_code=1)

    def on_unmount(self) -> None:
        self.attention.remember_seen(is_end=True)
        self.terminal.close()

    def leave(self) -> None:
        """Leave; the engine goes on, that of a demo for a while."""
        self.exit(Exit.LEFT)

    async def action_interrupt(self) -> None:
        """Copy the selected text; leave the program if none is selected."""
        field = self.screen.focused
        if not (text := getattr(field, "selected_text", "") or self.screen.get_selected_text()):
            self.leave()
        elif isinstance(field, Input) and field.password:
            self.bell()
        else:
            copy = self.clipboards.copy(text, _("The selected text"))
            self.run_worker(copy, group="copy", exclusive=True)

    # Changes of the tasks and of the settings

    def handle_change(self, change: ModelChange) -> None:
        if self.model.is_loaded and self.model.is_complete:
            self.has_loaded.set()
        if change.archive_loaded:
            # The start is complete: from here on, long-lived objects are no longer created in bulk.
            self.call_after_refresh(resume_collection)
            if not change.rest_loaded:
                self.attention.remember_seen()
        self.notifier.on_event(change)
        if change.settings_saved:
            self.run_worker(self.live_settings.reload(), group="reload settings", exclusive=True)

    def apply_settings(self, settings: Settings, changed: Set[str]) -> None:
        self.appearance.apply_settings(settings.ui, changed)
        if "clipboard.watch" in changed:
            self.clipboards.set_watch(is_wanted=settings.clipboard.watch)
        if "ui.language" in changed:
            i18n.set_language(settings.ui.language)
        if "keys" in changed:
            self._use_keys(settings.keys)
        if "defaults.folder_id" in changed:
            self.model.default_folder = default_folder(settings)
            self.engine.changes.publish(ModelChange(folders_changed=True))
        self.settings_changed.publish(changed)

    # Keys

    def _use_keys(self, keys: Mapping[str, str]) -> None:
        self.set_keymap(keys)
        i18n.use_keys(keys, is_ascii=self.appearance.is_ascii)

    def get_key_display(self, binding: Binding) -> str:
        return i18n.key_name(binding.key, is_ascii=self.appearance.is_ascii)

    @work(group="help", exclusive=True)
    async def action_help(self) -> None:
        from pan123_tui.ui.dialogs.actions import ActionsScreen, offers_of

        if isinstance(self.screen, ActionsScreen):
            return
        offers = offers_of(self, self.screen)
        chosen = await self.push_screen_wait(ActionsScreen(offers))
        if chosen is not None:
            await self.run_action(chosen.action, chosen.node)

    # The terminal

    async def on_event(self, event: events.Event) -> None:
        self.attention.follow(event)
        await super().on_event(event)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        self.appearance.note_width(event)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self.appearance.line_filters()]

    def on_resize(self) -> None:
        """Repaint everything: a terminal may have moved what it shows."""
        self.forget_screen()

    def action_redraw(self) -> None:
        """Repaint everything, because other programs have written to the terminal."""
        self.forget_screen()
        self.screen.refresh()

    def on_paste(self, event: events.Paste) -> None:
        """Keep links for the review if the screen on top takes none."""
        from pan123_tui.domain.links.extractor import has_addresses

        if has_addresses(event.text):
            from pan123_tui.ui.add_links.screen import AddScreen
            from pan123_tui.ui.widgets.form_fields import SecretInput

            field = self.screen.focused
            text = _("Links cannot be pasted here: close this, then paste them again.")
            if isinstance(field, SecretInput):
                pass  # the text may hold a secret, too
            elif reviews := [it for it in self.screen_stack if isinstance(it, AddScreen)]:
                if not reviews[-1].add_text(f"\n{event.text}"):
                    return
                text = _("Added to the review, below this screen.")
            else:
                draft = self.drafts.read()
                self.drafts.keep(replace(draft, text=f"{draft.text}\n{event.text}"))
                self.drafts.save()
                text = _("Kept as a draft: close this, then {links.add} opens it.")
            self.notify(text, markup=False)
