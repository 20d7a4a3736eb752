"""Styled text in lines: sanitized, wrapped, or fitted to a width by importance."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import chop_cells
from textual.content import Content

from pan123_tui.domain.sanitize import TruncateAt, sanitize, width

_BAR_GLYPHS = ("╍", "╌")
"""Done and open: glyphs of one cell in every font that differ without colour too."""


def plain_content(text: str, max_width: int | None = None, *, cut: TruncateAt = "end") -> Content:
    """Return untrusted `text` as one line of `Content`."""
    return Content(sanitize(text, max_width, truncate_at=cut))


def plain_block(text: str) -> Content:
    """Return untrusted `text` with its line breaks."""
    return Content("\n".join(sanitize(line) for line in text.splitlines()))


def bar_parts(percent: float, cells: int) -> tuple[str, str]:
    """Return the done and the open part of a bar of `cells` cells; full only at 100 percent."""
    filled = int(min(max(percent, 0), 100) * cells / 100)
    done, rest = _BAR_GLYPHS
    return done * filled, rest * (cells - filled)


class StyledSpan(NamedTuple):
    """A part of a line and its style, such as "$text-error"."""

    text: str
    style: str = ""


Line = tuple[StyledSpan, ...]


def content_of(lines: Sequence[Line]) -> Content:
    """Join `lines` with line breaks."""
    return Content("\n").join(
        Content.assemble(*((span.text, span.style) for span in line)) for line in lines
    )


def wrapped(text: str, cells: int, style: str = "") -> list[Line]:
    """Wrap untrusted `text` between words into lines of at most `cells` cells."""
    lines = Content(sanitize(text)).wrap(max(cells, 1))
    return [(StyledSpan(line.plain, style),) for line in lines]


def folded(text: str, cells: int, style: str = "") -> list[Line]:
    """Break untrusted `text` into lines of `cells` cells, also within words."""
    return [(StyledSpan(part, style),) for part in chop_cells(sanitize(text), max(cells, 2))] or [
        ()
    ]


GAP = 2
"""Blank cells between two items."""


class StatusItem(NamedTuple):
    """A text in ever shorter variants; the last may be empty."""

    importance: int
    """The item of the least importance is shortened first."""
    variants: tuple[str, ...]
    """From the fullest to the shortest."""
    style: str = ""


def fitted_line(left: Sequence[StatusItem], right: Sequence[StatusItem], cells: int) -> Line:
    """Return a line of `cells` cells with `left` at its left edge and `right` at its right one.

    While it does not fit, the least important item that still can takes its next shorter variant.
    A line that never fits is truncated.
    """
    items = [*left, *right]
    chosen = zip(items, _choose_variants(items, cells), strict=True)
    spans = [StyledSpan(item.variants[level], item.style) for item, level in chosen]
    return _join_sides(spans[: len(left)], spans[len(left) :], cells)


def _choose_variants(items: Sequence[StatusItem], cells: int) -> list[int]:
    """Return the variant of each item by index, so that all fit on `cells` cells if possible."""
    chosen = [0] * len(items)
    for index in sorted(range(len(items)), key=lambda index: items[index].importance):
        while _width(items, chosen) > cells and chosen[index] + 1 < len(items[index].variants):
            chosen[index] += 1
    return chosen


def _width(items: Sequence[StatusItem], chosen: Sequence[int]) -> int:
    """Return the cells of the line, with the gaps between items that are not empty."""
    widths = [width(item.variants[level]) for item, level in zip(items, chosen, strict=True)]
    return sum(widths) + GAP * max(sum(map(bool, widths)) - 1, 0)


def _join_sides(left: Sequence[StyledSpan], right: Sequence[StyledSpan], cells: int) -> Line:
    """Return both sides with gaps between their spans, and blanks between the sides."""
    before, after = _with_gaps(left), _with_gaps(right)
    blank = cells - sum(width(span.text) for span in (*before, *after))
    middle = [StyledSpan(" " * blank)] if after and blank > 0 else []
    line: list[StyledSpan] = []
    room = cells
    for span in (*before, *middle, *after):
        text = sanitize(span.text, room)
        room -= width(text)
        if text:
            line.append(StyledSpan(text, span.style))
    return tuple(line)


def _with_gaps(spans: Sequence[StyledSpan]) -> list[StyledSpan]:
    spaced: list[StyledSpan] = []
    for span in spans:
        if span.text:
            spaced += [StyledSpan(" " * GAP), span] if spaced else [span]
    return spaced
