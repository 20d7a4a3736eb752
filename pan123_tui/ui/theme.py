"""Colours and signs: the themes, and what terminals with few of either need."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.filter import LineFilter, NoColor
from textual.theme import Theme
from textual.widget import Widget

from pan123_tui.config.schema import Ui
from pan123_tui.domain.shown import SHOWN_AS, Shown
from pan123_tui.terminal.capabilities import Capabilities, ColorSystem
from pan123_tui.terminal.render_filters import (
    AsciiFilter,
    ControlCharFilter,
    Palette,
    PaletteFilter,
)

_BASE: Mapping[str, tuple[str, str]] = {
    "primary": ("#7ab8f5", "#0b5cab"),
    "secondary": ("#93a6bf", "#51617a"),
    "accent": ("#c3a5f7", "#6a3fb0"),
    "success": ("#7fd1a0", "#176b3c"),
    "warning": ("#e6bd74", "#855400"),
    "error": ("#f58a8f", "#b3202d"),
    "foreground": ("#d8dee8", "#1d2733"),
    "background": ("#11151b", "#f5f6f8"),
    "surface": ("#171c24", "#ffffff"),
    "panel": ("#1f2630", "#e9ecf1"),
}
"""The colours that Textual mixes others from, in the dark and in the light theme."""
_MORE: Mapping[str, tuple[str, str]] = {
    "text-muted": ("#95a1b2", "#505c6c"),
    "text-disabled": ("#657182", "#8a94a2"),
    "text-secondary": ("#a3b4ca", "#475569"),
    "text-warning": ("#e6bd74", "#7a4d00"),
    "block-cursor-background": ("#22384d", "#d3e4f7"),
    "block-cursor-foreground": ("#f2f6fb", "#0d1722"),
    "block-cursor-text-style": ("bold", "bold"),
    "block-cursor-blurred-background": ("#232d39", "#e3e8ef"),
    "block-hover-background": ("#1c232d", "#edf0f4"),
    "border-blurred": ("#333d4a", "#ccd3dc"),
    "scrollbar": ("#3a4655", "#c0c8d2"),
    "scrollbar-hover": ("#4b596b", "#a7b1be"),
    "input-selection-background": ("#2f4d6b", "#bfd8f3"),
    "button-color-foreground": ("#11151b", "#ffffff"),
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
    """Return the theme of the colours at `index`."""
    base: dict[str, Any] = {token: colors[index] for token, colors in _BASE.items()}
    variables = {token: values[index] for token, values in _MORE.items()}
    known = base | variables
    variables |= {token: known[of] for of, tokens in _SAME.items() for token in tokens}
    return Theme(name, **base, dark=index == 0, variables=variables)


DARK, LIGHT = _theme("pan123-dark", 0), _theme("pan123-light", 1)
THEMES = (DARK, LIGHT)
DEFAULT_THEME = DARK.name


def theme_colors(theme: Theme) -> dict[str, str]:
    """Return the colours of `theme` by token."""
    return {**theme.to_color_system().generate(), **theme.variables}


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


_BLACK, _RED, _GREEN, _BLUE, _MAGENTA, _CYAN, _GREY = 0, 1, 2, 4, 5, 6, 7
_DARK_GREY, _BRIGHT_RED, _BRIGHT_YELLOW = 8, 9, 11
_BRIGHT_BLUE, _BRIGHT_MAGENTA, _WHITE = 12, 13, 15
_FourNumbers = tuple[int, int, int, int]
"""The numbers of a colour: of 256 in a dark and a light theme, of 16 in a dark and a light one."""
_TEXTS: Mapping[str, _FourNumbers] = {
    "block-cursor-foreground": (231, 16, _BLACK, _WHITE),
    "block-cursor-blurred-foreground": (188, 235, _WHITE, _WHITE),
    "text foreground footer-foreground": (188, 235, _WHITE, _BLACK),
    "text-muted footer-description-foreground": (248, 240, _GREY, _BLACK),
    "text-disabled": (242, 246, _DARK_GREY, _DARK_GREY),
    "text-primary primary border footer-key-foreground": (111, 25, _CYAN, _BLUE),
    "text-secondary secondary": (146, 59, _GREY, _BLACK),
    "text-accent accent": (183, 55, _BRIGHT_MAGENTA, _BRIGHT_BLUE),
    "text-success success": (115, 22, _GREEN, _BLACK),
    "text-warning": (180, 58, _BRIGHT_YELLOW, _MAGENTA),
    "warning": (180, 94, _BRIGHT_YELLOW, _MAGENTA),
    "text-error error": (210, 124, _BRIGHT_RED, _RED),
    "border-blurred": (239, 251, _DARK_GREY, _DARK_GREY),
    "button-color-foreground": (233, 231, _BLACK, _WHITE),
}
"""By the tokens that have them; of two with the same colour in a theme the last one counts."""
_GROUNDS: Mapping[str, _FourNumbers] = {
    "background scrollbar-background": (233, 255, _BLACK, _WHITE),
    "surface footer-background": (234, 231, _BLACK, _WHITE),
    "panel block-hover-background": (235, 254, _BLACK, _WHITE),
    "block-cursor-background": (237, 189, _GREY, _BLACK),
    "block-cursor-blurred-background": (236, 253, _BLUE, _BLUE),
    "scrollbar": (239, 250, _DARK_GREY, _GREY),
    "scrollbar-hover": (241, 247, _GREY, _DARK_GREY),
    "scrollbar-active": (111, 25, _CYAN, _BLUE),
    "input-selection-background": (24, 153, _BLUE, _BLUE),
}


def _palette(index: int, text_on: Mapping[int, int]) -> Palette:
    """Return the palette of the numbers at `index`."""
    texts, grounds = (
        {token: numbers[index] for tokens, numbers in rows.items() for token in tokens.split()}
        for rows in (_TEXTS, _GROUNDS)
    )
    return Palette(texts, grounds, text_on)


PALETTES: Mapping[tuple[ColorSystem, bool], Palette] = {
    (ColorSystem.EIGHT_BIT, True): _palette(0, {}),
    (ColorSystem.EIGHT_BIT, False): _palette(1, {}),
    (ColorSystem.STANDARD, True): _palette(2, {_GREY: _BLACK, _BLUE: _WHITE}),
    (ColorSystem.STANDARD, False): _palette(3, {_BLACK: _WHITE, _BLUE: _WHITE}),
}
"""By the number of colours and whether the theme is dark; picked by hand.

The nearest colour, which Rich takes, can be one that cannot be read on its ground: in 16 colours
running, retrying and succeeded tasks are all white, and the cursor's row has no ground.
"""


VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]

SCREEN_STYLES = Path(__file__).with_name("screens.tcss")
"""The styles of what opens over the dashboard: parsing them takes longer than all its own."""


def stylesheet() -> Path:
    """Return the path of `styles.tcss`: in the installed package, or beside it in a checkout.

    Raises `FileNotFoundError` if the installation is broken.
    """
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
        self._palette: tuple[Theme, LineFilter] | None = None
        """The theme, with its filter for a terminal with few colours."""
        app.set_class(terminal.color_system is ColorSystem.STANDARD, "-few-colors")
        for theme in THEMES:
            app.register_theme(theme)
        self._use_theme(ui.theme)

    def _use_theme(self, name: str) -> None:
        self._app.theme = name if name in self._app.available_themes else DEFAULT_THEME

    def apply_settings(self, ui: Ui, changed: Collection[str]) -> None:
        """Use the theme and the signs of the `changed` settings."""
        if "ui.theme" in changed:
            self._use_theme(ui.theme)
        if "ui.ascii" in changed:
            self._draw_in_ascii(is_wanted=ui.ascii)

    def note_width(self, report: events.CursorPosition) -> None:
        """Draw in ASCII if the reply to `WIDTH_QUERY` says that the sign took two cells.

        Unicode leaves that open: terminals set up for Chinese, Japanese or Korean may draw box
        characters two cells wide, which shifts the rest of the line.
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
        """Yield the filters for control characters, and for ASCII and few colours if wanted."""
        yield _CONTROL_CHAR_FILTER
        if self.is_ascii:
            yield _ASCII_FILTER
        if self._app.no_color:
            yield _NO_COLOR
        elif self._color_system is not ColorSystem.TRUECOLOR and not self._app.native_ansi_color:
            theme = self._app.current_theme
            if self._palette is None or self._palette[0] is not theme:
                palette = PALETTES[self._color_system, theme.dark]
                self._palette = theme, PaletteFilter(palette, theme_colors(theme))
            yield self._palette[1]
