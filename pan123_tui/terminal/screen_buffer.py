"""What the terminal shows, cell by cell, so that only what differs is sent; filters of lines."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Size
from textual.strip import Strip

RESET = "\x1b[m"
_LONGEST_BRIDGE = 4
"""Up to this many unchanged cells take no more bytes than a move of the cursor."""
_UNCERTAIN_CATEGORIES = frozenset({"Mn", "Me", "Mc", "Cf", "Cn", "Co", "Cc", "Cs"})
_JAMO = range(0x1100, 0x1200)
_PICTURES = range(0x1F000, 0x20000)
_SHOWN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Lines, reverse and frames."""
_ASCII_SIGNS = {
    "“”„": '"',
    "‘’": "'",
    "–—─╌┄┅╸▏▍▋▉": "-",
    "│┃║┆┇▎▌▊▐▕¦": "|",
    "╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╞╡√✓✔": "+",
    "▁▂▃▄▔▀▗▖▘▝▙▛▜▟▅▆▇": " ",
    "×✗✕✖": "x",
    "◊": ".",
    "█━": "#",
    "▒═": "=",
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


class PlacedStrip(NamedTuple):
    """A part of a line, to be painted at a cell of the screen."""

    x: int
    y: int
    strip: Strip


class Pen(NamedTuple):
    """The SGR codes of a cell."""

    attributes: tuple[str, ...] = ()
    text: str = "39"
    """Empty for a blank, which shows only its background."""
    ground: str = "49"


Cell = tuple[str, Pen]
"""A character with its pen; an empty text is the second half of a wide character."""
DEFAULT_PEN = Pen()


class Run(NamedTuple):
    """Consecutive cells of a line."""

    y: int
    x: int
    cells: Sequence[Cell]
    unknown: int = 0
    """How many cells its text takes by our count, if some terminals draw it wider or narrower."""


class ScreenBuffer:
    """The cells that were sent to the terminal."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._lines: list[list[Cell | None]] = []

    def clear(self) -> None:
        """Forget the cells, because the terminal may show others."""
        width, height = self._size
        self._lines = [[None] * width for _ in range(height)]

    def changes(
        self, size: Size, strips: Iterable[PlacedStrip], colors: ColorSystem
    ) -> Callable[[], str] | None:
        """Return a function that encodes what differs in `strips`; None if nothing does.

        Call it only if its sequence is written, because the cells count as shown from then on.
        """
        if size != self._size:
            self._size = size
            self.clear()
        runs = list(self._runs(strips, colors))
        return (lambda: self._encode(runs)) if runs else None

    def _runs(self, strips: Iterable[PlacedStrip], colors: ColorSystem) -> Iterator[Run]:
        """Yield the cells of `strips`, from left to right in each line, that are to be sent."""
        overdrawn: set[int] = set()
        for x, y, strip in strips:
            if y >= self._size.height or x >= self._size.width:
                continue
            cells = _cells_of(strip, colors)
            if cells is None:
                overdrawn.add(y)
                pieces = [(text, pen_of(style, colors)) for text, style, _control in strip]
                yield Run(y, x, pieces, strip.cell_length)
                continue
            shown = [None] * len(cells) if y in overdrawn else self._lines[y][x : x + len(cells)]
            if shown != cells:
                for start, end in _changed_ranges(shown, cells):
                    yield Run(y, x + start, cells[start:end])

    def _encode(self, runs: Iterable[Run]) -> str:
        writer = _Writer(self._size.width)
        for run in runs:
            writer.write(run)
            line = self._lines[run.y]
            if run.unknown:  # it may reach into what is to its right
                line[run.x :] = [None] * (self._size.width - run.x)
            else:
                line[run.x : run.x + len(run.cells)] = run.cells
        return writer.end()


class _Writer:
    """Encodes runs in as few bytes as possible."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._parts: list[str] = []
        self._pen = DEFAULT_PEN
        self._x: int | None = None
        """The column of the cursor; None if it is not known."""
        self._y = -1

    def write(self, run: Run) -> None:
        if run.y != self._y:
            self._parts.append(f"\x1b[{run.y + 1};{run.x + 1}H")
        elif run.x != self._x:
            self._parts.append(f"\x1b[{run.x + 1}G")
        self._y, at = run.y, run.x
        for pen, group in groupby(run.cells, key=itemgetter(1)):
            text = "".join(cell[0] for cell in group)
            self._select(pen)
            self._parts.append(text)
            at += cell_len(text)
        self._x = at if at < self._width and not run.unknown else None

    def end(self) -> str:
        """Return everything that was encoded, with the default pen at its end."""
        return "".join(self._parts) + (RESET if self._pen != DEFAULT_PEN else "")

    def _select(self, pen: Pen) -> None:
        """Encode the step from the pen in use to `pen`."""
        former = self._pen
        if not pen.text:
            kept = tuple(code for code in former.attributes if code not in _SHOWN_ON_BLANKS)
            pen = Pen(kept, former.text, pen.ground)
        codes: list[str] = []
        if former.attributes != pen.attributes:
            if former.attributes:  # ending one by its own code saves little
                codes, former = ["0"], DEFAULT_PEN
            codes += pen.attributes
        codes += [new for old, new in zip(former[1:], pen[1:], strict=True) if old != new]
        if codes:
            self._parts.append(f"\x1b[{';'.join(codes)}m")
        self._pen = pen


def _changed_ranges(
    shown: Sequence[Cell | None], cells: Sequence[Cell]
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of `cells` to write; near ones are joined, wide characters are whole."""
    start = end = -1
    for at, (old, new) in enumerate(zip(shown, cells, strict=False)):
        if old == new:
            continue
        if start >= 0 and at - end > _LONGEST_BRIDGE:
            yield start, end
            start = -1
        if start < 0:
            start = at - 1 if at and not new[0] else at
        end = at + 1
        if end < len(cells) and not cells[end][0]:
            end += 1
    if start >= 0:
        yield start, end


def _cells_of(strip: Strip, colors: ColorSystem) -> list[Cell] | None:
    """Return the cells of `strip`; None if it has a character of uncertain width."""
    cells: list[Cell] = []
    for text, style, _control in strip:
        part = _text_cells(text, pen_of(style, colors))
        if part is None:
            return None
        cells += part
    return cells


@lru_cache(4096)
def _text_cells(text: str, pen: Pen) -> tuple[Cell, ...] | None:
    is_plain = _SHOWN_ON_BLANKS.isdisjoint(pen.attributes)
    blank = (" ", Pen((), "", pen.ground) if is_plain else pen)
    if text.isascii():
        return tuple(blank if char == " " else (char, pen) for char in text)
    if not all(map(_is_certain, text)):
        return None
    cells: list[Cell] = []
    for char in text:
        cells.append(blank if char == " " else (char, pen))
        cells += [("", pen)] * (cell_len(char) - 1)
    return tuple(cells)


@lru_cache(4096)
def _is_certain(char: str) -> bool:
    """Return whether every terminal draws `char` as wide as we count it, whatever is beside it."""
    category, code = unicodedata.category(char), ord(char)
    if category in _UNCERTAIN_CATEGORIES or code in _JAMO or code in _PICTURES:
        return False
    return not (category == "So" and unicodedata.east_asian_width(char) == "W")


@lru_cache(4096)
def pen_of(style: Style | None, colors: ColorSystem) -> Pen:
    """Return the codes of `style` in a terminal with these colours."""
    if style is None:
        return DEFAULT_PEN
    attributes = Strip.render_ansi(style.without_color, colors)
    text, ground = style.color, style.bgcolor
    return Pen(
        tuple(attributes.split(";")) if attributes else (),
        ";".join(text.downgrade(colors).get_ansi_codes()) if text else DEFAULT_PEN.text,
        ";".join(ground.downgrade(colors).get_ansi_codes(False)) if ground else DEFAULT_PEN.ground,
    )


class AsciiFilter(LineFilter):
    """Replaces signs, but no letters, by ASCII of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.text.isascii() else Segment(to_ascii(segment.text), *segment[1:])
            for segment in segments
        ]


@lru_cache(2048)
def to_ascii(text: str) -> str:
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
