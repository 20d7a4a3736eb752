"""The application: its screens, and what they share."""

import asyncio
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import Input

from pan123_tui import i18n
from pan123_tui.client.task_model import ModelChange
from pan123_tui.config.settings import Settings
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import N_, _
from pan123_tui.system.processes import resume_collection
from pan123_tui.terminal.input_parser import TerminalReply
from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.ui.dashboard.parts import Outcome, Parts, Surroundings
from pan123_tui.ui.dashboard.screen import KEY_OWNERS, DashboardScreen
from pan123_tui.ui.folders.drive_folders import default_folder
from pan123_tui.ui.keymap import (
    KeyNames,
    KeyOverrides,
    bindings_of,
    check_keys,
    key_name,
    key_names,
)
from pan123_tui.ui.session.memory import Attention
from pan123_tui.ui.theme import VERTICAL_BREAKPOINTS, WIDTH_QUERY, Appearance, stylesheet

if TYPE_CHECKING:
    from pan123_tui.ui.notifications import Notifier

KEY_WARNING_S = 15.0
LOOK_STEP_S = 30.0
"""How often to save that the tasks are being looked at."""


class Pan123App(TerminalApp[Outcome]):
    """The terminal dashboard of an engine."""

    LINK_STARTS = (*TerminalApp.LINK_STARTS, "thunder://")
    HOVER = USES_ALT = False
    CSS_PATH = stylesheet()
    TITLE = "pan123-tui"
    ENABLE_COMMAND_PALETTE = False
    VERTICAL_BREAKPOINTS = VERTICAL_BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
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

    links = ""
    """The links on the command line: they are reviewed at the start, as a paste is."""
    failure: Pan123Error | None = None
    """Why there is no engine."""
    dashboard: DashboardScreen
    """The screen beneath all others."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        settings = around.settings
        self.parts = Parts(
            self, around, keys=dashboard_keys(settings.keys), apply_settings=self.apply_settings
        )
        self.appearance = Appearance(self, settings.ui, around.capabilities)
        self.attention = Attention(self.parts.model, self.parts.memory, around.clock)
        self.has_loaded = asyncio.Event()
        """Whether all tasks are in the table."""
        self.type_ahead.hold_until(self.has_loaded)

    # Imported and created on first use, after the first frame

    @cached_property
    def notifier(self) -> "Notifier":
        """Notifies the user outside the table."""
        from pan123_tui.ui.notifications import Notifier

        parts = self.parts
        return Notifier(
            self,
            parts.model,
            parts.terminal,
            self.attention,
            parts.live_settings,
            parts.origin.profile,
        )

    # Start and end

    def get_default_screen(self) -> Screen[None]:
        """Return the dashboard."""
        self.dashboard = DashboardScreen(self.parts)
        return self.dashboard

    async def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _app: self.action_redraw())
        self.parts.link.changes.subscribe(self, self.dashboard.show_changes)
        self.parts.link.changes.subscribe(self, self.handle_change)
        self.set_keymap(self.parts.live_settings.current.keys)
        if self.appearance.is_ascii:
            self.animation_level = "none"
        else:
            self.write_query(WIDTH_QUERY)

    def on_ready(self) -> None:
        """Start what the first frame does not need: the connection, the title, the checks."""
        self.stay_connected()
        self.set_interval(LOOK_STEP_S, self.attention.remember_look, name="look")
        self.parts.terminal.open()
        self.watchdog.restore_sequence = self.parts.terminal.restore_sequence
        # One message, because only the newest of several is shown.
        settings = self.parts.live_settings.current
        of_keys = *settings.key_faults, *check_keys(settings.keys, known_bindings())
        if warnings := "\n".join((*settings.warnings, *of_keys)):
            self.notify(warnings, severity="warning", timeout=KEY_WARNING_S, markup=False)
        self.dashboard.begin(self.links)

    @work(group="engine", exit_on_error=True)
    async def stay_connected(self) -> None:
        """Stay connected to the engine; leave if there is none."""
        try:
            await self.parts.client.run()
        except Pan123Error as error:
            self.failure = error
            self.exit(return_code=1)

    def on_unmount(self) -> None:
        """Save when the tasks were last looked at, and restore the terminal."""
        self.attention.remember_look(is_end=True)
        self.parts.terminal.close()

    async def action_interrupt(self) -> None:
        """Copy the selected text; leave the program if none is selected."""
        field = self.screen.focused
        if not (text := getattr(field, "selected_text", "") or self.screen.get_selected_text()):
            self.parts.leave()
        elif isinstance(field, Input) and field.password:
            self.bell()
        else:
            copy = self.parts.clipboard.copy(text, _("The selected text"))
            self.run_worker(copy, group="copy", exclusive=True)

    # Changes of the tasks and of the settings

    def handle_change(self, change: ModelChange) -> None:
        """Notify the user of tasks that have ended, and load settings that were saved."""
        if self.parts.model.is_loaded and self.parts.model.is_complete:
            self.has_loaded.set()
        if change.archive_loaded:
            # The start is complete: from here on, long-lived objects are no longer created in bulk.
            self.call_after_refresh(resume_collection)
            if not change.backlog_loaded:
                self.attention.remember_look()
        self.notifier.on_event(change)
        if change.settings_saved:
            self.run_worker(
                self.parts.live_settings.reload(), group="reload settings", exclusive=True
            )

    def apply_settings(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the `changed` fields (`section.name`)."""
        self.appearance.apply_settings(settings.ui, changed)
        if "clipboard.watch" in changed:
            is_wanted = settings.clipboard.watch
            self.dashboard.call_next(self.dashboard.desk.set_watch, is_wanted=is_wanted)
        if "ui.language" in changed:
            language = settings.ui.language
            i18n.set_language(i18n.from_environment() if language == "auto" else language)
        if "keys" in changed:
            self.set_keymap(settings.keys)
            self.parts.engine.keys = dashboard_keys(settings.keys)
        if "ui.language" in changed or "keys" in changed:
            self.dashboard.call_next(self.dashboard.reload_language)
        if "defaults.folder_id" in changed:
            self.parts.model.default_folder = default_folder(settings)
            self.parts.link.changes.publish(ModelChange(folders_changed=True))

    # Keys

    def get_key_display(self, binding: Binding) -> str:
        """Return the name of a key as it is printed on a keyboard."""
        return binding.key_display or key_name(binding.key, is_ascii=self.appearance.is_ascii)

    @work(group="help", exclusive=True)
    async def action_help(self) -> None:
        """Show all actions of this screen with their keys, and run the one that is chosen."""
        from pan123_tui.ui.dialogs.actions import ActionsScreen, offers_of

        if isinstance(self.screen, ActionsScreen):
            return
        offers = offers_of(self, self.screen)
        chosen = await self.push_screen_wait(ActionsScreen(offers))
        if chosen is not None:
            await self.run_action(chosen.action, chosen.node)

    # The terminal

    async def on_event(self, event: events.Event) -> None:
        """Take notice of the user's activity and of the window's focus."""
        self.attention.follow(event)
        await super().on_event(event)

    @on(TerminalReply)
    def forward_reply(self, event: TerminalReply) -> None:
        """Pass a reply of the terminal to the clipboard's queries."""
        self.parts.clipboard.on_reply(event)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """Draw in ASCII if the terminal draws box characters two cells wide."""
        self.appearance.note_width(event)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters for everything that is painted."""
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
            from pan123_tui.ui.add_links.draft import Draft
            from pan123_tui.ui.add_links.screen import AddScreen
            from pan123_tui.ui.widgets.form_fields import SecretInput

            text = _("Links cannot be pasted here: close this, then paste them again.")
            if isinstance(self.screen.focused, SecretInput):
                pass  # the text may hold a secret, too
            elif reviews := [it for it in self.screen_stack if isinstance(it, AddScreen)]:
                if not reviews[-1].add_text(f"\n{event.text}"):
                    return
                text = _("Added to the review, below this screen.")
            else:
                draft = Draft.read(self.parts.draft_file)
                draft = replace(draft, text=f"{draft.text}\n{event.text}")
                if draft.write(self.parts.draft_file):
                    text = _("Kept as a draft: close this, then {key} opens it.")
            self.notify(text.format(key=self.parts.engine.keys["links.add"]), markup=False)


def known_bindings() -> list[Binding]:
    """Return the bindings of the dashboard and the app, which the user may change."""
    return bindings_of(*KEY_OWNERS, Pan123App)


def dashboard_keys(keymap: KeyOverrides) -> KeyNames:
    """Return the names of the dashboard's keys by the id of what they do."""
    return key_names(keymap, known_bindings())
