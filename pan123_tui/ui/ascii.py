"""ASCII only: every sign of ours, and of Textual's, in a sign that any terminal can draw."""

from functools import lru_cache
from math import ceil

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
