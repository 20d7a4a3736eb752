"""The query of the task list: view, search and order determine the ids to show."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state


class View(StrEnum):
    """A tab of the dashboard, in the order of the keys 1–4; each task is in one besides `ALL`."""

    ALL = "all"
    ACTIVE = "active"
    """Queued, being sent, or running."""
    TROUBLE = "trouble"
    """Failed, unsure, or done with a file that is of no use or was not found."""
    DONE = "done"


class SortKey(StrEnum):
    """Tasks with equal or unknown values stay newest first."""

    ADDED = "added"
    """Newest first."""
    NAME = "name"
    STATE = "state"
    """What needs the user first, what is done last."""
    PERCENT = "percent"
    HOST = "host"
    SIZE = "size"
    """The largest file first."""


class Query(Struct, frozen=True):
    """A selection and an order of tasks; stored as it is."""

    view: View = View.ALL
    search: str = ""
    """The search line; see `filter`. Its invalid parts match every task."""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False
    other_order: tuple[SortKey, bool] | None = None
    """While trouble is shown, the order of the other tabs, otherwise that of trouble; None: the
    usual one."""

    def changed(self, **changes: Any) -> "Query":
        """Return the query with other fields; the tab *trouble* has an order of its own."""
        changed = replace(self, **changes)
        if (self.view is View.TROUBLE) is (changed.view is View.TROUBLE):
            return changed
        order = self.sort, self.reverse
        sort, reverse = self.other_order or _usual_order(changed.view)
        other = None if order == _usual_order(self.view) else order
        return replace(changed, sort=sort, reverse=reverse, other_order=other)

    @property
    def is_descending(self) -> bool:
        return self.reverse != (self.sort in (SortKey.PERCENT, SortKey.ADDED, SortKey.SIZE))

    @property
    def shows_all_by_age(self) -> bool:
        return self.view is View.ALL and not self.search and self.sort is SortKey.ADDED


def _usual_order(view: View) -> tuple[SortKey, bool]:
    return (SortKey.HOST if view is View.TROUBLE else SortKey.ADDED), False


def view_of(task: Task) -> View:
    """Return the tab that shows `task` besides `ALL`."""
    if task.needs_user:
        return View.TROUBLE
    return View.DONE if task.state is TaskState.SUCCEEDED else View.ACTIVE


def predicate_for(view: View) -> Callable[[Task], bool]:
    return lambda task: view is View.ALL or view_of(task) is view


def count_by_view(tasks: Collection[Task]) -> Mapping[View, int]:
    counts = Counter(map(view_of, tasks))
    return {view: len(tasks) if view is View.ALL else counts[view] for view in View}


def sort_tasks(tasks: Iterable[Task], key: SortKey, *, reverse: bool = False) -> list[int]:
    """Return the ids of `tasks` in order; unknown values come last, even with `reverse`."""
    if key is SortKey.ADDED:
        return sorted((task.id for task in tasks), reverse=not reverse)
    key_of = _SORT_KEYS[key]
    keyed = sorted(((key_of(task), task.id) for task in tasks), key=_id, reverse=True)
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=_value, reverse=reverse)
    return [task_id for _, task_id in known] + [i for value, i in keyed if value is None]


_value, _id = itemgetter(0), itemgetter(1)
_STATE_ORDER = (Shown.FAILED, Shown.UNSURE, Shown.RUNNING, Shown.SENDING, Shown.QUEUED, Shown.DONE)
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
    SortKey.STATE: lambda task: (not task.needs_user, _STATE_ORDER.index(shown_state(task))),
    SortKey.PERCENT: lambda task: -task.percent if task.sent_at is not None else None,
    SortKey.HOST: lambda task: host_of(task.url).casefold() or None,
    SortKey.SIZE: lambda task: -task.arrival.size if task.arrival and task.arrival.size else None,
}
"""Return the value that tasks are sorted by, ascending; None: unknown."""
