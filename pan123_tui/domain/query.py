"""The query of the task list: view, search and order select the ids to show."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.sorting import DESCENDING_KEYS, SortKey, sort_tasks
from pan123_tui.domain.task import ACTIVE_STATES, FAILED_STATES, UNSENT_STATES, Task, TaskState
from pan123_tui.domain.task_collection import DOUBTFUL


class View(StrEnum):
    """A tab of the dashboard, in the order of the keys 1–4; what stands still is in two."""

    ALL = "all"
    ACTIVE = "active"
    """Queued, being sent, or running."""
    TROUBLE = "trouble"
    """Failed, unsure, or running without a change for long."""
    DONE = "done"

    @classmethod
    def _missing_(cls, value: object) -> "View":  # noqa: ARG003 - Python's signature
        """Return ALL for the name of a tab of another version."""
        return cls.ALL


_VIEW_STATES: Mapping[View, frozenset[TaskState]] = {
    View.ALL: frozenset(TaskState),
    View.ACTIVE: UNSENT_STATES | ACTIVE_STATES,
    View.TROUBLE: FAILED_STATES | {TaskState.UNCONFIRMED},
    View.DONE: frozenset({TaskState.SUCCEEDED}),
}
NO_FOLDERS: Mapping[int, str] = {}


def predicate_for(view: View) -> Callable[[Task], bool]:
    """Return a predicate that holds for the tasks of `view`."""
    states = _VIEW_STATES[view]
    if view is View.TROUBLE:
        return lambda task: task.state in states or task.is_doubtful or is_stalled(task)
    return lambda task: task.state in states and (view is View.ALL or not task.is_doubtful)


def count_by_view(counts: Mapping[str, int], *, stalled: int) -> Mapping[View, int]:
    """Return the number of tasks per view, from the counts by state and of stalled tasks."""
    views = {
        view: sum(counts.get(state, 0) for state in states) for view, states in _VIEW_STATES.items()
    }
    for view in (View.ALL, View.TROUBLE):
        views[view] += counts.get(DOUBTFUL, 0)
    views[View.TROUBLE] += stalled
    return views


class Query(Struct, frozen=True):
    """A selection and an order of tasks; stored as it is."""

    view: View = View.ALL
    search: str = ""
    """The search line; see `filter`. Its invalid parts match every task."""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False

    @property
    def is_descending(self) -> bool:
        """Whether the greatest of the sorted values comes first."""
        return self.reverse != (self.sort in DESCENDING_KEYS)

    @property
    def shows_all_by_age(self) -> bool:
        """Whether all tasks are shown, in the order they were added."""
        return self.view is View.ALL and not self.search and self.sort is SortKey.ADDED


class HiddenCounts(Struct, frozen=True):
    """How many tasks a query hides: those that only one of these hides, so that ending it helps.

    Where there are none, each task is counted once, in the first that hides it.
    """

    by_view: int = 0
    by_search: int = 0

    def __bool__(self) -> bool:
        return bool(self.by_view or self.by_search)


def select(
    tasks: Iterable[Task],
    query: Query,
    *,
    now: float,
    folder_names: Mapping[int, str] = NO_FOLDERS,
    last_batch: str = "",
) -> list[int]:
    """Return the ids of the `tasks` that `query` selects, in its order; `now` in Unix seconds.

    `last_batch` is the name of the newest batch of all tasks.
    """
    for predicate in _predicates(query, now, folder_names, last_batch):
        if predicate is not None:
            tasks = filter(predicate, tasks)
    return sort_tasks(tasks, query.sort, reverse=query.reverse, now=now, folder_names=folder_names)


def count_hidden(
    tasks: Iterable[Task],
    query: Query,
    *,
    now: float,
    folder_names: Mapping[int, str] = NO_FOLDERS,
    last_batch: str = "",
) -> HiddenCounts:
    """Count the `tasks` that `query` hides, to explain an empty list."""
    predicates = _predicates(query, now, folder_names, last_batch)
    verdicts = [tuple(is_shown is None or is_shown(it) for is_shown in predicates) for it in tasks]
    alone = [sum(shown.count(False) == 1 and not shown[i] for shown in verdicts) for i in range(2)]
    if any(alone):
        return HiddenCounts(*alone)
    first = [shown.index(False) for shown in verdicts if not all(shown)]
    return HiddenCounts(*map(first.count, range(2)))


_Predicate = Callable[[Task], bool] | None


def _predicates(
    query: Query, now: float, folder_names: Mapping[int, str], last_batch: str
) -> tuple[_Predicate, _Predicate]:
    """Return the predicates of view and search; None where all tasks match."""
    return (
        None if query.view is View.ALL else predicate_for(query.view),
        _search_predicate(query.search, now, folder_names, last_batch) if query.search else None,
    )


def _search_predicate(
    line: str, now: float, folder_names: Mapping[int, str], last_batch: str
) -> _Predicate:
    # Imported on first use: nothing is searched for before the first frame.
    from pan123_tui.domain.filter import FilterContext, parse  # noqa: PLC0415

    found = parse(line)
    return found.predicate(FilterContext(now, folder_names, last_batch)) if found.terms else None
