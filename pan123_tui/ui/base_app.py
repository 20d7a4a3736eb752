"""The base of the application: appearance and remembered state, and the engine's updates."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec.structs import replace
from textual import events, on, work
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.filter import LineFilter
from textual.notifications import Notify
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme
from textual.widget import Widget

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.client.updates import AttachmentState
from pan123_tui.config.state_files import UiState, UiStateFile
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import _
from pan123_tui.ui.alarms import call_after
from pan123_tui.ui.dashboard.filter_bar import FilterBar
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dialogs.help import (
    ActionPalette,
    HelpScreen,
    glossary_section,
    key_sections,
    key_warning_section,
)
from pan123_tui.ui.dialogs.prompts import ConfirmScreen
from pan123_tui.ui.dialogs.too_small import TooSmallScreen, is_too_small
from pan123_tui.ui.keymap import check_keys, key_name
from pan123_tui.ui.terminal.capabilities import ColorSystem
from pan123_tui.ui.terminal.render_filters import (
    PALETTES,
    AsciiFilter,
    ControlCharFilter,
    MonochromeFilter,
    PaletteFilter,
)
from pan123_tui.ui.terminal.shutdown import ShutdownWatchdog
from pan123_tui.ui.terminal.sign_width import shows_wide_signs
from pan123_tui.ui.textual_private import ChangesApp, driver_of, withdraw
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES, UiOptions, theme_colors
from pan123_tui.wording.engine import ignored_account

KEY_WARNING_S = 15.0
PAINT_INTERVAL_S = 1.0
"""Shortest time between two paints of progress; effects of commands are painted at once."""
END_TIMEOUT_S = 3.0
"""Longest wait for the engine's answer when the user ends it."""
_ASCII_FILTER = AsciiFilter()
_CONTROL_CHAR_FILTER = ControlCharFilter()
_MONOCHROME_FILTER = MonochromeFilter()


class BaseApp(ChangesApp):
    """Themes, line filters, keys, the minimum size, and the state kept between runs."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type

    def __init__(self, options: UiOptions, state_dir: Path | None) -> None:
        super().__init__()
        self.options = options
        self._too_small_screen: Screen[None] | None = None
        self._held_pastes: list[str] = []
        """Pastes that no screen has taken yet."""
        self._palette: tuple[Theme, LineFilter] | None = None
        """The theme with its filter for a terminal of few colours."""
        self.state_dir = state_dir
        self.ui_state_file = UiStateFile(state_dir / "dashboard.json") if state_dir else None
        self.ui_state = self.ui_state_file.read() if self.ui_state_file else UiState()
        for theme in THEMES:
            self.register_theme(theme)
        self.use_theme(options.theme or self.ui_state.theme)

    def apply_options(self) -> None:
        """Apply the options that need a running application."""
        self.app_resume_signal.subscribe(self, self._repaint)
        if self.options.ascii:
            self.animation_level = "none"
        self.set_keymap(self.options.keymap)

    def check_keymap(self) -> None:
        """Warn of keys in the settings that do not work, and of an account that is not used."""
        if variable := self.options.ignored_variable:
            text = ignored_account(variable, self.options.profile)
            self.notify(text, severity="warning", timeout=KEY_WARNING_S, markup=False)
        for warning in self._key_warnings():
            self.notify(warning, severity="warning", timeout=KEY_WARNING_S, markup=False)

    def _key_warnings(self) -> list[str]:
        faults = list(self.options.keymap_faults)
        if not self.options.keymap:
            return faults
        # This imports every screen, which takes 85 ms.
        from pan123_tui.ui.key_conflicts import binding_scopes  # noqa: PLC0415

        warnings = check_keys(self.options.keymap, binding_scopes(type(self)))
        return [*faults, *map(str, warnings)]

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters for control characters, and for ASCII and no colours if wanted."""
        filters = [*super().get_line_filters(), _CONTROL_CHAR_FILTER]
        if self.options.ascii:
            filters.append(_ASCII_FILTER)
        if self.no_color:
            filters.append(_MONOCHROME_FILTER)
        elif self.options.color_system != "truecolor" and not self.native_ansi_color:
            filters.append(self._palette_filter(self.current_theme))
        return filters

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """Draw in ASCII where the terminal draws the signs of frames two cells wide."""
        if shows_wide_signs(event):
            self.draw_in_ascii()

    def _write(self, sequence: str) -> None:
        if write := self._writer():
            write(sequence)

    def _writer(self) -> Callable[[str], None] | None:
        """Return what writes to the terminal; None without one, as in a test."""
        driver = driver_of(self)
        return None if driver is None or driver.is_headless else driver.write

    def draw_in_ascii(self) -> None:
        """Replace the signs of frames and texts from now on."""
        self.options = replace(self.options, ascii=True)
        for screen in self.screen_stack:
            for node in screen.walk_children(Widget, with_self=True):
                node.refresh()

    def _palette_filter(self, theme: Theme) -> LineFilter:
        """Return the filter for a terminal of few colours, the same one until the theme changes."""
        known, palette_filter = self._palette or (None, None)
        if known is not theme or palette_filter is None:
            palette = PALETTES[ColorSystem(self.options.color_system), theme.dark]
            former = theme_colors(known) if known else {}
            palette_filter = PaletteFilter(palette, theme_colors(theme), former)
            self._palette = theme, palette_filter
        return palette_filter

    def get_key_display(self, binding: Binding) -> str:
        """Return the name of a key as printed on a keyboard."""
        return binding.key_display or key_name(binding.key, is_ascii=self.options.ascii)

    def on_resize(self, event: events.Resize) -> None:
        """Cover the screen with the needed size while the terminal is too small."""
        self.forget_screen()
        is_covered = self.screen is self._too_small_screen
        if is_too_small(event.size) and not is_covered:
            self._too_small_screen = TooSmallScreen()
            self.push_screen(self._too_small_screen)
        elif is_covered and not is_too_small(event.size):
            self.pop_screen()

    def on_notify(self, event: Notify) -> None:
        """Show a message once where it is repeated, as by a key that is held down."""
        withdraw(self, event.notification.message)

    def keep_paste(self, text: str) -> None:
        """Keep a paste until a screen takes it."""
        self._held_pastes.append(text)

    def on_paste(self, event: events.Paste) -> None:
        """Hold links that were pasted over a dialog or into a filter until a screen takes them."""
        if "://" in event.text:
            self._held_pastes.append(event.text)
            self.notify(_("Your paste is kept until this is closed."), markup=False)

    def pop_screen(self) -> AwaitComplete:
        """Close the top screen, and give held pastes to the one below."""
        closed = super().pop_screen()
        self.deliver_pastes()
        return closed

    @on(FilterBar.Closed)
    def deliver_pastes(self) -> None:
        """Give held pastes to the top screen once it is shown."""
        if self._held_pastes:
            self.call_after_refresh(self._deliver_pastes)

    def _deliver_pastes(self) -> None:
        if self._held_pastes and hasattr(self.screen, "on_paste"):
            self.screen.post_message(events.Paste("\n".join(self._held_pastes)))
            self._held_pastes.clear()

    def action_redraw(self) -> None:
        """Repaint all, because other programs have written to the terminal."""
        self.forget_screen()
        self.screen.refresh()

    def _repaint(self, _app: App[object]) -> None:
        """Repaint after a suspension."""
        self.action_redraw()

    @on(TaskPanel.QueryChanged)
    def remember_query(self, event: TaskPanel.QueryChanged) -> None:
        """Save the query of the task list for the next run."""
        query = event.query
        self.save_ui_state(
            view=query.view,
            search=query.search,
            filter=query.filter,
            sort=query.sort,
            reverse=query.reverse,
            is_detail_open=event.is_detail_open,
        )

    def save_ui_state(self, **changes: Any) -> None:
        """Save `changes` to the state for the next run."""
        ui_state = replace(self.ui_state, **changes)
        if ui_state != self.ui_state:
            self.ui_state = ui_state
            self._write_ui_state()

    @work(thread=True, group="ui-state")
    def _write_ui_state(self) -> None:
        if self.ui_state_file is not None:
            self.ui_state_file.write(self.ui_state)

    def use_theme(self, name: str) -> None:
        """Use the theme `name`, from now on, or the default one if there is no such theme."""
        self.theme = name if name in self.available_themes else DEFAULT_THEME

    @property
    def theme_names(self) -> list[str]:
        """The themes, our own first."""
        ours = [theme.name for theme in THEMES]
        return ours + sorted(name for name in self.available_themes if name not in ours)

    def action_help(self) -> None:
        """Open the help on the keys of this screen."""
        if not isinstance(self.screen, HelpScreen):
            warnings = key_warning_section(self._key_warnings())
            keys = key_sections(self, self.screen)
            self.push_screen(HelpScreen([*warnings, *keys, glossary_section()]))

    def action_command_palette(self) -> None:
        """Open the search among all actions."""
        if not isinstance(self.screen, ActionPalette):
            self.push_screen(ActionPalette())


class EngineApp(BaseApp):
    """An application on an engine: paints its updates."""

    def __init__(self, client: EngineClient, options: UiOptions, state_dir: Path | None) -> None:
        super().__init__(options, state_dir)
        self.client = client
        client.on_command_done = self.schedule_paint
        self.paint_interval_s = PAINT_INTERVAL_S
        self.model = TaskModel()
        self.has_loaded = asyncio.Event()
        """Whether the tasks are in the table."""
        self.changes: Signal[ModelChange] = Signal(self, "changes")
        self.watchdog = ShutdownWatchdog(leave=self._exit_from_thread)
        self.failure: Pan123Error | None = None
        """Why there is no engine."""
        self.has_ended_engine = False
        """Whether the user has ended the engine with this screen."""
        self._next_paint_at = 0.0
        self._paint_alarm: asyncio.TimerHandle | None = None

    def watch_for_signals(self) -> None:
        """Leave on a signal; call it on the screen's event loop."""
        self._event_loop = asyncio.get_running_loop()
        self.watchdog.watch()

    @work(group="engine", exit_on_error=True)
    async def stay_connected(self) -> None:
        """Stay connected to the engine; leave if there is none."""
        try:
            await self.client.run(lambda: self.call_later(self.apply_updates))
        except Pan123Error as error:
            self.failure = error
            self.exit(1)

    def schedule_paint(self) -> None:
        """Paint the effects of a command."""
        self.call_later(self.paint_updates)

    def apply_updates(self) -> None:
        """Paint the updates now, or when the next paint is due."""
        wait_s = self._next_paint_at - monotonic()
        if wait_s <= 0:
            self.paint_updates()
        elif self._paint_alarm is None:
            self._paint_alarm = call_after(self, wait_s, self.paint_updates)

    def paint_updates(self) -> None:
        """Apply the updates to the model and publish what changed."""
        if self._paint_alarm is not None:
            self._paint_alarm.cancel()
            self._paint_alarm = None
        change = self.model.apply(self.client.drain())
        # The status may come before the tasks, which must not wait for it, nor the later for the
        # first ones.
        is_loaded = self.model.is_loaded
        waits = is_loaded and self.model.is_complete
        self._next_paint_at = monotonic() + self.paint_interval_s if waits else 0.0
        self.changes.publish(change)
        self.handle_change(change)
        if is_loaded:
            self.has_loaded.set()

    def handle_change(self, change: ModelChange) -> None:
        """React to `change` beyond the widgets."""

    async def action_quit(self) -> None:
        """Leave; the engine goes on, but for that of a demo."""
        if self.options.is_demo:
            self.client.send(StopEngine())
        self.exit(0)

    @work(group="leave", exclusive=True)
    async def action_quit_and_end(self) -> None:
        """Leave and end the engine; ask first if it cannot save its tasks."""
        question = ConfirmScreen(
            _("Nothing can be saved now. End the engine anyway?"),
            yes=_("End it"),
            no=_("Stay"),
            detail=_("Unsaved changes will be lost."),
        )
        if self.model.attachment.state is AttachmentState.ENDED:
            self.exit(0)
            return
        if self.model.status.store_problem and not await self.push_screen_wait(question):
            return
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self.client.call(StopEngine())
        except (Pan123Error, TimeoutError):
            self.notify(_("The engine does not answer, so it was not ended."), markup=False)
        else:
            self.has_ended_engine = True
            self.exit(0)

    def _exit_from_thread(self) -> None:
        self._event_loop.call_soon_threadsafe(self.exit, 0)
