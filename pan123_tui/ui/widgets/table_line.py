"""A line of a table: what its cells show, what differs from another, and how it is sent: pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

GAP = 2
"""Blank cells between two columns."""


class Span(NamedTuple):
    """A piece of a cell and the name of its colour; empty: the line's own."""

    text: str
    style_class: str = ""


Cell = tuple[Span, ...]
"""One cell of a table; its texts fill the column's width exactly."""


class TableLine(NamedTuple):
    """What a line of the screen shows."""

    cells: tuple[Sequence[Segment], ...] = ()
    has_cursor: bool = False


BLANK = TableLine()


def joined(segments: Iterable[Segment]) -> list[Segment]:
    """Join segments of one style, and blanks to what stands before them: fewer colours to send.

    Blanks at the beginning go to what follows. A style with a ground of its own takes no blanks
    that are not its own.
    """
    pieces: list[Segment] = []
    for text, style, _ in segments:
        is_blank = not text.strip(" ") and not _has_ground(style)
        last = pieces[-1] if pieces else None
        if last is None or (_has_ground(last.style) and last.style != style):
            pieces.append(Segment(text, None if is_blank else style))
        elif is_blank or last.style == style:
            pieces[-1] = Segment(last.text + text, last.style)
        elif not _has_ground(style) and not last.text.strip(" "):
            pieces[-1] = Segment(last.text + text, style)
        else:
            pieces.append(Segment(text, style))
    return pieces


def changed_spans(
    was: TableLine, now: TableLine, widths: Sequence[int]
) -> Iterator[tuple[int, int]] | None:
    """Give (x, width) of each part that differs, or None where the whole line does.

    A cell whose parts keep their widths is compared part by part,
    so that a percentage changes without its bar.
    """
    if was.has_cursor != now.has_cursor or len(was.cells) != len(now.cells):
        return None
    return _spans(was, now, widths)


def _has_ground(style: Style | None) -> bool:
    return style is not None and style.bgcolor is not None


def _spans(was: TableLine, now: TableLine, widths: Sequence[int]) -> Iterator[tuple[int, int]]:
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
