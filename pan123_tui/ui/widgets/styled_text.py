"""One line made of pieces that give way to each other where the room is scarce: pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import chop_cells
from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.geometry import Region

from pan123_tui.domain.sanitize import TruncateAt, sanitize, width

_BAR = ("╍", "╌")
"""Done and still to do: signs of one cell in every font, told apart without colour."""


def plain(
    text: str,
    max_width: int | None = None,
    *,
    cut: TruncateAt = "end",
    style: str | Style = "",
) -> Text:
    """Make one line of `text` from outside, at most `max_width` cells wide."""
    return Text(sanitize(text, max_width, truncate_at=cut), style=style, no_wrap=True, end="")


def plain_content(text: str, max_width: int | None = None, *, cut: TruncateAt = "end") -> Content:
    """Make one line of `text` from outside as Textual's `Content`."""
    return Content(sanitize(text, max_width, truncate_at=cut))


def plain_block(text: str) -> Content:
    """Make `text` of any origin harmless, keeping the ends of its lines."""
    return Content("\n".join(sanitize(line) for line in text.splitlines()))


def highlighted(text: Text, needle: str, style: str | Style) -> Text:
    """Lay `style` over each place of `needle` in `text`, whatever its case; gives `text`."""
    if needle:
        text.highlight_words([needle], style, case_sensitive=False)
    return text


def bar_parts(percent: float, cells: int) -> tuple[str, str]:
    """Give the done and the open part of a bar of `cells` cells; full only at 100 percent."""
    filled = int(min(max(percent, 0), 100) * cells / 100)
    done, rest = _BAR
    return done * filled, rest * (cells - filled)


class StyledSpan(NamedTuple):
    """A part of a line with the style that it is written in, such as "$text-error"."""

    text: str
    style: str = ""


Line = tuple[StyledSpan, ...]


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
    lines = Content(sanitize(text)).wrap(max(cells, 1))
    return [(StyledSpan(line.plain, style),) for line in lines]


def folded(text: str, cells: int, style: str = "") -> list[Line]:
    """Break `text` of any origin wherever a line of `cells` cells is full; nothing is left out."""
    return [(StyledSpan(part, style),) for part in chop_cells(sanitize(text), max(cells, 2))] or [
        ()
    ]


GAP = 2
"""Blank cells between two pieces."""


class StatusItem(NamedTuple):
    """One thing to say, in shorter and shorter words; the last may be empty."""

    importance: int
    """Of two pieces the one with the lesser importance gives way first."""
    variants: tuple[str, ...]
    """From the fullest to the shortest."""
    style: str = ""


def fitted_line(left: Sequence[StatusItem], right: Sequence[StatusItem], cells: int) -> Line:
    """Lay `left` out from the left edge and `right` against the right one, on `cells` cells.

    While they do not fit, the least important piece that still can takes its next shorter words.
    A line that never fits is cut at its end.
    """
    return _fitted(tuple(left), tuple(right), cells)


@lru_cache(maxsize=4)
def _fitted(left: Sequence[StatusItem], right: Sequence[StatusItem], cells: int) -> Line:
    """Lay out what was mostly laid out a second ago already."""
    pieces = [*left, *right]
    chosen = _chosen(pieces, cells)
    texts = [piece.variants[level] for piece, level in zip(pieces, chosen, strict=True)]
    runs = [StyledSpan(text, piece.style) for text, piece in zip(texts, pieces, strict=True)]
    return _joined(runs[: len(left)], runs[len(left) :], cells)


def _chosen(pieces: Sequence[StatusItem], cells: int) -> list[int]:
    """Choose a variant of each piece, so that all of them fit on `cells` cells if they can."""
    chosen = [0] * len(pieces)
    by_importance = sorted(range(len(pieces)), key=lambda index: pieces[index].importance)
    for index in by_importance:
        while _width(pieces, chosen) > cells and chosen[index] + 1 < len(pieces[index].variants):
            chosen[index] += 1
    # A greater piece that gave way left more room than was asked for: the lesser ones may grow.
    for index in reversed(by_importance):
        for variant in range(chosen[index]):
            grown = [*chosen[:index], variant, *chosen[index + 1 :]]
            if _width(pieces, grown) <= cells:
                chosen = grown
                break
    return chosen


def _width(pieces: Sequence[StatusItem], chosen: Sequence[int]) -> int:
    """Count the cells of the line, with the gaps between pieces that say something."""
    widths = [width(piece.variants[level]) for piece, level in zip(pieces, chosen, strict=True)]
    return sum(widths) + GAP * max(sum(map(bool, widths)) - 1, 0)


def _joined(left: Sequence[StyledSpan], right: Sequence[StyledSpan], cells: int) -> Line:
    """Put the gaps between the runs, and what is left of `cells` between the two sides."""
    fore, aft = _spaced(left), _spaced(right)
    used = sum(width(run.text) for run in (*fore, *aft))
    blank = cells - used
    middle = [StyledSpan(" " * blank)] if aft and blank > 0 else []
    line: list[StyledSpan] = []
    room = cells
    for run in (*fore, *middle, *aft):
        text = sanitize(run.text, room)
        room -= width(text)
        if text:
            line.append(StyledSpan(text, run.style))
    return tuple(line)


def _spaced(runs: Sequence[StyledSpan]) -> list[StyledSpan]:
    spaced: list[StyledSpan] = []
    for run in runs:
        if run.text:
            spaced += [StyledSpan(" " * GAP), run] if spaced else [run]
    return spaced
