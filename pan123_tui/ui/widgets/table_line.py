"""What a line of a table shows, and how two of them differ, without Textual."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

GAP = 2
"""Blank cells between two columns."""


class Span(NamedTuple):
    """A part of a cell and its style class; empty: the style of the line."""

    text: str
    style_class: str = ""


Cell = tuple[Span, ...]
"""One cell of a table; its texts fill the column's width exactly."""


class TableLine(NamedTuple):
    """A line of the screen; its segments fill the width of the table."""

    segments: tuple[Segment, ...] = ()
    has_cursor: bool = False


BLANK_LINE = TableLine()


def changed_span(old: TableLine, new: TableLine) -> tuple[int, int] | None:
    """Return x and width of the part that differs in cells, or None where the whole line does.

    It is one span, because Textual sends a line from the table's left edge up to each span's end.
    """
    if old.has_cursor != new.has_cursor or not (old.segments and new.segments):
        return None
    x = _common_cells(old.segments, new.segments)
    after = _common_cells(old.segments[::-1], new.segments[::-1])
    return x, sum(segment.cell_length for segment in new.segments) - x - after


def merge_segments(segments: Iterable[Segment]) -> list[Segment]:
    """Merge segments of one style, and blanks with what is before them, to send fewer styles.

    Leading blanks go to what follows. A style with a background takes no blanks of others.
    """
    merged: list[Segment] = []
    for text, style, _ in segments:
        is_blank = not text.strip(" ") and not _has_background(style)
        last = merged[-1] if merged else None
        if last is None or (_has_background(last.style) and last.style != style):
            merged.append(Segment(text, None if is_blank else style))
        elif is_blank or last.style == style:
            merged[-1] = Segment(last.text + text, last.style)
        elif not _has_background(style) and not last.text.strip(" "):
            merged[-1] = Segment(last.text + text, style)
        else:
            merged.append(Segment(text, style))
    return merged


def _common_cells(old: Iterable[Segment], new: Iterable[Segment]) -> int:
    """Return the cells of the leading segments that are equal."""
    cells = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        cells += after.cell_length
    return cells


def _has_background(style: Style | None) -> bool:
    return style is not None and style.bgcolor is not None
