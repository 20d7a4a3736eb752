"""The query of the task list: view, search and order determine the ids to show."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from math import inf
from operator import itemgetter
from typing import Any

from msgspec import Struct, field

from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import Shown, Task, ended_at, shown_state


class Group(StrEnum):
    """A part of the list by state, in the order of what matters; each task is in one."""

    NEEDS_YOU = "needs_you"
    """Failed, unsure, or running without a change for long."""
    RUNNING = "running"
    """Being sent, or running."""
    QUEUED = "queued"
    DONE = "done"


class View(StrEnum):
    """A tab of the dashboard, in the order of the keys 1–4; each task is in one besides `ALL`."""

    ALL = "all"
    ACTIVE = "active"
    """Queued, being sent, or running."""
    TROUBLE = "trouble"
    """What needs the user."""
    DONE = "done"


class SortKey(StrEnum):
    """Tasks with equal or unknown values stay newest first."""

    STATE = "state"
    """By group, within which `in_groups` has an order for each."""
    ADDED = "added"
    """Newest first."""
    NAME = "name"
    PERCENT = "percent"
    HOST = "host"
    SIZE = "size"
    """The largest file first."""


class Query(Struct, frozen=True):
    """A selection and an order of tasks; stored as it is."""

    view: View = View.ALL
    search: str = ""
    """The search line; see `filter`. Its invalid parts match every task."""
    sort: SortKey = field(default=SortKey.STATE, name="order")
    reverse: bool = False

    @property
    def is_by_state(self) -> bool:
        return self.sort is SortKey.STATE

    @property
    def is_descending(self) -> bool:
        return self.reverse != (self.sort in (SortKey.PERCENT, SortKey.ADDED, SortKey.SIZE))


GROUPS: Mapping[View, tuple[Group, ...]] = {
    View.ALL: tuple(Group),
    View.ACTIVE: (Group.RUNNING, Group.QUEUED),
    View.TROUBLE: (Group.NEEDS_YOU,),
    View.DONE: (Group.DONE,),
}
_GROUP_OF: Mapping[Shown, Group] = {
    Shown.FAILED: Group.NEEDS_YOU,
    Shown.UNSURE: Group.NEEDS_YOU,
    Shown.RUNNING: Group.RUNNING,
    Shown.SENDING: Group.RUNNING,
    Shown.QUEUED: Group.QUEUED,
    Shown.DONE: Group.DONE,
}


def group_of(task: Task) -> Group:
    return Group.NEEDS_YOU if is_stalled(task) else _GROUP_OF[shown_state(task)]


def predicate_for(view: View) -> Callable[[Task], bool]:
    groups = GROUPS[view]
    return lambda task: group_of(task) in groups


def count_by_view(counts: Mapping[Group, int]) -> Mapping[View, int]:
    return {view: sum(counts.get(it, 0) for it in groups) for view, groups in GROUPS.items()}


def in_groups(tasks: Iterable[Task]) -> Mapping[Group, list[Task]]:
    """Return the tasks of each group in its order.

    What needs the user and what is done: the latest first; running: what was sent longest ago
    first, so that no row overtakes another; queued: as they are sent.
    """
    groups: dict[Group, list[Task]] = {group: [] for group in Group}
    for task in tasks:
        groups[group_of(task)].append(task)
    groups[Group.NEEDS_YOU].sort(key=lambda task: (-stopped_at(task), -task.id))
    groups[Group.RUNNING].sort(key=lambda task: (task.sent_at or inf, *send_key(task)))
    groups[Group.QUEUED].sort(key=send_key)
    groups[Group.DONE].sort(key=lambda task: (-(task.finished_at or 0.0), -task.id))
    return groups


def stopped_at(task: Task) -> float:
    """Return when `task` ended, became unsure, or last advanced (Unix seconds)."""
    return task.samples[-1].at if is_stalled(task) else ended_at(task)


def sort_tasks(tasks: Iterable[Task], key: SortKey, *, reverse: bool = False) -> list[int]:
    """Return the ids of `tasks` in order; unknown values come last, even with `reverse`."""
    if key is SortKey.STATE:
        return [task.id for group in in_groups(tasks).values() for task in group]
    if key is SortKey.ADDED:
        return sorted((task.id for task in tasks), reverse=not reverse)
    key_of = _SORT_KEYS[key]
    keyed = sorted(((key_of(task), task.id) for task in tasks), key=_id, reverse=True)
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=_value, reverse=reverse)
    return [task_id for _, task_id in known] + [i for value, i in keyed if value is None]


_value, _id = itemgetter(0), itemgetter(1)
_DIGITS = re.compile("([0-9]+)")


@lru_cache(maxsize=1 << 15)
def natural_key(text: str) -> tuple[Any, ...]:
    """Return a sort key that compares the numbers in `text` by value and ignores case."""
    parts: list[Any] = _DIGITS.split(text.casefold())
    for index in range(1, len(parts), 2):
        digits = parts[index].lstrip("0")
        parts[index] = (len(digits), digits)
    return tuple(parts)


_SORT_KEYS: Mapping[SortKey, Callable[[Task], Any]] = {
    SortKey.NAME: lambda task: natural_key(display_name(task.name, task.url)),
    SortKey.PERCENT: lambda task: -task.percent if task.sent_at is not None else None,
    SortKey.HOST: lambda task: host_of(task.url).casefold() or None,
    SortKey.SIZE: lambda task: -task.arrival.size if task.arrival and task.arrival.size else None,
}
"""Return the value that tasks are sorted by, ascending; None: unknown."""
