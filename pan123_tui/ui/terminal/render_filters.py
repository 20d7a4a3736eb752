"""No colours: what NO_COLOR asks for, with the bold, underlined and reversed kept."""

import re
from functools import lru_cache
from math import ceil

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_PAIRS = (
    ("“”„«»", '"'),
    ("‘’", "'"),
    ("–—─━═╌┄┅⋯", "-"),
    ("│┃║┆┇▏▎▍▌▐▕", "|"),
    ("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╞╡", "+"),
    ("▁▂▃▄▔▀▗▖▘▝▙▛▜▟▅▆▇█", " "),
    ("✓✔", "+"),
    ("✗✕✖", "x"),
    ("⊘", "!"),
    ("◌", "."),
    ("╍", "#"),
    ("↻", "~"),
    ("∅", "0"),
    ("▸▶→", ">"),
    ("◂◀←", "<"),
    ("▾▼↓", "v"),
    ("▴▲↑⇡", "^"),
    ("✱•●·", "*"),
    ("…", "~"),
    ("×", "x"),
)
_BRAILLE = {0x2800 + dots: " .:#"[ceil(dots.bit_count() * 3 / 8)] for dots in range(256)}
"""A cell of a chart, by how many of its eight dots are filled."""
_TABLE = _BRAILLE | str.maketrans({sign: plain for signs, plain in _PAIRS for sign in signs})


class AsciiFilter(LineFilter):
    """Draws the signs of frames, scrollbars and texts in ASCII; letters stay what they are.

    Each stand-in is as wide as its sign, so nothing moves.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.text.isascii() else Segment(to_ascii(segment.text), *segment[1:])
            for segment in segments
        ]


@lru_cache(2048)
def to_ascii(text: str) -> str:
    """Return `text` with each sign of ours replaced by an ASCII one of the same width."""
    return text.translate(_TABLE).replace("🔎", "/ ")


_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line ends, what turns the text around, and halves of characters."""
_STAND_IN = "\ufffd"


class ControlCharFilter(LineFilter):
    """Puts a stand-in of the same width in the place of each such character."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(_OBEYED.sub(_stand_in, segment.text), segment.style, segment.control)
            if segment.control is None and _OBEYED.search(segment.text)
            else segment
            for segment in segments
        ]


def _stand_in(match: re.Match[str]) -> str:
    return _stand_in_of(match[0])


@lru_cache(256)
def _stand_in_of(char: str) -> str:
    return _STAND_IN * cell_len(char)


class MonochromeFilter(LineFilter):
    """Leaves no colour, not even the greys that Textual draws in their place."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.style is None else Segment(segment.text, segment.style.without_color)
            for segment in segments
        ]
