"""Where a row is in another order, and where a window of a long list begins."""

from collections.abc import Sequence

MANY_ROWS = 1_000
"""A longer list is shown through a window of fewer rows."""
LEAST_WINDOW = 150


def window_size(page: int, total: int) -> int:
    """Return how many of `total` rows are held, with `page` of them on the screen."""
    return total if total <= MANY_ROWS else min(max(LEAST_WINDOW, 4 * page), total)


def window_start(start: int, *, cursor: int, top: int, page: int, total: int, size: int) -> int:
    """Return the index where a window of `size` rows begins, so that the screen is well inside.

    All are indexes into a list of `total` ids: `start` is where the window begins now, `top` the
    first of the `page` rows on the screen. The window stays until its end comes near. A cursor
    too far from the screen to fit in is left outside.
    """
    if total <= size:
        return 0
    first, last = min(cursor, top), max(cursor + 1, top + page)
    margin = size // 5
    if last - first > size - 2 * margin:
        first, last = top, top + page
    has_room_before = start == 0 or first - start >= margin
    has_room_after = start + size >= total or start + size - last >= margin
    if has_room_before and has_room_after and start + size <= total:
        return start
    return min(max((first + last - size) // 2, 0), total - size)


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
