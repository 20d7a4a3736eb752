"""All tasks by id: unfinished ones as values, finished ones encoded to save memory."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec
from msgspec import Raw

from pan123_tui.domain.task import Task, TaskHeader

_encode = msgspec.json.Encoder().encode
decode_task = msgspec.json.Decoder(Task).decode
"""Returns the task in a document; raises `ValueError` if it is not valid."""
_decode_header = msgspec.json.Decoder(TaskHeader).decode
_Entry = Raw | bytes | Task


class ArchivedTasks(Mapping[int, Task]):
    """Finished tasks by id, in no order; changed by one thread only."""

    __slots__ = ("entries",)

    def __init__(self, entries: Mapping[int, _Entry] = {}) -> None:
        """Take tasks by id; a document is a task in JSON that the store has validated."""
        self.entries = dict(entries)
        """As documents, which may be shared with other collections."""

    def __getitem__(self, task_id: int) -> Task:
        entry = self.entries[task_id]
        return entry if isinstance(entry, Task) else decode_task(entry)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self.entries

    def __iter__(self) -> Iterator[int]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def put(self, task: Task) -> None:
        """Add or replace `task`; one that JSON cannot represent exactly is kept as a value."""
        try:
            document = _encode(task)
            decode_task(document)  # NaN is encoded as null, which fails to decode
        except ValueError:
            self.entries[task.id] = task
        else:
            self.entries[task.id] = document

    def document(self, task_id: int) -> bytes | None:
        """Return a task as JSON; None if there is none, or if JSON cannot represent it."""
        entry = self.entries.get(task_id)
        return None if entry is None or isinstance(entry, Task) else bytes(entry)

    def headers(self) -> Iterator[TaskHeader]:
        for entry in self.entries.values():
            yield entry if isinstance(entry, Task) else _decode_header(entry)


class TaskCollection(Mapping[int, Task]):
    """All tasks as one mapping by ascending id; used by one thread only."""

    __slots__ = ("_unfinished", "archived")

    def __init__(self, tasks: Iterable[Task] = (), archived: ArchivedTasks | None = None) -> None:
        """Take `tasks`, and `archived` itself, which is not copied."""
        self.archived = ArchivedTasks() if archived is None else archived
        """The finished tasks."""
        self._unfinished: dict[int, Task] = {}
        for task in tasks:
            self.put(task)

    @property
    def unfinished(self) -> Mapping[int, Task]:
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

    def headers(self) -> Iterator[TaskHeader]:
        return chain(self._unfinished.values(), self.archived.headers())

    def put(self, task: Task) -> None:
        if task.is_finished:
            self._unfinished.pop(task.id, None)
            self.archived.put(task)
        else:
            self.archived.entries.pop(task.id, None)
            self._unfinished[task.id] = task

    def update(self, other: "TaskCollection") -> None:
        """Add or replace the tasks of `other`; encoded ones are shared."""
        for task in other.unfinished.values():
            self.put(task)
        for task_id in other.archived:
            self._unfinished.pop(task_id, None)
        self.archived.entries.update(other.archived.entries)

    def pop(self, task_id: int) -> Task:
        """Remove and return a task. Raises `KeyError` if there is none."""
        task = self[task_id]
        self._unfinished.pop(task_id, None)
        self.archived.entries.pop(task_id, None)
        return task
