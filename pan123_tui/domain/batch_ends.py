"""Follows the tasks and tells when a batch has ended."""

from collections.abc import Collection

from pan123_tui.domain.batches import BatchResult, batch_name, batch_results, is_open
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.task_collection import TaskCollection

SETTLE_S = 15.0
"""So long after its end a batch is told of: its files are looked for meanwhile."""


class BatchEnds:
    """Knows which tasks keep their batches open; what had ended before the start is no news."""

    def __init__(self) -> None:
        self._open: dict[int, str] = {}

    def ended_by(self, event: EngineEvent) -> list[str]:
        """Return the names of the batches whose last open task `event` has ended or removed."""
        match event:
            case TasksLoaded(tasks):
                self._open = {it.id: batch_name(it) for it in tasks.headers() if is_open(it)}
            case TasksChanged(tasks, removed):
                ids = (*removed, *(task.id for task in tasks))
                touched = {self._open.pop(task_id, "") for task_id in ids} - {""}
                self._open.update((task.id, batch_name(task)) for task in tasks if is_open(task))
                return sorted(touched.difference(self._open.values())) if touched else []
        return []


def settled_results(tasks: TaskCollection, names: Collection[str]) -> dict[str, BatchResult]:
    """Return what the batches `names` have come to, by name, without those that go on again."""
    results = batch_results(tasks, names)
    return {name: result for name, result in results.items() if not result.is_open}
