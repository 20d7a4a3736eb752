"""The marks of the list: they stay with their tasks, whatever is sorted or searched for."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Protocol


class ShownList(Protocol):
    """The list whose tasks are marked."""

    order: tuple[int, ...]
    """The ids of all tasks that are shown."""

    @property
    def cursor_task_id(self) -> int | None:
        """The task under the cursor, up to which an open range reaches."""


class Marks:
    """The marked tasks."""

    def __init__(self, shown: ShownList, on_change: Callable[[], object]) -> None:
        """Call `on_change` after each change."""
        self.ids: frozenset[int] = frozenset()
        """The marked ids, shown or not, with those of an open range."""
        self._shown = shown
        self._on_change = on_change
        self._set: frozenset[int] = frozenset()
        """The same without those of an open range."""
        self._range_from: int | None = None

    @property
    def is_range_open(self) -> bool:
        """Whether a range has begun that the next `mark_range` marks."""
        return self._range_from is not None and self._range_from in self._shown.order

    def toggle(self, task_id: int | None) -> None:
        """Mark or unmark a task, if any."""
        self._change(self.ids.symmetric_difference(() if task_id is None else (task_id,)))

    def add(self, task_ids: Iterable[int]) -> None:
        """Mark more tasks."""
        self._change(self.ids.union(task_ids))

    def invert(self) -> None:
        """Swap marked and unmarked tasks of the list; other marks stay."""
        self._change(self.ids.symmetric_difference(self._shown.order))

    def clear(self) -> None:
        """Remove all marks and an open range."""
        self._change(frozenset())

    def mark_range(self) -> bool:
        """Begin a range at the cursor, or mark the open range up to the cursor.

        Return False where it begins anew because its first task is no longer shown.
        """
        is_open, is_first = self.is_range_open, self._range_from is None
        if (cursor := self._shown.cursor_task_id) is not None:
            self._change(self.ids | {cursor}, None if is_open else cursor)
        return is_open or is_first

    def close_range(self) -> None:
        """Mark an open range up to the cursor."""
        self._change(self.ids)

    def follow_cursor(self) -> None:
        """Let an open range reach the cursor, which has moved, or is in another order."""
        if self._range_from is not None:
            self._change(self._set, self._range_from)

    def restrict(self, task_ids: AbstractSet[int]) -> None:
        """Drop the marks of all but `task_ids`."""
        self._change(
            self._set & task_ids, self._range_from if self._range_from in task_ids else None
        )

    def unmark_hidden(self, task_ids: AbstractSet[int]) -> None:
        """Unmark those of the tasks that are not shown."""
        marked = self.ids & task_ids
        if marked and (hidden := marked.difference(self._shown.order)):
            self._change(self._set - hidden, self._range_from)

    def _change(self, ids: frozenset[int], range_from: int | None = None) -> None:
        before = self.ids, self._set, self._range_from
        self._set, self._range_from = ids, range_from
        self.ids = ids.union(self._range())
        if before != (self.ids, self._set, self._range_from):
            self._on_change()

    def _range(self) -> tuple[int, ...]:
        """Return the ids of an open range."""
        order, cursor = self._shown.order, self._shown.cursor_task_id
        if cursor is None or self._range_from is None or self._range_from not in order:
            return ()
        first, last = sorted((order.index(self._range_from), order.index(cursor)))
        return order[first : last + 1]
