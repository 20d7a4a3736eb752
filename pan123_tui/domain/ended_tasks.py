"""Ended tasks, encoded while nobody looks at them: a decoded one takes four times the memory."""

from collections.abc import Iterator, Mapping
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
_Held = Raw | bytes | Task
NO_DOCUMENTS: Mapping[int, _Held] = {}


class EndedTasks(Mapping[int, Task]):
    """Ended tasks by id, in no order; belongs to one thread once it is changed."""

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[int, _Held] = NO_DOCUMENTS) -> None:
        """Hold tasks by id; a document is a task in JSON that the store has read and checked."""
        self._held = dict(held)

    def __getitem__(self, task_id: int) -> Task:
        held = self._held[task_id]
        return held if isinstance(held, Task) else _decode(held)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._held

    def __iter__(self) -> Iterator[int]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def put(self, task: Task) -> None:
        """Hold `task`; one that JSON cannot hold exactly stays a value."""
        try:
            document = _encode(task)
            _decode(document)  # NaN is encoded as null, which no task has in its place
        except ValueError:
            self._held[task.id] = task
        else:
            self._held[task.id] = document

    def discard(self, task_id: int) -> None:
        """Hold a task no more, if it is held."""
        self._held.pop(task_id, None)

    def copy(self) -> Self:
        """Return another one with the same tasks; what is encoded is shared."""
        return type(self)(self._held)

    def headers(self) -> Iterator[Task | TaskHeader]:
        """Return of each task at least what a `TaskHeader` has."""
        for held in self._held.values():
            yield held if isinstance(held, Task) else _decode_header(held)
