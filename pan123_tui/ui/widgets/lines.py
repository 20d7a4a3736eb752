"""A line of a table: what its cells show, what differs from another, and how it is sent: pure."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

GAP = 2
"""Blank cells between two columns."""


class Run(NamedTuple):
    """A piece of a cell and the name of its colour; empty: the line's own."""

    text: str
    tone: str = ""


Cell = tuple[Run, ...]
"""One cell of a table; its texts fill the column's width exactly."""


class Line(NamedTuple):
    """What a line of the screen shows."""

    cells: tuple[Sequence[Segment], ...] = ()
    has_cursor: bool = False


BLANK = Line()


def joined(strip: Strip) -> Strip:
    """Join what looks alike, and blanks to what stands before them: fewer colours to send.

    Blanks at the beginning go to what follows.
    """
    pieces: list[Segment] = []
    for text, style, _ in strip:
        now = Segment(text, None if style is None else _look(style))
        if not pieces or not _is_one_ground(pieces[-1].style, now.style):
            pieces.append(now)
        elif pieces[-1].style == now.style or not text.strip(" "):
            pieces[-1] = Segment(pieces[-1].text + text, pieces[-1].style)
        elif not pieces[-1].text.strip(" "):
            pieces[-1] = Segment(pieces[-1].text + text, now.style)
        else:
            pieces.append(now)
    return Strip(pieces, strip.cell_length)


def changed_spans(was: Line, now: Line, widths: Sequence[int]) -> Iterator[tuple[int, int]] | None:
    """Give (x, width) of each part that differs, or None where the whole line does.

    A cell whose parts keep their widths is compared part by part,
    so that a percentage changes without its bar.
    """
    if was.has_cursor != now.has_cursor or len(was.cells) != len(now.cells):
        return None
    return _spans(was, now, widths)


@lru_cache(maxsize=1024)
def _look(style: Style) -> Style:
    """Leave out what is not seen: the row and column that `DataTable` notes in each style."""
    return style.clear_meta_and_links()


def _is_one_ground(before: Style | None, after: Style | None) -> bool:
    """Tell whether a blank looks the same in both styles."""
    if before is None or after is None:
        return before is after
    grounds = (before.bgcolor, before.reverse, before.underline)
    return grounds == (after.bgcolor, after.reverse, after.underline)


def _spans(was: Line, now: Line, widths: Sequence[int]) -> Iterator[tuple[int, int]]:
    x = 0
    for old, new, width in zip(was.cells, now.cells, widths, strict=True):
        if old != new:
            cells = [segment.cell_length for segment in new]
            if [segment.cell_length for segment in old] == cells:
                yield from _changed_parts(old, new, cells, x)
            else:
                yield x, width
        x += width


def _changed_parts(
    old: Sequence[Segment], new: Sequence[Segment], widths: list[int], x: int
) -> Iterator[tuple[int, int]]:
    for before, after, cells in zip(old, new, widths, strict=True):
        if before != after:
            yield x, cells
        x += cells
