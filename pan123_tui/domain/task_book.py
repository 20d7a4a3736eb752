"""All tasks by id: those that move as values, those that ended long ago encoded."""

from collections.abc import Iterable, Iterator, Mapping, ValuesView
from collections.abc import Set as AbstractSet
from heapq import merge
from operator import attrgetter

from pan123_tui.domain.ended_tasks import EndedTasks
from pan123_tui.domain.task import Task

_id = attrgetter("id")
NO_ENDED = EndedTasks()


class TaskBook(Mapping[int, Task]):
    """Reads as one mapping, by ascending id; belongs to one thread."""

    __slots__ = ("_hidden", "_live", "_popped", "ended")

    def __init__(self, live: Iterable[Task] = (), ended: EndedTasks = NO_ENDED) -> None:
        """Hold the tasks `live` as values; they count where `ended` has others of their ids."""
        self.ended = ended
        """What is held encoded, whether it still counts or not."""
        self._live = {task.id: task for task in live}
        self._hidden = {task_id for task_id in self._live if task_id in ended}
        """Of those that are held encoded, the ones that became others or were taken out."""
        self._popped: set[int] = set()
        """Taken out while they were values: the archive may just be written with them in it."""

    @property
    def live(self) -> Mapping[int, Task]:
        """The tasks that are held as values: all that have not ended, and some that have."""
        return self._live

    @property
    def taken_out(self) -> AbstractSet[int]:
        """The ids of those that are held encoded and count no more."""
        return self._hidden - self._live.keys()

    def __getitem__(self, task_id: int) -> Task:
        task = self._live.get(task_id)
        if task is not None:
            return task
        if task_id in self._hidden:
            raise KeyError(task_id)
        return self.ended[task_id]

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._live or (task_id not in self._hidden and task_id in self.ended)

    def __iter__(self) -> Iterator[int]:
        if not self._live:
            return iter([i for i in self.ended if i not in self._hidden])
        return iter(sorted([*self._live, *(i for i in self.ended if i not in self._hidden)]))

    def __len__(self) -> int:
        return len(self._live) + len(self.ended) - len(self._hidden)

    def values(self) -> ValuesView[Task]:
        """Give what `walk` gives."""
        return _Tasks(self)

    def walk(self) -> Iterator[Task]:
        """Give the tasks by ascending id; those that are encoded are made one after the other."""
        return merge(self._counting(), sorted(self._live.values(), key=_id), key=_id)

    def put(self, task: Task) -> None:
        """Take a new task, or a new value of a known one."""
        if task.id not in self._live and task.id in self.ended:
            self._hidden.add(task.id)
        self._popped.discard(task.id)
        self._live[task.id] = task

    def pop(self, task_id: int) -> Task:
        """Take a task out and give it. Raises `KeyError` where there is none."""
        task = self[task_id]
        self._live.pop(task_id, None)
        if task_id in self.ended:
            self._hidden.add(task_id)
        else:
            self._popped.add(task_id)
        return task

    def adopt(self, ended: EndedTasks) -> None:
        """Hold encoded what `ended` has, in the place of what was held so before.

        What is another here, or was taken out meanwhile, stays so.
        """
        same = [i for i, task in self._live.items() if task.is_finished and ended.get(i) == task]
        for task_id in same:
            del self._live[task_id]
        known = (self._hidden | self._popped | self._live.keys()).difference(same)
        self._hidden = {task_id for task_id in known if task_id in ended}
        self.ended = ended

    def _counting(self) -> Iterator[Task]:
        hidden = self._hidden
        if not hidden:
            return iter(self.ended.values())
        return (self.ended[task_id] for task_id in self.ended if task_id not in hidden)


class _Tasks(ValuesView[Task]):
    """All the tasks, without looking each of them up by its id."""

    _mapping: TaskBook

    def __iter__(self) -> Iterator[Task]:
        return self._mapping.walk()
