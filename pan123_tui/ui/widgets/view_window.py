"""Which part of a long view the table holds, and where a task went when the view changed: pure."""

from collections.abc import Sequence


def window_start(start: int, *, cursor: int, top: int, page: int, total: int, size: int) -> int:
    """Tell where a window of `size` rows begins so that the screen and the cursor are well inside.

    All are indexes into the view of `total` tasks: `start` where the window begins now, `top` the
    first of the `page` rows on the screen. The window stays until the end of it comes near; a
    cursor too far away to fit in is left behind.
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


def followed(index: int, old: Sequence[int], new: Sequence[int]) -> int:
    """Tell where in `new` the task at `index` of `old` is, else the next one of `old` that stayed.

    Gives the nearest place where none stayed, and 0 where there was nothing to follow.
    """
    if not 0 <= index < len(old):
        return 0
    if index < len(new) and new[index] == old[index]:
        return index
    if (found := _index(new, old[index])) is not None:
        return found
    stayed = frozenset(new)
    for task_id in (*old[index + 1 :], *reversed(old[:index])):
        if task_id in stayed:
            return new.index(task_id)
    return min(index, max(len(new) - 1, 0))


def _index(order: Sequence[int], task_id: int) -> int | None:
    try:
        return order.index(task_id)
    except ValueError:
        return None
