"""The marks of the list: they stay with their tasks, whatever is sorted or searched for."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct
from msgspec.structs import replace


class Selection(Struct, frozen=True):
    """The marked tasks by id, whatever is sorted or filtered."""

    ids: frozenset[int] = frozenset()
    range_from: int | None = None
    """The id where an open range began."""

    def toggled(self, task_id: int) -> "Selection":
        return replace(self, ids=self.ids ^ {task_id})

    def extended(self, task_id: int, order: Sequence[int]) -> "Selection":
        """Begin a range at `task_id`, or mark the open range up to it, as it is in `order`."""
        if self.range_from not in order:
            return Selection(self.ids | {task_id}, range_from=task_id)
        first, last = sorted((order.index(self.range_from), order.index(task_id)))
        return Selection(self.ids | frozenset(order[first : last + 1]))

    def reaching(self, task_id: int | None, order: Sequence[int]) -> frozenset[int]:
        """Return the marked ids, with those of an open range up to `task_id`."""
        if self.range_from is None or task_id is None or self.range_from not in order:
            return self.ids
        return self.extended(task_id, order).ids

    def with_added(self, task_ids: Iterable[int]) -> "Selection":
        return replace(self, ids=self.ids.union(task_ids))

    def inverted(self, order: Iterable[int]) -> "Selection":
        """Swap marked and unmarked ids of `order`."""
        return replace(self, ids=self.ids.symmetric_difference(order))

    def restricted_to(self, task_ids: AbstractSet[int]) -> "Selection":
        """Drop ids that are not in `task_ids`."""
        range_from = self.range_from if self.range_from in task_ids else None
        return Selection(self.ids & task_ids, range_from)
