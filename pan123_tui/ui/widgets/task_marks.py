"""Which tasks are chosen, and where a range began: a value that knows nothing of rows."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct
from msgspec.structs import replace


class Marks(Struct, frozen=True):
    """The ids of chosen tasks; sorting and filtering leave them alone."""

    ids: frozenset[int] = frozenset()
    range_from: int | None = None
    """Where a range that waits for its other end began."""

    def toggled(self, task_id: int) -> "Marks":
        return replace(self, ids=self.ids ^ {task_id})

    def extended(self, task_id: int, order: Sequence[int]) -> "Marks":
        """Begin a range at `task_id`, or end the one begun: all between in `order` are marked."""
        if self.range_from not in order:
            return Marks(self.ids | {task_id}, range_from=task_id)
        first, last = sorted((order.index(self.range_from), order.index(task_id)))
        return Marks(self.ids | frozenset(order[first : last + 1]))

    def joined(self, task_ids: Iterable[int]) -> "Marks":
        return replace(self, ids=self.ids.union(task_ids))

    def inverted(self, order: Iterable[int]) -> "Marks":
        """Swap marked and unmarked in `order`; marks outside it stay."""
        return replace(self, ids=self.ids.symmetric_difference(order))

    def kept(self, task_ids: AbstractSet[int]) -> "Marks":
        """Drop the marks of tasks that are gone."""
        begun = self.range_from if self.range_from in task_ids else None
        return Marks(self.ids & task_ids, begun)
