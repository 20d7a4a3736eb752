"""The marks of the list; they stay with their tasks while these are shown."""

from collections.abc import Callable, Iterable, Iterator

from pan123_tui.ui.dashboard.view import RowKey, Rows


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
        self._range_from: RowKey | None = None
        self._rows = Rows()
        self._cursor = 0
        """The index of the row under it."""

    @property
    def is_range_open(self) -> bool:
        return self._range_from is not None

    def follow(self, rows: Rows, cursor: int) -> None:
        """Unmark what has left `rows`, and extend an open range to the row `cursor`."""
        marked, start = self._set, self._range_from
        if rows.keys is not self._rows.keys:
            shown = frozenset(rows.ids)
            marked, start = (marked | self.kept) & shown, start if start in rows.keys else None
        self._rows, self._cursor = rows, cursor
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
        if keys := self._rows.keys[self._cursor : self._cursor + 1]:
            self._change(
                self.ids.union(self._tasks_in(keys)), None if self.is_range_open else keys[0]
            )

    def close_range(self) -> None:
        """Mark an open range up to the cursor; what is acted on is not marked again."""
        self.kept -= self.ids
        self._change(self.ids)

    def _change(self, ids: frozenset[int], range_from: RowKey | None = None) -> None:
        before = self.ids, self._range_from
        self._set_to(ids, range_from)
        if before != (self.ids, self._range_from):
            self._on_change()

    def _set_to(self, ids: frozenset[int], range_from: RowKey | None) -> None:
        self.ids, self._set, self._range_from = ids, ids, range_from
        if range_from is not None:
            first, last = sorted((self._rows.keys.index(range_from), self._cursor))
            self.ids = ids.union(self._tasks_in(self._rows.keys[first : last + 1]))

    def _tasks_in(self, keys: Iterable[RowKey]) -> Iterator[int]:
        """Yield the tasks of the rows `keys`; a group's heading between them has none."""
        for key in keys:
            if isinstance(key, int) or key.is_rest:
                yield from self._rows.tasks_at(key)
