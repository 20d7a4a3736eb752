"""A line of a table as text with tones, and the cells where two lines differ: pure."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pan123_tui.domain.visible import width

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

    cells: tuple[Cell, ...] = ()
    has_cursor: bool = False


BLANK = Line()


def joined(runs: Iterable[Run], *, apart: AbstractSet[str] = frozenset()) -> list[Run]:
    """Join runs of one tone, and blanks to what stands before them: fewer colours to send.

    Blanks at the beginning go to what follows. The tones `apart` have a ground of their own and
    take no blanks that are not theirs.
    """
    pieces: list[Run] = []
    for text, tone in runs:
        is_blank = tone not in apart and not text.strip(" ")
        last = pieces[-1] if pieces else None
        if last is None or (last.tone in apart and last.tone != tone):
            pieces.append(Run(text, "" if is_blank else tone))
        elif is_blank or last.tone == tone:
            pieces[-1] = Run(last.text + text, last.tone)
        elif tone not in apart and not last.text.strip(" "):
            pieces[-1] = Run(last.text + text, tone)
        else:
            pieces.append(Run(text, tone))
    return pieces


def changed_spans(was: Line, now: Line) -> Iterator[tuple[int, int]] | None:
    """Give (x, width) of each part that differs, or None where the whole line does.

    A cell whose parts keep their widths is compared part by part,
    so that a percentage changes without its bar.
    """
    if was.has_cursor != now.has_cursor or len(was.cells) != len(now.cells):
        return None
    return _spans(was, now)


def _spans(was: Line, now: Line) -> Iterator[tuple[int, int]]:
    x = 0
    for old, new in zip(was.cells, now.cells, strict=True):
        widths = [width(run.text) for run in new]
        if old != new:
            if [width(run.text) for run in old] == widths:
                yield from _changed_runs(old, new, widths, x)
            else:
                yield x, sum(widths)
        x += sum(widths) + GAP


def _changed_runs(old: Cell, new: Cell, widths: list[int], x: int) -> Iterator[tuple[int, int]]:
    for before, after, cells in zip(old, new, widths, strict=True):
        if before != after:
            yield x, cells
        x += cells
