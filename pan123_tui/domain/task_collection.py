"""All tasks by id, the unfinished apart from the finished."""

from collections.abc import Iterable, Iterator, Mapping

from pan123_tui.domain.task import Task


class TaskCollection(Mapping[int, Task]):
    """All tasks as one mapping by ascending id; used by one thread only."""

    __slots__ = ("finished", "unfinished")

    def __init__(self, tasks: Iterable[Task] = ()) -> None:
        self.unfinished: dict[int, Task] = {}
        self.finished: dict[int, Task] = {}
        self.update(tasks)

    def __getitem__(self, task_id: int) -> Task:
        task = self.unfinished.get(task_id)
        return self.finished[task_id] if task is None else task

    def __iter__(self) -> Iterator[int]:
        return iter(sorted([*self.finished, *self.unfinished]))

    def __len__(self) -> int:
        return len(self.unfinished) + len(self.finished)

    def put(self, task: Task) -> None:
        here, there = self.unfinished, self.finished
        if task.is_finished:
            here, there = there, here
        there.pop(task.id, None)
        here[task.id] = task

    def update(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self.put(task)

    def pop(self, task_id: int) -> Task:
        task = self[task_id]
        self.unfinished.pop(task_id, None)
        self.finished.pop(task_id, None)
        return task
