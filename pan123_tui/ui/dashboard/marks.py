"""The marks of the list; they stay with their tasks while these are shown."""

from collections.abc import Callable, Iterable


class Marks:
    """The marked tasks, including those of an open range up to the cursor."""

    def __init__(self, on_change: Callable[[], object]) -> None:
        """Call `on_change` after each change, but not after `follow`."""
        self.ids: frozenset[int] = frozenset()
        """The marked ids, including those of an open range."""
        self.kept: frozenset[int] = frozenset()
        """What is marked again when it is shown again."""
        self._on_change = on_change
        self._set: frozenset[int] = frozenset()
        """The marked ids, without those of an open range."""
        self._range_from: int | None = None
        self._order: tuple[int, ...] = ()
        self._cursor: int | None = None

    @property
    def is_range_open(self) -> bool:
        return self._range_from is not None

    def follow(self, order: tuple[int, ...], cursor: int | None) -> None:
        """Unmark what has left `order`, and extend an open range to the `cursor`."""
        marked, start = self._set, self._range_from
        if order is not self._order:
            shown = frozenset(order)
            marked, start = (marked | self.kept) & shown, start if start in shown else None
        self._order, self._cursor = order, cursor
        self._set_to(marked, start)

    def toggle(self, task_ids: Iterable[int]) -> None:
        """Mark those of the tasks that are not, and unmark the others."""
        self.kept -= self.ids.intersection(task_ids)
        self._change(self.ids.symmetric_difference(task_ids))

    def add(self, task_ids: Iterable[int]) -> None:
        self._change(self.ids.union(task_ids))

    def clear(self) -> None:
        self.kept = frozenset()
        self._change(frozenset())

    def mark_range(self) -> None:
        """Begin a range at the cursor, or mark the open range up to the cursor."""
        if self._cursor is not None:
            self._change(self.ids | {self._cursor}, None if self.is_range_open else self._cursor)

    def close_range(self) -> None:
        """Mark an open range up to the cursor; what is acted on is not marked again."""
        self.kept -= self.ids
        self._change(self.ids)

    def _change(self, ids: frozenset[int], range_from: int | None = None) -> None:
        before = self.ids, self._range_from
        self._set_to(ids, range_from)
        if before != (self.ids, self._range_from):
            self._on_change()

    def _set_to(self, ids: frozenset[int], range_from: int | None) -> None:
        self.ids, self._set, self._range_from = ids, ids, range_from
        if self._cursor is not None and range_from is not None:
            first, last = sorted(map(self._order.index, (range_from, self._cursor)))
            self.ids = ids.union(self._order[first : last + 1])
