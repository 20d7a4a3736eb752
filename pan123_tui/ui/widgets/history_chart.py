"""A small chart of a percentage over time, in braille, which is one cell wide everywhere: pure."""

from collections.abc import Sequence

from pan123_tui.domain.task import Sample

_DOTS_ACROSS, _DOTS_UP = 2, 4
"""A braille cell has so many dots."""
_BRAILLE = 0x2800
_DOT_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The bit of each dot: by column from the left, then by height from the bottom."""


def chart(history: Sequence[Sample], cells: int, rows: int) -> list[str]:
    """Draw `history`, ascending in time, as an area of `cells` × `rows`, 0 to 100 % bottom to top.

    A percentage holds until the next one was seen. Empty without a span of time to draw.
    """
    if len(history) < 2 or history[-1].at <= history[0].at:
        return []
    heights = _heights(history, cells * _DOTS_ACROSS, rows * _DOTS_UP)
    return [
        "".join(
            _braille_cell([min(max(height - row * _DOTS_UP, 0), _DOTS_UP) for height in pair])
            for pair in zip(heights[::2], heights[1::2], strict=True)
        )
        for row in reversed(range(rows))
    ]


def _heights(history: Sequence[Sample], columns: int, top: int) -> list[int]:
    """Tell for each column of dots how many of them are filled, of `top`."""
    start, end = history[0].at, history[-1].at
    heights = []
    index = 0
    for column in range(columns):
        at = start + (end - start) * (column + 1) / columns
        while index + 1 < len(history) and history[index + 1].at <= at:
            index += 1
        share = min(max(history[index].percent, 0), 100) / 100
        # What is begun is seen, and only 100 % is full.
        heights.append(top if share == 1 else min(max(round(share * top), share > 0), top - 1))
    return heights


def _braille_cell(heights: Sequence[int]) -> str:
    bits = 0
    for column, height in zip(_DOT_BITS, heights, strict=True):
        for bit in column[:height]:
            bits |= bit
    return chr(_BRAILLE + bits) if bits else " "
