"""The application's inside: the engine's thread, its news, and the way out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec.structs import replace
from textual import events, on, work
from textual.app import App
from textual.binding import Binding
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme
from textual.timer import Timer

from pan123_tui.config.state_files import UiState, UiStateFile
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dialogs.choice import ChoiceScreen
from pan123_tui.ui.dialogs.command_palette import (
    Palette,
    glossary_section,
    key_sections,
    key_warning_section,
)
from pan123_tui.ui.dialogs.confirm import ConfirmScreen
from pan123_tui.ui.dialogs.help import HelpScreen
from pan123_tui.ui.dialogs.too_small import TooSmallScreen, is_too_small
from pan123_tui.ui.engine_bridge import EngineBridge
from pan123_tui.ui.keymap import KeyWarning, check_keys, key_name
from pan123_tui.ui.task_model import ModelChange, TaskModel
from pan123_tui.ui.terminal.render_filters import AsciiFilter, ControlCharFilter, MonochromeFilter
from pan123_tui.ui.terminal.shutdown import ShutdownWatchdog
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES, UiOptions

KEY_FAULT_S = 15.0
_TO_ASCII = AsciiFilter()
_HARMLESS = ControlCharFilter()
_COLOURLESS = MonochromeFilter()


class BaseApp(App[int]):
    """Themes, signs, keys and their names, the least size, and the memory of all that."""

    def __init__(self, look: UiOptions, state_dir: Path | None) -> None:
        super().__init__()
        self.look = look
        self._cover: Screen[None] | None = None
        """What is shown while the terminal is too small."""
        self._usual_movement = self.animation_level
        self.state_dir = state_dir
        self.memory_file = UiStateFile(state_dir / "dashboard.json") if state_dir else None
        self.memory = self.memory_file.read() if self.memory_file else UiState()
        for theme in THEMES:
            self.register_theme(theme)
        name = self.memory.theme_over(look.theme)
        self.theme = name if name in self.available_themes else DEFAULT_THEME
        self.set_class(look.low_bandwidth, "-low-bandwidth", update=False)

    def apply_options(self) -> None:
        """Draw as the user has chosen: movement, keys."""
        look = self.look
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self.app_resume_signal.subscribe(self, self._draw_again)
        self.set_low_bandwidth(is_wanted=look.low_bandwidth)
        self.set_keymap(look.keymap)

    def set_low_bandwidth(self, *, is_wanted: bool) -> None:
        """Send as little as can be from now on, or as usual again."""
        self.look = replace(self.look, low_bandwidth=is_wanted)
        self.set_class(is_wanted, "-low-bandwidth")
        is_still = is_wanted or self.look.ascii
        self.animation_level = "none" if is_still else self._usual_movement

    def check_keymap(self) -> None:
        """Say which of the keys that the user has chosen do not work; the help keeps it."""
        for fault in self._key_faults():
            self.notify(str(fault), severity="warning", timeout=KEY_FAULT_S, markup=False)

    def _key_faults(self) -> list[KeyWarning]:
        chosen = self.look.keymap
        if not chosen:
            return []
        # Every screen is imported for the check: 85 ms of the start.
        from pan123_tui.ui.key_conflicts import scopes_of  # noqa: PLC0415

        return check_keys(chosen, scopes_of(type(self)))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw nothing that the terminal would obey; without colours, in ASCII, if asked for."""
        filters = [*super().get_line_filters(), _HARMLESS]
        if self.look.ascii:
            filters.append(_TO_ASCII)
        if self.no_color:
            filters.append(_COLOURLESS)
        return filters

    def get_key_display(self, binding: Binding) -> str:
        """Name keys as they stand on a keyboard."""
        return binding.key_display or key_name(binding.key, is_ascii=self.look.ascii)

    def on_resize(self, event: events.Resize) -> None:
        """Say what size is needed instead of drawing what nobody can read."""
        is_covered = self.screen is self._cover
        if is_too_small(event.size) and not is_covered:
            self._cover = TooSmallScreen()
            self.push_screen(self._cover)
        elif is_covered and not is_too_small(event.size):
            self.pop_screen()

    def _draw_again(self, _app: App[object]) -> None:
        """Draw all after a stop: the terminal was another program's meanwhile."""
        self.screen.refresh()

    # The memory

    @on(TaskPanel.QueryChanged)
    def remember_look(self, event: TaskPanel.QueryChanged) -> None:
        """Keep how the tasks are looked at for the next run."""
        query = event.query
        self.remember(
            view=query.view,
            search=query.search,
            filter=query.filter,
            sort=query.sort,
            reverse=query.reverse,
            is_detail_open=event.is_detail_open,
        )

    def remember(self, **changes: Any) -> None:
        """Keep `changes` to the memory for the next run."""
        memory = replace(self.memory, **changes)
        if memory != self.memory:
            self.memory = memory
            self._write_memory()

    @work(thread=True, group="remember")
    def _write_memory(self) -> None:
        if self.memory_file is not None:
            self.memory_file.write(self.memory)

    def _remember_theme(self, theme: Theme) -> None:
        self.remember(theme=theme.name, theme_before=self.look.theme)

    # What is chosen from

    @property
    def theme_names(self) -> list[str]:
        """The themes, our own first."""
        ours = [theme.name for theme in THEMES]
        return ours + sorted(name for name in self.available_themes if name not in ours)

    def search_themes(self) -> None:
        """Offer the themes."""
        self._choose_theme()

    @work(group="dialog", exclusive=True)
    async def _choose_theme(self) -> None:
        choices = [(name, name, "") for name in self.theme_names]
        name = await self.push_screen_wait(ChoiceScreen(_("Theme"), choices, current=self.theme))
        if name is not None:
            self.theme = name

    def action_help(self) -> None:
        """Show every key that does something on this screen."""
        if not isinstance(self.screen, HelpScreen):
            faults = key_warning_section(self._key_faults())
            keys = key_sections(self, self.screen)
            self.push_screen(HelpScreen([*faults, *keys, glossary_section()]))

    def action_command_palette(self) -> None:
        """Show every action with its key, to search among them."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())


PAINT_INTERVAL_S = 1.0
"""Progress is painted at most this often; what the user did is painted at once."""
SLOW_LINE_INTERVAL_S = 2.0
"""The same over a slow line."""
LEAVE_S = 1.5
"""How long the engine may take to save and end when the user leaves."""


class EngineApp(BaseApp):
    """An application on an engine: mirrors its tasks, tells of changes, and ends it in order."""

    class UpdatesReady(Message):
        """The bridge has news."""

    @dataclass
    class EngineFailed(Message):
        """The engine could not start, for a reason that the user can mend."""

        error: Pan123Error

    def __init__(self, bridge: EngineBridge, look: UiOptions, state_dir: Path | None) -> None:
        super().__init__(look, state_dir)
        self.bridge = bridge
        bridge.on_answer = self.paint_soon
        self.paint_interval_s = PAINT_INTERVAL_S
        self.model = TaskModel()
        self.changes: Signal[ModelChange] = Signal(self, "changes")
        self.watchdog = ShutdownWatchdog(save=self._save_on_signal, leave=self._leave_from_outside)
        self.failure: Pan123Error | None = None
        """Why the engine could not start, after the app has left."""
        self._paint_at = 0.0
        self._due_paint: Timer | None = None

    def watch_for_signals(self) -> None:
        """Leave in order when the system says so; call it on the screen's loop."""
        self._loop_of_screen = asyncio.get_running_loop()
        self.watchdog.watch()

    @work(thread=True, group="engine", exit_on_error=True)
    def run_engine(self) -> None:
        """Run the engine on a thread of its own until it ends."""
        try:
            self.bridge.run(self.post_updates)
        except Pan123Error as error:
            self.post_message(self.EngineFailed(error))

    def post_updates(self) -> None:
        """Have the news painted when that is due; called on the engine's thread."""
        self.post_message(self.UpdatesReady())

    def paint_soon(self) -> None:
        """Paint the news of a command that was carried out."""
        self.call_later(self.paint_updates)

    @on(EngineFailed)
    def give_up(self, event: EngineFailed) -> None:
        """Leave: without the engine there is nothing to show. Who runs the app says why."""
        self.failure = event.error
        self.exit(1)

    @on(UpdatesReady)
    def apply_updates(self) -> None:
        """Paint the news now, or when the next paint is due."""
        wait_s = self._paint_at - monotonic()
        if wait_s <= 0:
            self.paint_updates()
        elif self._due_paint is None:
            self._due_paint = self.set_timer(wait_s, self.paint_updates, name="paint")

    def paint_updates(self) -> None:
        """Bring the mirror up to date and tell the widgets what changed."""
        if self._due_paint is not None:
            self._due_paint.stop()
            self._due_paint = None
        is_slow = self.look.low_bandwidth
        self._paint_at = monotonic() + (SLOW_LINE_INTERVAL_S if is_slow else self.paint_interval_s)
        change = self.model.apply(self.bridge.drain())
        self.changes.publish(change)
        self.hear(change)

    def hear(self, change: ModelChange) -> None:
        """Do more about `change` than the widgets do."""

    async def action_quit(self) -> None:
        """Leave; ask first where what would be lost cannot be saved."""
        is_asking = isinstance(self.screen, ConfirmScreen)
        if self.model.status.store_problem is None or is_asking:
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
            self.watchdog.force()
        self.exit(0)

    def _save_on_signal(self, timeout_s: float) -> bool:
        has_ended = self.bridge.stop(timeout_s)
        if not has_ended:
            self.bridge.save_now()
        return has_ended

    def _leave_from_outside(self) -> None:
        self._loop_of_screen.call_soon_threadsafe(self.exit, 0)
