"""The sort orders of the task list; equal and unknown values stay newest first."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any

from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import Task, TaskState


class SortKey(StrEnum):
    """What the list is sorted by, starting with what is most likely looked for."""

    ADDED = "added"
    """Newest first."""
    NAME = "name"
    """A–Z, numbers by value: 2 before 10."""
    STATE = "state"
    """What needs the user first (doubtful tasks like missing ones), succeeded tasks last."""
    PERCENT = "percent"
    """The highest first."""
    FOLDER = "folder"
    """By name, if known, else by id; the service's default folder last."""
    HOST = "host"
    """A–Z."""
    BATCH = "batch"
    """The newest first, after those with a label, which are A–Z."""
    QUEUE = "queue"
    """In the order in which links are sent; all other tasks last."""

    @classmethod
    def _missing_(cls, value: object) -> "SortKey":  # noqa: ARG003 - Python's signature
        """Return ADDED for the name of an order of another version."""
        return cls.ADDED


DESCENDING_KEYS = frozenset({SortKey.PERCENT})
"""Keys whose column has its greatest value first."""
_STATE_ORDER = (
    TaskState.FAILED,
    TaskState.REJECTED,
    TaskState.MISSING,
    TaskState.UNCONFIRMED,
    TaskState.RETRYING,
    TaskState.RUNNING,
    TaskState.SUBMITTING,
    TaskState.QUEUED,
    TaskState.SUCCEEDED,
)
_RANKS: Mapping[TaskState, int] = {state: rank for rank, state in enumerate(_STATE_ORDER)}
_DIGITS = re.compile("([0-9]+)")

KeyFunction = Callable[[Task], Any]
"""Returns the value to compare tasks by, ascending; None: unknown."""


def sort_tasks(
    tasks: Iterable[Task],
    key: SortKey,
    *,
    reverse: bool = False,
    folder_names: Mapping[int, str],
) -> list[int]:
    """Return the ids of `tasks` in order; unknown values are last, also with `reverse`.

    Tasks are consumed one by one and not kept, so an archive can be decoded on the way.
    """
    if key is SortKey.ADDED:
        return sorted((task.id for task in tasks), reverse=not reverse)
    key_of = _key_function(key, folder_names)
    keyed = sorted(((key_of(task), task.id) for task in tasks), key=_id, reverse=True)
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=_value, reverse=reverse)
    return [task_id for _, task_id in known] + [i for value, i in keyed if value is None]


_value, _id = itemgetter(0), itemgetter(1)


def _key_function(key: SortKey, folder_names: Mapping[int, str]) -> KeyFunction:
    if key is SortKey.FOLDER:
        return lambda task: (
            natural_key(folder_names.get(task.folder_id, str(task.folder_id)))
            if task.folder_id is not None
            else None
        )
    return _KEY_FUNCTIONS[key]


@lru_cache(maxsize=1 << 15)
def _natural_name_key(name: str, url: str) -> tuple[Any, ...]:
    return natural_key(display_name(name, url))


def _queue_key(task: Task) -> tuple[int, int, int] | None:
    if task.state is TaskState.SUBMITTING:
        return 0, task.rank, task.id
    return (1, *send_key(task)) if task.state is TaskState.QUEUED else None


_KEY_FUNCTIONS: Mapping[SortKey, KeyFunction] = {
    SortKey.QUEUE: _queue_key,
    SortKey.NAME: lambda task: _natural_name_key(task.name, task.url),
    SortKey.STATE: lambda task: _RANKS[TaskState.MISSING if task.is_doubtful else task.state],
    SortKey.PERCENT: lambda task: -task.percent if task.sent_at is not None else None,
    SortKey.HOST: lambda task: host_of(task.url).casefold() or None,
    SortKey.BATCH: lambda task: (
        (0, natural_key(task.batch)) if task.batch else (1, -task.created_at)
    ),
}


def natural_key(text: str) -> tuple[Any, ...]:
    """Return a key that compares the numbers in `text` by value and ignores case."""
    parts: list[Any] = _DIGITS.split(text.casefold())
    for index in range(1, len(parts), 2):
        digits = parts[index].lstrip("0")
        parts[index] = (len(digits), digits)
    return tuple(parts)
