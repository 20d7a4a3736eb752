"""Line filters that adapt what is painted: ASCII, no control characters."""

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ASCII_SIGNS = {
    "“”„": '"',
    "‘’": "'",
    "–—─━═╌┄┅": "-",
    "│┃║┆┇▏▎▍▌▋▊▐▕¦": "|",
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
    """Replaces signs, but no letters, by ASCII of the same width."""

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
            Segment(
                _UNSAFE.sub(
                    lambda found: "\N{REPLACEMENT CHARACTER}" * cell_len(found[0]), segment.text
                ),
                segment.style,
                segment.control,
            )
            if segment.control is None and _UNSAFE.search(segment.text)
            else segment
            for segment in segments
        ]
