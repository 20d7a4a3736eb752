"""The appearance: an application drawn as its user has chosen, and remembered as it was left."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual import events, on, work
from textual.app import App
from textual.binding import Binding
from textual.filter import LineFilter
from textual.screen import Screen
from textual.theme import Theme

from pan123_tui.i18n import _
from pan123_tui.ui.ascii import AsciiFilter
from pan123_tui.ui.colourless import ColourlessFilter
from pan123_tui.ui.commands import fault_section, key_sections, word_section
from pan123_tui.ui.harmless import HarmlessFilter
from pan123_tui.ui.keymap import KeyFault, check_keys, key_name
from pan123_tui.ui.least_size import is_too_small
from pan123_tui.ui.look import Look
from pan123_tui.ui.memory import Memory, MemoryFile
from pan123_tui.ui.screens.choice import ChoiceScreen
from pan123_tui.ui.screens.help import HelpScreen
from pan123_tui.ui.screens.palette import Palette
from pan123_tui.ui.screens.too_small import TooSmallScreen
from pan123_tui.ui.task_browser import TaskBrowser
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES

KEY_FAULT_S = 15.0
_TO_ASCII = AsciiFilter()
_HARMLESS = HarmlessFilter()
_COLOURLESS = ColourlessFilter()


class LookingApp(App[int]):
    """Themes, signs, keys and their names, the least size, and the memory of all that."""

    def __init__(self, look: Look, state_dir: Path | None) -> None:
        super().__init__()
        self.look = look
        self._cover: Screen[None] | None = None
        """What is shown while the terminal is too small."""
        self._usual_movement = self.animation_level
        self.state_dir = state_dir
        self.memory_file = MemoryFile(state_dir / "dashboard.json") if state_dir else None
        self.memory = self.memory_file.read() if self.memory_file else Memory()
        for theme in THEMES:
            self.register_theme(theme)
        name = self.memory.theme_over(look.theme)
        self.theme = name if name in self.available_themes else DEFAULT_THEME
        self.set_class(look.low_bandwidth, "-low-bandwidth", update=False)

    def put_on_look(self) -> None:
        """Draw as the user has chosen: movement, keys."""
        look = self.look
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self.app_resume_signal.subscribe(self, self._draw_again)
        self.spare_the_line(is_wanted=look.low_bandwidth)
        self.set_keymap(look.keymap)

    def spare_the_line(self, *, is_wanted: bool) -> None:
        """Send as little as can be from now on, or as usual again."""
        self.look = replace(self.look, low_bandwidth=is_wanted)
        self.set_class(is_wanted, "-low-bandwidth")
        is_still = is_wanted or self.look.ascii
        self.animation_level = "none" if is_still else self._usual_movement

    def check_keymap(self) -> None:
        """Say which of the keys that the user has chosen do not work; the help keeps it."""
        for fault in self._key_faults():
            self.notify(str(fault), severity="warning", timeout=KEY_FAULT_S, markup=False)

    def _key_faults(self) -> list[KeyFault]:
        chosen = self.look.keymap
        if not chosen:
            return []
        # Every screen is imported for the check: 85 ms of the start.
        from pan123_tui.ui.screens.key_scopes import scopes_of  # noqa: PLC0415

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

    @on(TaskBrowser.Looked)
    def remember_look(self, event: TaskBrowser.Looked) -> None:
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
            faults = fault_section(self._key_faults())
            keys = key_sections(self, self.screen)
            self.push_screen(HelpScreen([*faults, *keys, word_section()]))

    def action_command_palette(self) -> None:
        """Show every action with its key, to search among them."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())
