"""`Content` in lines: sanitized, wrapped, or fitted to a width by importance."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import chop_cells
from textual.content import Content

from pan123_tui.domain.sanitize import sanitize, width

DONE, _HALF, TRACK = "━╸─"
"""The done part of a bar, its last half cell, and the open part; thin, or rows would melt."""


def plain_content(text: str) -> Content:
    """Return untrusted `text` as one line of `Content`."""
    return Content(sanitize(text))


def plain_block(text: str) -> Content:
    return Content("\n".join(sanitize(line) for line in text.splitlines()))


def bar_parts(percent: float, cells: int) -> tuple[str, str]:
    """Return the done and the open part of a bar of `cells` cells, full only at 100 percent."""
    filled, half = divmod(int(min(max(percent, 0), 100) * cells / 50), 2)
    done = DONE * filled + _HALF * half
    return done, TRACK * (cells - len(done))


def wrapped(text: str, cells: int, style: str = "") -> list[Content]:
    """Wrap untrusted `text` between words into lines of at most `cells` cells."""
    return Content.styled(sanitize(text), style).wrap(max(cells, 1))


def folded(text: str, cells: int, style: str = "") -> list[Content]:
    """Break untrusted `text` into lines of `cells` cells, also within words."""
    parts = chop_cells(sanitize(text), max(cells, 2))
    return [Content.styled(part, style) for part in parts] or [Content()]


GAP = 2
"""Blank cells between two items or columns."""


class StatusItem(NamedTuple):
    """A text in increasingly short variants; the last may be empty."""

    importance: int
    """The least important item is shortened first; items of one importance, together."""
    variants: tuple[str, ...]
    """From the fullest to the shortest."""
    style: str = ""
    last: int = 0
    """The importance of the last variant, if it is another one."""


def fitted_line(left: Sequence[StatusItem], right: Sequence[StatusItem], cells: int) -> Content:
    """Return a line of `cells` cells; until it fits, the least important item is shortened."""
    items = [*left, *right]
    chosen = [0] * len(items)
    steps = [(it.last, n, len(it.variants) - 1) for n, it in enumerate(items) if it.last]
    for number, item in enumerate(items):
        steps.append((item.importance, number, len(item.variants) - 1 - bool(item.last)))
    steps.sort()
    while _width(items, chosen) > cells and (
        open_steps := [s for s in steps if chosen[s[1]] < s[2]]
    ):
        for importance, index, _most in open_steps:
            chosen[index] += importance == open_steps[0][0]
    texts = [
        Content.styled(sanitize(item.variants[level]), item.style)
        for item, level in zip(items, chosen, strict=True)
    ]
    gap = Content(" " * GAP)
    before, after = (gap.join(filter(None, it)) for it in (texts[: len(left)], texts[len(left) :]))
    blank = " " * (cells - before.cell_length - after.cell_length) if after else ""
    return (before + blank + after).truncate(cells, ellipsis=True)


def _width(items: Sequence[StatusItem], chosen: Sequence[int]) -> int:
    """Return the cells of the line, with the gaps between items that are not empty."""
    widths = [width(item.variants[level]) for item, level in zip(items, chosen, strict=True)]
    return sum(widths) + GAP * max(sum(map(bool, widths)) - 1, 0)
