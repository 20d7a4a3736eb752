"""Colours and signs: the themes, and what a terminal of few of either needs."""

from collections.abc import Collection, Iterator
from typing import Any

from textual import events
from textual.app import App
from textual.filter import LineFilter
from textual.theme import Theme
from textual.widget import Widget

from pan123_tui.config.schema import Ui
from pan123_tui.ui.terminal.capabilities import ColorSystem
from pan123_tui.ui.terminal.render_filters import (
    PALETTES,
    AsciiFilter,
    ControlCharFilter,
    MonochromeFilter,
    PaletteFilter,
)
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES, UiOptions, theme_colors

_ASCII_FILTER = AsciiFilter()
_CONTROL_CHAR_FILTER = ControlCharFilter()
_MONOCHROME_FILTER = MonochromeFilter()
_ROW = 2
"""A report from the first row looks like F3 with a modifier."""
WIDTH_QUERY = f"\x1b[{_ROW};1H─\x1b[6n\r\x1b[K"
"""Draws a sign, asks where the cursor is then, and erases it; sent before the first frame."""


def shows_wide_signs(report: events.CursorPosition) -> bool:
    """Return whether the reply to the query says that the sign took two cells.

    Unicode leaves that open, and terminals set up for Chinese, Japanese or Korean may draw the
    signs of frames two cells wide, which shifts all that follows on the line.
    """
    return (report.x, report.y) == (2, _ROW - 1)


class Appearance:
    """The themes of an application, and the filters of the lines that it paints."""

    def __init__(self, app: App[Any], options: UiOptions) -> None:
        self._app = app
        self._color_system = options.color_system
        self.is_ascii = options.ascii
        """Whether only ASCII is drawn."""
        self.needs_ascii = options.needs_ascii
        """Whether the terminal shows other signs in the wrong width."""
        self._palette: tuple[Theme, LineFilter] | None = None
        """The theme with its filter for a terminal of few colours."""
        for theme in THEMES:
            app.register_theme(theme)
        self.use_theme(options.theme)

    def use_theme(self, name: str) -> None:
        """Use the theme `name`, from now on, or the default one if there is no such theme."""
        self._app.theme = name if name in self._app.available_themes else DEFAULT_THEME

    @property
    def theme_names(self) -> list[str]:
        """The themes, our own first."""
        ours = [theme.name for theme in THEMES]
        return ours + sorted(name for name in self._app.available_themes if name not in ours)

    def draw_in_ascii(self, *, is_wanted: bool) -> None:
        """Replace the signs of frames and texts from now on, or no longer where none needs it."""
        self.is_ascii = is_wanted or self.needs_ascii
        for screen in self._app.screen_stack:
            for node in screen.walk_children(Widget, with_self=True):
                node.refresh()

    def need_ascii(self) -> None:
        """Draw in ASCII from now on, whatever is wanted."""
        self.needs_ascii = True
        self.draw_in_ascii(is_wanted=True)

    def apply_settings(self, ui: Ui, changed: Collection[str]) -> None:
        """Use the theme and the signs of the `changed` settings."""
        if "ui.theme" in changed:
            self.use_theme(ui.theme)
        if "ui.ascii" in changed:
            self.draw_in_ascii(is_wanted=ui.ascii)

    def line_filters(self) -> Iterator[LineFilter]:
        """Yield the filters for control characters, and for ASCII and few colours if wanted."""
        yield _CONTROL_CHAR_FILTER
        if self.is_ascii:
            yield _ASCII_FILTER
        if self._app.no_color:
            yield _MONOCHROME_FILTER
        elif self._color_system != "truecolor" and not self._app.native_ansi_color:
            yield self._palette_filter(self._app.current_theme)

    def _palette_filter(self, theme: Theme) -> LineFilter:
        """Return the filter for a terminal of few colours, the same one until the theme changes."""
        known, palette_filter = self._palette or (None, None)
        if known is not theme or palette_filter is None:
            palette = PALETTES[ColorSystem(self._color_system), theme.dark]
            palette_filter = PaletteFilter(palette, theme_colors(theme))
            self._palette = theme, palette_filter
        return palette_filter
