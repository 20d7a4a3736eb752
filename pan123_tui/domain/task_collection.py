"""All tasks by id: those that move as values, those that have ended encoded."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Self

import msgspec
from msgspec import Raw, Struct

from pan123_tui.domain.task import Task, TaskState

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Task).decode


class TaskHeader(Struct, frozen=True, gc=False):
    """What is asked of all ended tasks at once, decoded in a quarter of a task's time."""

    id: int
    state: TaskState
    folder_id: int | None = None
    request_id: str = ""
    callback_secret: str = ""


_decode_header = msgspec.json.Decoder(TaskHeader).decode
_Entry = Raw | bytes | Task
NO_DOCUMENTS: Mapping[int, _Entry] = {}


class ArchivedTasks(Mapping[int, Task]):
    """Ended tasks by id, in no order; belongs to one thread once it is changed."""

    __slots__ = ("_entries",)

    def __init__(self, held: Mapping[int, _Entry] = NO_DOCUMENTS) -> None:
        """Hold tasks by id; a document is a task in JSON that the store has read and checked."""
        self._entries = dict(held)

    def __getitem__(self, task_id: int) -> Task:
        held = self._entries[task_id]
        return held if isinstance(held, Task) else _decode(held)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._entries

    def __iter__(self) -> Iterator[int]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, task: Task) -> None:
        """Hold `task`; one that JSON cannot hold exactly stays a value."""
        try:
            document = _encode(task)
            _decode(document)  # NaN is encoded as null, which no task has in its place
        except ValueError:
            self._entries[task.id] = task
        else:
            self._entries[task.id] = document

    def discard(self, task_id: int) -> None:
        """Hold a task no more, if it is held."""
        self._entries.pop(task_id, None)

    def copy(self) -> Self:
        """Return another one with the same tasks; what is encoded is shared."""
        return type(self)(self._entries)

    def headers(self) -> Iterator[Task | TaskHeader]:
        """Return of each task at least what a `TaskHeader` has."""
        for held in self._entries.values():
            yield held if isinstance(held, Task) else _decode_header(held)


class TaskCollection(Mapping[int, Task]):
    """Reads as one mapping, by ascending id; belongs to one thread."""

    __slots__ = ("_unfinished", "archived")

    def __init__(self, tasks: Iterable[Task] = (), archived: ArchivedTasks | None = None) -> None:
        """Hold `tasks`, and those of `ended`, which is taken over."""
        self.archived = ArchivedTasks() if archived is None else archived
        """Those that have ended."""
        self._unfinished: dict[int, Task] = {}
        for task in tasks:
            self.put(task)

    @property
    def unfinished(self) -> Mapping[int, Task]:
        """Those that have not ended."""
        return self._unfinished

    def __getitem__(self, task_id: int) -> Task:
        task = self._unfinished.get(task_id)
        return self.archived[task_id] if task is None else task

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._unfinished or task_id in self.archived

    def __iter__(self) -> Iterator[int]:
        return iter(sorted([*self.archived, *self._unfinished]))

    def __len__(self) -> int:
        return len(self._unfinished) + len(self.archived)

    def copy(self) -> Self:
        """Return another one with the same tasks; what is encoded is shared."""
        return type(self)(self._unfinished.values(), self.archived.copy())

    def headers(self) -> Iterator[Task | TaskHeader]:
        """Return of each task at least what a `TaskHeader` has, in no order."""
        return chain(self._unfinished.values(), self.archived.headers())

    def put(self, task: Task) -> None:
        """Take a new task, or a new value of a known one."""
        if task.is_finished:
            self._unfinished.pop(task.id, None)
            self.archived.put(task)
        else:
            self.archived.discard(task.id)
            self._unfinished[task.id] = task

    def pop(self, task_id: int) -> Task:
        """Take a task out and return it. Raises `KeyError` where there is none."""
        task = self[task_id]
        self._unfinished.pop(task_id, None)
        self.archived.discard(task_id)
        return task
