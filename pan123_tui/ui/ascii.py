"""ASCII only: every sign of ours, and of Textual's, in a sign that any terminal can draw."""

from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_PAIRS = (
    ("“”„«»", '"'),
    ("‘’", "'"),
    ("–—─━═╌╍┄┅", "-"),
    ("│┃║┆┇▏▎▍▌▐▕", "|"),
    ("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╞╡", "+"),
    ("▁▂▃▄▔▀▗▖▘▝▙▛▜▟▅▆▇█", " "),
    ("✓✔", "+"),
    ("✗✕✖", "x"),
    ("⊘", "!"),
    ("◌", "."),
    ("⋯", "-"),
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
_TABLE = str.maketrans({sign: plain for signs, plain in _PAIRS for sign in signs})


class AsciiFilter(LineFilter):
    """Draws the signs of frames, scrollbars and texts in ASCII; letters stay what they are.

    Each stand-in is as wide as its sign, so nothing moves.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.text.isascii() else Segment(_plain(segment.text), *segment[1:])
            for segment in segments
        ]


@lru_cache(2048)
def _plain(text: str) -> str:
    return text.translate(_TABLE).replace("🔎", "/ ")
