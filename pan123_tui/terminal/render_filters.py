"""Line filters that adapt what is painted: ASCII, no control characters, few colours."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.filter import LineFilter

_ASCII_SIGNS = {
    "“”„": '"',
    "‘’": "'",
    "–—─━═╌┄┅": "-",
    "│┃║┆┇▏▎▍▌▐▕¦": "|",
    "╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╞╡√✓✔": "+",
    "▁▂▃▄▔▀▗▖▘▝▙▛▜▟▅▆▇█": " ",
    "×✗✕✖": "x",
    "◊": ".",
    "╍": "#",
    "¬": "0",
    "▸▶→": ">",
    "◂◀←«": "<",
    "▾▼↓": "v",
    "▴▲↑»": "^",
    "•●·": "*",
    "…": "~",
    "\N{REPLACEMENT CHARACTER}": "?",
}
_ASCII_TABLE = str.maketrans(
    {sign: plain for signs, plain in _ASCII_SIGNS.items() for sign in signs}
)
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line separators, bidirectional overrides and lone surrogates."""


class AsciiFilter(LineFilter):
    """Replaces the signs of frames, scrollbars and texts by ASCII of the same width.

    Letters are left as they are.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.text.isascii() else Segment(to_ascii(segment.text), *segment[1:])
            for segment in segments
        ]


@lru_cache(2048)
def to_ascii(text: str) -> str:
    """Return `text` with each known sign replaced by ASCII of the same width."""
    return text.translate(_ASCII_TABLE)


class ControlCharFilter(LineFilter):
    """Puts a replacement character in place of each character that a terminal would obey."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(_UNSAFE.sub(_replacement, segment.text), segment.style, segment.control)
            if segment.control is None and _UNSAFE.search(segment.text)
            else segment
            for segment in segments
        ]


def _replacement(match: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" * cell_len(match[0])


class Palette(NamedTuple):
    """The number of the terminal's colour for each token of a theme."""

    texts: Mapping[str, int]
    grounds: Mapping[str, int]
    text_on: Mapping[int, int]
    """The one text colour for a background on which others cannot be read."""


_LAST_DARK = 7
"""The last of the colours that many terminals brighten where the font is bold."""


class PaletteFilter(LineFilter):
    """Replaces a theme's colours by those of a palette, and mixed colours by the nearest one."""

    def __init__(self, palette: Palette, variables: Mapping[str, str]) -> None:
        """`variables` are the theme's colours by token."""
        super().__init__()
        self._palette = palette
        self._texts = _numbers(palette.texts, variables)
        self._grounds = _numbers(palette.grounds, variables)
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
        ground = _number(style.bgcolor, self._grounds, self._texts)
        text = _number(style.color, self._texts, self._grounds)
        if ground is not None and text is not None:
            text = self._palette.text_on.get(ground, text)
        has_bold = style.bold and (text is None or text > _LAST_DARK)
        return style + Style(
            color=None if text is None else RichColor.from_ansi(text),
            bgcolor=None if ground is None else RichColor.from_ansi(ground),
            bold=has_bold,
        )


_Numbers = Mapping[ColorTriplet, int]


def _numbers(palette: Mapping[str, int], variables: Mapping[str, str]) -> _Numbers:
    """Return the numbers by colour; tokens that are not a plain colour are left out."""
    numbers = {}
    for token, number in palette.items():
        try:
            color = Color.parse(variables[token])
        except (KeyError, ColorParseError):
            continue
        numbers[ColorTriplet(*color.rgb)] = number
    return numbers


def _number(color: RichColor | None, numbers: _Numbers, others: _Numbers) -> int | None:
    """Return the number of `color`, which may be in `others`, or of the nearest of `numbers`."""
    if color is None or color.triplet is None:
        return None
    triplet = color.triplet
    if (number := numbers.get(triplet, others.get(triplet))) is not None:
        return number
    return numbers[min(numbers, key=lambda known: _distance(known, triplet))] if numbers else None


def _distance(one: ColorTriplet, other: ColorTriplet) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
