"""Which rows of a long list a table holds, and where its cursor goes in another order."""

from collections.abc import Sequence
from typing import NamedTuple

MANY_ROWS = 1_000
"""Of a longer list, only a window is held."""
LEAST_ROWS = 150


class RowWindow(NamedTuple):
    """The rows of a list that are held: `size` rows, from the index `first` on."""

    first: int = 0
    size: int = 0

    def around(self, top: int, *, page: int, total: int) -> "RowWindow":
        """Return a window with the `page` rows from `top` well inside; this one, while they are."""
        if total <= MANY_ROWS:
            return RowWindow(0, total)
        size = min(max(LEAST_ROWS, 4 * page), total)
        margin, end = size // 5, self.first + size
        has_room_before = self.first == 0 or top - self.first >= margin
        has_room_after = end == total or (end < total and end - top - page >= margin)
        if has_room_before and has_room_after:
            return RowWindow(self.first, size)
        return RowWindow(min(max(top + (page - size) // 2, 0), total - size), size)


def follow_row(index: int, old: Sequence[int], new: Sequence[int]) -> int:
    """Return the new index of `old[index]` or of its nearest surviving neighbour, if any."""
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    remaining = frozenset(new)
    nearest = (*old[index:], *reversed(old[:index]))
    return next((new.index(it) for it in nearest if it in remaining), 0)
