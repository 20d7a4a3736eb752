"""Which part of a long list is held as rows, and where a row is in another order."""

from collections.abc import Sequence

from msgspec import Struct

MANY_ROWS = 1_000
"""Of a longer list only a window is held."""
LEAST_ROWS = 150


class RowWindow(Struct, frozen=True):
    """The rows of a list that are held: `size` of them, from the index `first` on."""

    first: int = 0
    size: int = 0

    def around(self, cursor: int, top: int, *, page: int, total: int) -> "RowWindow":
        """Return the window for a list of `total` ids, which has the screen well inside.

        `top` is the first of the `page` rows on the screen. The window stays until its end comes
        near. A cursor too far from the screen to fit in is left outside.
        """
        if total <= MANY_ROWS:
            return RowWindow(0, total)
        size = min(max(LEAST_ROWS, 4 * page), total)
        first, last = min(cursor, top), max(cursor + 1, top + page)
        margin = size // 5
        if last - first > size - 2 * margin:
            first, last = top, top + page
        has_room_before = self.first == 0 or first - self.first >= margin
        end = self.first + size
        has_room_after = end >= total or end - last >= margin
        if has_room_before and has_room_after and end <= total:
            return RowWindow(self.first, size)
        return RowWindow(min(max((first + last - size) // 2, 0), total - size), size)


def follow_row(index: int, old: Sequence[int], new: Sequence[int]) -> int:
    """Return the new index of `old[index]`, else of its nearest surviving neighbour, if any."""
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    remaining = frozenset(new)
    for key in (*old[index:], *reversed(old[:index])):
        if key in remaining:
            return new.index(key)
    return min(index, max(len(new) - 1, 0))
