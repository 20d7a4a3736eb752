"""The themes' colours in terminals of 256 and of 16 colours, picked by hand.

The nearest colour, which Rich takes, can be one that cannot be read on its ground: in 16 colours
running, retrying and succeeded tasks are all white, and the cursor's row has no ground.
"""

from collections.abc import Mapping

from msgspec import Struct
from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.filter import LineFilter

from pan123_tui.ui.terminal.capabilities import ColorSystem


class Palette(Struct, frozen=True):
    """The number of the terminal's colour for each token of a theme."""

    texts: Mapping[str, int]
    grounds: Mapping[str, int]
    text_on: Mapping[int, int] = {}
    """The one text colour on a ground that not every text can be read on."""
    has_bold: bool = True
    """Whether bold is drawn; many terminals brighten the first eight colours instead."""
    italic: frozenset[str] = frozenset()
    """The tokens that share a colour, because no other can be read, and are told apart so."""


_DARK_256 = Palette(
    texts={
        "text": 188,
        "foreground": 188,
        "text-muted": 248,
        "text-disabled": 242,
        "text-primary": 111,
        "text-secondary": 146,
        "text-accent": 183,
        "text-success": 115,
        "text-warning": 180,
        "text-error": 210,
        "block-cursor-foreground": 231,
        "block-cursor-blurred-foreground": 188,
        "border": 111,
        "border-blurred": 239,
        "footer-foreground": 188,
        "footer-key-foreground": 111,
        "footer-description-foreground": 248,
        "button-color-foreground": 233,
        "primary": 111,
        "secondary": 146,
        "accent": 183,
        "success": 115,
        "warning": 180,
        "error": 210,
    },
    grounds={
        "background": 233,
        "surface": 234,
        "panel": 235,
        "block-cursor-background": 237,
        "block-cursor-blurred-background": 236,
        "block-hover-background": 235,
        "scrollbar": 239,
        "scrollbar-hover": 241,
        "scrollbar-active": 111,
        "scrollbar-background": 233,
        "footer-background": 234,
        "input-selection-background": 24,
    },
)
_LIGHT_256 = Palette(
    texts={
        "text": 235,
        "foreground": 235,
        "text-muted": 240,
        "text-disabled": 246,
        "text-primary": 25,
        "text-secondary": 59,
        "text-accent": 55,
        "text-success": 22,
        "text-warning": 58,
        "text-error": 124,
        "block-cursor-foreground": 16,
        "block-cursor-blurred-foreground": 235,
        "border": 25,
        "border-blurred": 251,
        "footer-foreground": 235,
        "footer-key-foreground": 25,
        "footer-description-foreground": 240,
        "button-color-foreground": 231,
        "primary": 25,
        "secondary": 59,
        "accent": 55,
        "success": 22,
        "warning": 94,
        "error": 124,
    },
    grounds={
        "background": 255,
        "surface": 231,
        "panel": 254,
        "block-cursor-background": 189,
        "block-cursor-blurred-background": 253,
        "block-hover-background": 254,
        "scrollbar": 250,
        "scrollbar-hover": 247,
        "scrollbar-active": 25,
        "scrollbar-background": 255,
        "footer-background": 231,
        "input-selection-background": 153,
    },
)
_BLACK, _RED, _GREEN, _BLUE, _MAGENTA, _CYAN, _GREY = 0, 1, 2, 4, 5, 6, 7
_DARK_GREY, _BRIGHT_RED, _BRIGHT_YELLOW, _BRIGHT_BLUE, _BRIGHT_MAGENTA, _WHITE = (
    8,
    9,
    11,
    12,
    13,
    15,
)
_GROUND_TOKENS = (
    "background",
    "surface",
    "panel",
    "block-hover-background",
    "scrollbar-background",
    "footer-background",
)
_DARK_16 = Palette(
    texts={
        "text": _WHITE,
        "foreground": _WHITE,
        "text-muted": _GREY,
        "text-disabled": _DARK_GREY,
        "text-primary": _CYAN,
        "text-secondary": _GREY,
        "text-accent": _BRIGHT_MAGENTA,
        "text-success": _GREEN,
        "text-warning": _BRIGHT_YELLOW,
        "text-error": _BRIGHT_RED,
        "block-cursor-foreground": _BLACK,
        "block-cursor-blurred-foreground": _WHITE,
        "border": _CYAN,
        "border-blurred": _DARK_GREY,
        "footer-foreground": _WHITE,
        "footer-key-foreground": _CYAN,
        "footer-description-foreground": _GREY,
        "button-color-foreground": _BLACK,
        "primary": _CYAN,
        "secondary": _GREY,
        "accent": _BRIGHT_MAGENTA,
        "success": _GREEN,
        "warning": _BRIGHT_YELLOW,
        "error": _BRIGHT_RED,
    },
    grounds=dict.fromkeys(_GROUND_TOKENS, _BLACK)
    | {
        "block-cursor-background": _GREY,
        "block-cursor-blurred-background": _BLUE,
        "input-selection-background": _BLUE,
        "scrollbar": _DARK_GREY,
        "scrollbar-hover": _GREY,
        "scrollbar-active": _CYAN,
    },
    text_on={_GREY: _BLACK, _BLUE: _WHITE},
)
_LIGHT_16 = Palette(
    texts={
        "text": _BLACK,
        "foreground": _BLACK,
        "text-muted": _BLACK,
        "text-disabled": _DARK_GREY,
        "text-primary": _BLUE,
        "text-secondary": _BLACK,
        "text-accent": _BRIGHT_BLUE,
        "text-success": _BLACK,
        "text-warning": _MAGENTA,
        "text-error": _RED,
        "block-cursor-foreground": _WHITE,
        "block-cursor-blurred-foreground": _WHITE,
        "border": _BLUE,
        "border-blurred": _DARK_GREY,
        "footer-foreground": _BLACK,
        "footer-key-foreground": _BLUE,
        "footer-description-foreground": _BLACK,
        "button-color-foreground": _WHITE,
        "primary": _BLUE,
        "secondary": _BLACK,
        "accent": _BRIGHT_BLUE,
        "success": _BLACK,
        "warning": _MAGENTA,
        "error": _RED,
    },
    grounds=dict.fromkeys(_GROUND_TOKENS, _WHITE)
    | {
        "block-cursor-background": _BLACK,
        "block-cursor-blurred-background": _BLUE,
        "input-selection-background": _BLUE,
        "scrollbar": _GREY,
        "scrollbar-hover": _DARK_GREY,
        "scrollbar-active": _BLUE,
    },
    text_on={_BLACK: _WHITE, _BLUE: _WHITE},
    has_bold=False,
    italic=frozenset({"success", "text-success"}),
)
PALETTES: Mapping[tuple[ColorSystem, bool], Palette] = {
    (ColorSystem.EIGHT_BIT, True): _DARK_256,
    (ColorSystem.EIGHT_BIT, False): _LIGHT_256,
    (ColorSystem.STANDARD, True): _DARK_16,
    (ColorSystem.STANDARD, False): _LIGHT_16,
}
"""By the number of colours and whether the theme is dark."""


class PaletteFilter(LineFilter):
    """Replaces a theme's colours by those of a palette; mixed colours by that of the nearest."""

    def __init__(
        self, palette: Palette, variables: Mapping[str, str], former: Mapping[str, str] = {}
    ) -> None:
        """`variables` are the theme's colours by token; `former` those of the theme before it.

        What is still painted in the former theme gets the colours of the same tokens.
        """
        super().__init__()
        self._palette = palette
        self._texts = _numbers(palette.texts, variables)
        self._grounds = _numbers(palette.grounds, variables)
        self._former_texts = _numbers(palette.texts, former)
        self._former_grounds = _numbers(palette.grounds, former)
        self._italic = _numbers(dict.fromkeys(palette.italic, 0), variables)
        self._styles: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.style is None else Segment(segment.text, self._mapped(segment.style))
            for segment in segments
        ]

    def _mapped(self, style: Style) -> Style:
        if (mapped := self._styles.get(style)) is None:
            mapped = self._styles[style] = self._map(style)
        return mapped

    def _map(self, style: Style) -> Style:
        ground = _number(style.bgcolor, self._grounds, self._texts, self._former_grounds)
        text = _number(style.color, self._texts, self._grounds, self._former_texts)
        if ground is not None and text is not None:
            text = self._palette.text_on.get(ground, text)
        has_bold = style.bold and self._palette.has_bold and text != _BLACK
        is_italic = style.color is not None and style.color.triplet in self._italic
        colors = Style(
            color=None if text is None else RichColor.from_ansi(text),
            bgcolor=None if ground is None else RichColor.from_ansi(ground),
            bold=has_bold,
            italic=is_italic or None,
        )
        return style + colors


_Numbers = Mapping[ColorTriplet, int]


def _numbers(palette: Mapping[str, int], variables: Mapping[str, str]) -> _Numbers:
    """Return the numbers by colour; tokens that are no plain colour are left out."""
    numbers = {}
    for token, number in palette.items():
        try:
            color = Color.parse(variables[token])
        except (KeyError, ColorParseError):
            continue
        numbers[ColorTriplet(*color.rgb)] = number
    return numbers


def _number(color: RichColor | None, numbers: _Numbers, *others: _Numbers) -> int | None:
    """Return the number of `color`, also in `others`, or of the nearest of `numbers`."""
    if color is None or color.triplet is None:
        return None
    triplet = color.triplet
    for known in (numbers, *others):
        if (number := known.get(triplet)) is not None:
            return number
    return numbers[min(numbers, key=lambda known: _distance(known, triplet))] if numbers else None


def _distance(one: ColorTriplet, other: ColorTriplet) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
