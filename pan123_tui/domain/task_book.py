"""All tasks by id: those that move as values, those that have ended encoded."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Self

from pan123_tui.domain.ended_tasks import EndedTasks, TaskHeader
from pan123_tui.domain.task import Task


class TaskBook(Mapping[int, Task]):
    """Reads as one mapping, by ascending id; belongs to one thread."""

    __slots__ = ("_live", "ended")

    def __init__(self, tasks: Iterable[Task] = (), ended: EndedTasks | None = None) -> None:
        """Hold `tasks`, and those of `ended`, which is taken over."""
        self.ended = EndedTasks() if ended is None else ended
        """Those that have ended."""
        self._live: dict[int, Task] = {}
        for task in tasks:
            self.put(task)

    @property
    def live(self) -> Mapping[int, Task]:
        """Those that have not ended."""
        return self._live

    def __getitem__(self, task_id: int) -> Task:
        task = self._live.get(task_id)
        return self.ended[task_id] if task is None else task

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._live or task_id in self.ended

    def __iter__(self) -> Iterator[int]:
        return iter(sorted([*self.ended, *self._live]))

    def __len__(self) -> int:
        return len(self._live) + len(self.ended)

    def copy(self) -> Self:
        """Return another one with the same tasks; what is encoded is shared."""
        return type(self)(self._live.values(), self.ended.copy())

    def headers(self) -> Iterator[Task | TaskHeader]:
        """Return of each task at least what a `TaskHeader` has, in no order."""
        return chain(self._live.values(), self.ended.headers())

    def put(self, task: Task) -> None:
        """Take a new task, or a new value of a known one."""
        if task.is_finished:
            self._live.pop(task.id, None)
            self.ended.put(task)
        else:
            self.ended.discard(task.id)
            self._live[task.id] = task

    def pop(self, task_id: int) -> Task:
        """Take a task out and return it. Raises `KeyError` where there is none."""
        task = self[task_id]
        self._live.pop(task_id, None)
        self.ended.discard(task_id)
        return task
