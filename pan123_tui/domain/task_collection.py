"""All tasks by id, the unfinished apart from the finished."""

from collections.abc import Iterable, Iterator, Mapping

from pan123_tui.domain.task import Task


class TaskCollection(Mapping[int, Task]):
    """All tasks as one mapping by ascending id; used by one thread only."""

    __slots__ = ("_finished", "_unfinished")

    def __init__(self, tasks: Iterable[Task] = ()) -> None:
        self._unfinished: dict[int, Task] = {}
        self._finished: dict[int, Task] = {}
        self.update(tasks)

    @property
    def unfinished(self) -> Mapping[int, Task]:
        return self._unfinished

    @property
    def finished(self) -> Mapping[int, Task]:
        return self._finished

    def __getitem__(self, task_id: int) -> Task:
        task = self._unfinished.get(task_id)
        return self._finished[task_id] if task is None else task

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._unfinished or task_id in self._finished

    def __iter__(self) -> Iterator[int]:
        return iter(sorted([*self._finished, *self._unfinished]))

    def __len__(self) -> int:
        return len(self._unfinished) + len(self._finished)

    def put(self, task: Task) -> None:
        """Add or replace `task`."""
        here, there = self._unfinished, self._finished
        if task.is_finished:
            here, there = there, here
        there.pop(task.id, None)
        here[task.id] = task

    def update(self, tasks: Iterable[Task]) -> None:
        """Add or replace `tasks`."""
        for task in tasks:
            self.put(task)

    def pop(self, task_id: int) -> Task:
        """Remove and return a task. Raises `KeyError` if there is none."""
        task = self[task_id]
        self._unfinished.pop(task_id, None)
        self._finished.pop(task_id, None)
        return task
