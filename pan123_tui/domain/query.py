"""The query of the task list: view, search and order select the ids to show."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.sorting import DESCENDING_KEYS, SortKey, sort_tasks
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    FAILED_STATES,
    UNSENT_STATES,
    UNSURE_STATES,
    Task,
    TaskState,
)
from pan123_tui.domain.task_collection import DOUBTFUL


class View(StrEnum):
    """A tab of the dashboard, in the order of the keys 1–4; a stalled task is in two of them."""

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
    View.TROUBLE: FAILED_STATES | UNSURE_STATES,
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
    def words(self) -> tuple[str, ...]:
        """The plain words of the search."""
        if not self.search:
            return ()
        # Imported on first use: nothing is searched for before the first frame.
        from pan123_tui.domain.filter import parse  # noqa: PLC0415

        return parse(self.search).words

    @property
    def shows_all_by_age(self) -> bool:
        """Whether all tasks are shown, in the order they were added."""
        return self.view is View.ALL and not self.search and self.sort is SortKey.ADDED


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
    fits = predicate_of(query, now=now, folder_names=folder_names, last_batch=last_batch)
    chosen = filter(fits, tasks)
    return sort_tasks(chosen, query.sort, reverse=query.reverse, folder_names=folder_names)


def predicate_of(
    query: Query, *, now: float, folder_names: Mapping[int, str], last_batch: str
) -> Callable[[Task], bool]:
    """Return a predicate that holds for the tasks that `query` selects, as for `select`."""
    in_view = predicate_for(query.view)
    if not query.search:
        return in_view
    from pan123_tui.domain.filter import FilterContext, parse  # noqa: PLC0415 - as in `words`

    matches = parse(query.search).predicate(FilterContext(now, folder_names, last_batch))
    if query.view is View.ALL:
        return matches
    return lambda task: in_view(task) and matches(task)
