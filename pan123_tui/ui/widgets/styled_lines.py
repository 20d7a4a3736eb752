"""Lines of text whose parts have styles, compared so that only what changed is painted."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import chop_cells
from textual.content import Content
from textual.geometry import Region

from pan123_tui.domain.visible import visible


class Run(NamedTuple):
    """A part of a line with the style that it is written in, such as "$text-error"."""

    text: str
    style: str = ""


Line = tuple[Run, ...]


def content_of(lines: Sequence[Line]) -> Content:
    """Put `lines` below each other."""
    return Content("\n").join(
        Content.assemble(*((run.text, run.style) for run in line)) for line in lines
    )


def changed_rows(old: Sequence[Line], new: Sequence[Line], cells: int) -> list[Region]:
    """Give the regions of the rows, `cells` wide, where `new` differs from `old`."""
    count = max(len(old), len(new))
    return [
        Region(0, y, cells, 1)
        for y in range(count)
        if (old[y] if y < len(old) else None) != (new[y] if y < len(new) else None)
    ]


def wrapped(text: str, cells: int, style: str = "") -> list[Line]:
    """Break `text` of any origin between words into lines of at most `cells` cells."""
    lines = Content(visible(text)).wrap(max(cells, 1))
    return [(Run(line.plain, style),) for line in lines]


def folded(text: str, cells: int, style: str = "") -> list[Line]:
    """Break `text` of any origin wherever a line of `cells` cells is full; nothing is left out."""
    return [(Run(part, style),) for part in chop_cells(visible(text), max(cells, 2))] or [()]
