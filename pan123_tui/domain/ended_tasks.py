"""Tasks that have ended and are kept for the record: as many as ever, in little memory.

A task as a value takes three kilobytes, its document a fifth of that, and two microseconds make
the one out of the other.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, ValuesView
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import msgspec

from pan123_tui.domain.task import Task, TaskState

Document = msgspec.Raw | memoryview
_STATES = tuple(TaskState)
_NUMBERS = {state: number for number, state in enumerate(_STATES)}
_decode = msgspec.json.Decoder(Task).decode


class Entry(NamedTuple):
    """One task as it is held."""

    id: int
    state: TaskState
    document: Document
    """The task in JSON, as msgspec writes it."""


class EndedTasks(Mapping[int, Task]):
    """Tasks by ascending id, each encoded until somebody looks at it; never changes."""

    __slots__ = ("_buffer", "_ends", "_ids", "_states")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take `entries`, each id once; by ascending id they are quickest."""
        self._take(entries)
        if any(former > latter for former, latter in pairwise(self._ids)):
            self._take(sorted(self.entries(), key=itemgetter(0)))

    def _take(self, entries: Iterable[Entry]) -> None:
        ids, ends, states, buffer = array("q"), array("Q"), bytearray(), bytearray()
        for task_id, state, document in entries:
            buffer += document
            ids.append(task_id)
            ends.append(len(buffer))
            states.append(_NUMBERS[state])
        self._ids, self._ends, self._states, self._buffer = ids, ends, states, bytes(buffer)

    def __getitem__(self, task_id: int) -> Task:
        if (index := self._index(task_id)) is None:
            raise KeyError(task_id)
        return _decode(self._document(index))

    def __contains__(self, task_id: object) -> bool:
        return isinstance(task_id, int) and self._index(task_id) is not None

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def values(self) -> ValuesView[Task]:
        """Give the tasks, made one after the other."""
        return _Tasks(self)

    def entries(self) -> Iterator[Entry]:
        """Give the tasks as they are held, by ascending id."""
        for index, task_id in enumerate(self._ids):
            yield Entry(task_id, _STATES[self._states[index]], self._document(index))

    @property
    def tallies(self) -> dict[TaskState, int]:
        """How many are in each state."""
        return {state: self._states.count(index) for index, state in enumerate(_STATES)}

    def containing(self, text: str) -> Iterator[Task]:
        """Give the tasks whose document holds `text`, such as `"folder_id":`.

        The others cost nothing. What JSON writes with an escape is not found.
        """
        needle, at = text.encode(), 0
        while (at := self._buffer.find(needle, at)) >= 0:
            index = bisect_right(self._ends, at)
            yield _decode(self._document(index))
            at = self._ends[index]

    def _index(self, task_id: int) -> int | None:
        index = bisect_left(self._ids, task_id)
        return index if index < len(self._ids) and self._ids[index] == task_id else None

    def _document(self, index: int) -> memoryview:
        start = self._ends[index - 1] if index else 0
        return memoryview(self._buffer)[start : self._ends[index]]


class _Tasks(ValuesView[Task]):
    """All the tasks, without looking each of them up by its id."""

    _mapping: EndedTasks

    def __iter__(self) -> Iterator[Task]:
        return (_decode(entry.document) for entry in self._mapping.entries())
