"""Colours and signs: the themes, and what terminals with few of either need."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.filter import LineFilter, NoColor
from textual.theme import BUILTIN_THEMES, Theme
from textual.widget import Widget

from pan123_tui.config.schema import Ui
from pan123_tui.domain.task import SHOWN_AS, Shown
from pan123_tui.terminal.escape_codes import Capabilities, ColorSystem
from pan123_tui.terminal.screen_buffer import AsciiFilter, ControlCharFilter
from pan123_tui.ui.contrast import readable, same_colors

_Shades = tuple[str, str, str, str]
"""A colour in the dark and in the light theme, then the same for terminals with 256 colours.

Of those, Rich takes the nearest one, which otherwise can be one that cannot be read on its ground.
"""
_BASE: Mapping[str, _Shades] = {
    "primary": ("#62adff", "#0a58c2", "#5fafff", "#005faf"),
    "success": ("#63bd88", "#1d7044", "#5faf5f", "#005f00"),
    "warning": ("#e8bf6a", "#7a4d00", "#d7af5f", "#875f00"),
    "error": ("#ff8a8c", "#b3202d", "#ff8787", "#870000"),
    "foreground": ("#d8dee8", "#1d2733", "#d7d7d7", "#262626"),
    "background": ("#11151b", "#f5f6f8", "#121212", "#ffffff"),
    "surface": ("#171c24", "#ffffff", "#1c1c1c", "#ffffff"),
    "panel": ("#1f2630", "#e9ecf1", "#262626", "#f0f0f0"),
}
"""The colours that Textual mixes others from."""
_MORE: Mapping[str, _Shades] = {
    "text-muted": ("#a2a5a9", "#5b5e63", "#9f9f9f", "#585858"),
    "text-disabled": ("#7c838d", "#787f89", "#808080", "#808080"),
    "block-cursor-background": ("#22384d", "#d3e4f7", "#303030", "#e6e6e6"),
    "block-cursor-blurred-background": ("#232d39", "#e3e8ef", "#262626", "#f0f0f0"),
    "input-selection-background": ("#2f4d6b", "#bfd8f3", "#005f87", "#afd7ff"),
}


def _theme(name: str, index: int) -> Theme:
    base: dict[str, Any] = {token: shades[index] for token, shades in _BASE.items()}
    variables = {token: shades[index] for token, shades in _MORE.items()}
    variables |= same_colors(base | variables)
    return Theme(name, **base, dark=index % 2 == 0, variables=variables)


_SIXTEEN = {
    "border-blurred": "ansi_bright_black",
    "scrollbar": "ansi_bright_black",
    "block-cursor-background": "ansi_bright_black",
    "block-cursor-foreground": "ansi_default",
}
"""What is seen on a dark and on a light ground."""


def _sixteen(name: str, kind: str, **states: str) -> Theme:
    """Return Textual's theme of a terminal's own colours, with other ones for states and edges."""
    theme = BUILTIN_THEMES[kind]
    variables = theme.variables | _SIXTEEN | same_colors(states)
    base: dict[str, Any] = {"name": name, "variables": variables, **states}
    return replace(theme, **base)


DEFAULT_THEME, _LIGHT_THEME = "pan123-dark", "pan123-light"
THEMES = (_theme(DEFAULT_THEME, 0), _theme(_LIGHT_THEME, 1))
FEW_COLORS: Mapping[ColorSystem, tuple[Theme, Theme]] = {
    ColorSystem.EIGHT_BIT: (_theme(DEFAULT_THEME, 2), _theme(_LIGHT_THEME, 3)),
    ColorSystem.STANDARD: (
        _sixteen(
            DEFAULT_THEME,
            "ansi-dark",
            primary="ansi_bright_blue",
            success="ansi_green",
            warning="ansi_bright_yellow",
            error="ansi_bright_red",
        ),
        _sixteen(
            _LIGHT_THEME,
            "ansi-light",
            primary="ansi_blue",
            success="ansi_green",
            warning="ansi_magenta",  # its yellow cannot be read on white
            error="ansi_red",
        ),
    ),
}
"""The dark and the light theme of terminals that have too few colours for any other."""
OFFERED = (
    *(theme.name for theme in THEMES),
    *sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi),
)
"""The names of the themes to choose from: of the others, the terminal decides what can be read."""


def offered(app: App[Any]) -> tuple[str, ...]:
    """Return the names of the themes to choose from in the terminal of `app`."""
    return OFFERED if app.get_theme(DEFAULT_THEME) is THEMES[0] else OFFERED[: len(THEMES)]


STALLED_TOKEN = "text-warning"  # noqa: S105 - a colour, not a secret
SHOWN_TOKENS: Mapping[Shown, str] = {
    Shown.QUEUED: "text-muted",
    Shown.SENDING: "text-primary",
    Shown.RUNNING: "text-primary",
    Shown.DONE: "text-success",
    Shown.FAILED: "text-error",
    Shown.UNSURE: "text-warning",
}
"""The colour of each word that shows a task's state, always beside its sign."""
STATE_TOKENS = {state: SHOWN_TOKENS[shown] for state, shown in SHOWN_AS.items()}
STYLE_TOKENS: Mapping[str, str] = {
    **{shown.value: token for shown, token in SHOWN_TOKENS.items()},
    "stalled": STALLED_TOKEN,
    "muted": "text-muted",
    "track": "text-disabled",
}
"""The colours of the spans in tables, by their style class."""


VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]

SCREEN_STYLES = Path(__file__).with_name("screens.tcss")
"""The styles of what opens over the dashboard: parsing them takes longer than all its own."""


def stylesheet() -> Path:
    """Return the path of `styles.tcss`, in the installed package or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package, package.parent):
        if (path := folder / "styles.tcss").is_file():
            return path
    raise FileNotFoundError("styles.tcss")


_ASCII_FILTER, _CONTROL_CHAR_FILTER, _NO_COLOR = AsciiFilter(), ControlCharFilter(), NoColor()
_ROW = 2
"""A report from the first row looks like F3 with a modifier."""
WIDTH_QUERY = f"\x1b[{_ROW};1H─\x1b[6n\r\x1b[K"
"""Draws a sign, asks for the cursor's position, and erases the sign; sent before all else."""


class Appearance:
    """An application's themes, and the filters for the lines it paints."""

    def __init__(self, app: App[Any], ui: Ui, terminal: Capabilities) -> None:
        self._app = app
        self._needs_ascii = not terminal.has_symbols
        """Whether the terminal shows other signs in the wrong width or not at all."""
        self.is_ascii = ui.ascii or self._needs_ascii
        """Whether only ASCII is drawn."""
        self._own_themes = FEW_COLORS.get(terminal.color_system, THEMES)
        for theme in self._own_themes:
            app.register_theme(theme)
        self._use_theme(ui.theme)

    def _use_theme(self, name: str) -> None:
        """Use a theme, or the own one as dark as it if the terminal has too few colours."""
        themes = self._app.available_themes
        theme = themes.get(name, themes[DEFAULT_THEME])
        if theme is BUILTIN_THEMES.get(name):
            has_all = self._own_themes is THEMES
            theme = readable(theme) if has_all else self._own_themes[0 if theme.dark else 1]
            self._app.register_theme(theme)
        self._app.theme = theme.name

    def apply_settings(self, ui: Ui, changed: Collection[str]) -> None:
        if "ui.theme" in changed:
            self._use_theme(ui.theme)
        if "ui.ascii" in changed:
            self._draw_in_ascii(is_wanted=ui.ascii)

    def note_width(self, report: events.CursorPosition) -> None:
        """Draw in ASCII if the reply to `WIDTH_QUERY` says that the sign took two cells.

        A terminal set up for Chinese, Japanese or Korean may do so, which shifts the line.
        """
        if (report.x, report.y) == (2, _ROW - 1):
            self._needs_ascii = True
            self._draw_in_ascii(is_wanted=True)

    def _draw_in_ascii(self, *, is_wanted: bool) -> None:
        self.is_ascii = is_wanted or self._needs_ascii
        for screen in self._app.screen_stack:
            for node in screen.walk_children(Widget, with_self=True):
                node.refresh()

    def line_filters(self) -> Iterator[LineFilter]:
        yield _CONTROL_CHAR_FILTER
        if self.is_ascii:
            yield _ASCII_FILTER
        if self._app.no_color:
            yield _NO_COLOR
