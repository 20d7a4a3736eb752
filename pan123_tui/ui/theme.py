"""Colours and signs: the themes, and what terminals with few of either need."""

from collections.abc import Collection, Iterator, Mapping
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
from pan123_tui.ui.contrast import readable

_Shades = tuple[str, str, str, str]
"""A colour in the dark and in the light theme, then the same for terminals with 256 colours.

Of those, Rich takes the nearest one, which otherwise can be one that cannot be read on its ground.
"""
_BASE: Mapping[str, _Shades] = {
    "primary": ("#7ab8f5", "#0b5cab", "#87afff", "#005faf"),
    "secondary": ("#93a6bf", "#51617a", "#afafd7", "#5f5f5f"),
    "accent": ("#c3a5f7", "#6a3fb0", "#d7afff", "#5f00af"),
    "success": ("#7fd1a0", "#176b3c", "#87d7af", "#005f00"),
    "warning": ("#e6bd74", "#855400", "#d7af87", "#875f00"),
    "error": ("#f58a8f", "#b3202d", "#ff8787", "#af0000"),
    "foreground": ("#d8dee8", "#1d2733", "#d7d7d7", "#262626"),
    "background": ("#11151b", "#f5f6f8", "#121212", "#f0f0f0"),
    "surface": ("#171c24", "#ffffff", "#1c1c1c", "#ffffff"),
    "panel": ("#1f2630", "#e9ecf1", "#262626", "#e6e6e6"),
}
"""The colours that Textual mixes others from."""
_MORE: Mapping[str, _Shades] = {
    "text-muted": ("#95a1b2", "#505c6c", "#a9a9a9", "#585858"),
    "text-disabled": ("#657182", "#8a94a2", "#6c6c6c", "#949494"),
    "text-secondary": ("#a3b4ca", "#475569", "#afafd7", "#5f5f5f"),
    "text-warning": ("#e6bd74", "#7a4d00", "#d7af87", "#5f5f00"),
    "block-cursor-background": ("#22384d", "#d3e4f7", "#3a3a3a", "#d7d7ff"),
    "block-cursor-foreground": ("#f2f6fb", "#0d1722", "#ffffff", "#000000"),
    "block-cursor-blurred-background": ("#232d39", "#e3e8ef", "#303030", "#dcdcdc"),
    "block-hover-background": ("#1c232d", "#edf0f4", "#262626", "#e6e6e6"),
    "border-blurred": ("#333d4a", "#ccd3dc", "#4e4e4e", "#c7c7c7"),
    "scrollbar": ("#3a4655", "#c0c8d2", "#4e4e4e", "#bdbdbd"),
    "scrollbar-hover": ("#4b596b", "#a7b1be", "#626262", "#9f9f9f"),
    "input-selection-background": ("#2f4d6b", "#bfd8f3", "#005f87", "#afd7ff"),
    "button-color-foreground": ("#11151b", "#ffffff", "#121212", "#ffffff"),
}
_SAME = {
    "primary": ("text-primary", "border", "scrollbar-active", "footer-key-foreground"),
    "accent": ("text-accent",),
    "success": ("text-success",),
    "error": ("text-error",),
    "foreground": ("text", "block-cursor-blurred-foreground", "footer-foreground"),
    "background": ("scrollbar-background",),
    "surface": ("footer-background",),
    "text-muted": ("footer-description-foreground",),
}
"""Tokens that share the colour of another one."""


def _theme(name: str, index: int) -> Theme:
    base: dict[str, Any] = {token: shades[index] for token, shades in _BASE.items()}
    variables = {token: shades[index] for token, shades in _MORE.items()}
    known = base | variables
    variables |= {"block-cursor-text-style": "bold"}
    variables |= {token: known[of] for of, tokens in _SAME.items() for token in tokens}
    return Theme(name, **base, dark=index % 2 == 0, variables=variables)


THEMES = (_theme("pan123-dark", 0), _theme("pan123-light", 1))
EIGHT_BIT_THEMES = (_theme("pan123-dark", 2), _theme("pan123-light", 3))
DEFAULT_THEME = THEMES[0].name
OFFERED = (
    *(theme.name for theme in THEMES),
    *sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi),
)
"""The names of the themes to choose from: of the others, the terminal decides what can be read."""


STALLED_TOKEN = "text-warning"  # noqa: S105 - a colour, not a secret
SHOWN_TOKENS: Mapping[Shown, str] = {
    Shown.QUEUED: "text-muted",
    Shown.SENDING: "text-secondary",
    Shown.RUNNING: "text-primary",
    Shown.DONE: "text-success",
    Shown.FAILED: "text-error",
    Shown.UNSURE: "text-accent",
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
        self._color_system = terminal.color_system
        self._needs_ascii = not terminal.has_symbols
        """Whether the terminal shows other signs in the wrong width or not at all."""
        self.is_ascii = ui.ascii or self._needs_ascii
        """Whether only ASCII is drawn."""
        has_256 = terminal.color_system is ColorSystem.EIGHT_BIT
        for theme in EIGHT_BIT_THEMES if has_256 else THEMES:
            app.register_theme(theme)
        self._use_theme(ui.theme)

    def _use_theme(self, name: str) -> None:
        """Use a theme, or DEFAULT_THEME if it is unknown; in 16 colours Textual's as dark as it."""
        themes = self._app.available_themes
        theme = themes.get(name, themes[DEFAULT_THEME])
        if self._color_system is ColorSystem.STANDARD:
            theme = themes["ansi-dark" if theme.dark else "ansi-light"]
        elif theme is BUILTIN_THEMES.get(name) and not theme.ansi:
            has_256 = self._color_system is ColorSystem.EIGHT_BIT
            self._app.register_theme(readable(theme, has_256=has_256))
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
