"""One line made of pieces that give way to each other where the room is scarce: pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pan123_tui.domain.visible import visible, width
from pan123_tui.ui.widgets.styled_lines import Line, Run

GAP = 2
"""Blank cells between two pieces."""


class Piece(NamedTuple):
    """One thing to say, in shorter and shorter words; the last may be empty."""

    importance: int
    """Of two pieces the one with the lesser importance gives way first."""
    variants: tuple[str, ...]
    """From the fullest to the shortest."""
    style: str = ""


def fitted_line(left: Sequence[Piece], right: Sequence[Piece], cells: int) -> Line:
    """Lay `left` out from the left edge and `right` against the right one, on `cells` cells.

    While they do not fit, the least important piece that still can takes its next shorter words.
    A line that never fits is cut at its end.
    """
    return _fitted(tuple(left), tuple(right), cells)


@lru_cache(maxsize=4)
def _fitted(left: Sequence[Piece], right: Sequence[Piece], cells: int) -> Line:
    """Lay out what was mostly laid out a second ago already."""
    pieces = [*left, *right]
    chosen = _chosen(pieces, cells)
    texts = [piece.variants[level] for piece, level in zip(pieces, chosen, strict=True)]
    runs = [Run(text, piece.style) for text, piece in zip(texts, pieces, strict=True)]
    return _joined(runs[: len(left)], runs[len(left) :], cells)


def _chosen(pieces: Sequence[Piece], cells: int) -> list[int]:
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


def _width(pieces: Sequence[Piece], chosen: Sequence[int]) -> int:
    """Count the cells of the line, with the gaps between pieces that say something."""
    widths = [width(piece.variants[level]) for piece, level in zip(pieces, chosen, strict=True)]
    return sum(widths) + GAP * max(sum(map(bool, widths)) - 1, 0)


def _joined(left: Sequence[Run], right: Sequence[Run], cells: int) -> Line:
    """Put the gaps between the runs, and what is left of `cells` between the two sides."""
    fore, aft = _spaced(left), _spaced(right)
    used = sum(width(run.text) for run in (*fore, *aft))
    blank = cells - used
    middle = [Run(" " * blank)] if aft and blank > 0 else []
    line: list[Run] = []
    room = cells
    for run in (*fore, *middle, *aft):
        text = visible(run.text, room)
        room -= width(text)
        if text:
            line.append(Run(text, run.style))
    return tuple(line)


def _spaced(runs: Sequence[Run]) -> list[Run]:
    spaced: list[Run] = []
    for run in runs:
        if run.text:
            spaced += [Run(" " * GAP), run] if spaced else [run]
    return spaced
