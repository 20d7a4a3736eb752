"""What the task list shows: view, search, filter and order, to ordered ids."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.search import split_words, words_predicate
from pan123_tui.domain.sorting import SortKey, sort_tasks
from pan123_tui.domain.task import ACTIVE_STATES, FAILED_STATES, WAITING_STATES, Task, TaskState


class View(StrEnum):
    """A tab of the dashboard, in the order of the keys 1–6. Only ALL and STALLED overlap others."""

    ALL = "all"
    ACTIVE = "active"
    FAILED = "failed"
    """Failed, rejected and missing: what "retry all failed" means."""
    WAITING = "waiting"
    """Queued, being submitted, or unconfirmed."""
    SUCCEEDED = "succeeded"
    STALLED = "stalled"
    """The active ones that have stood still for long."""


_VIEW_STATES: Mapping[View, frozenset[TaskState]] = {
    View.ALL: frozenset(TaskState),
    View.ACTIVE: ACTIVE_STATES,
    View.FAILED: FAILED_STATES,
    View.WAITING: WAITING_STATES,
    View.SUCCEEDED: frozenset({TaskState.SUCCEEDED}),
}
UNFINISHED_VIEWS = frozenset({View.ACTIVE, View.WAITING, View.STALLED})
"""None of their tasks has ended."""


def predicate_for(view: View) -> Callable[[Task], bool]:
    """Give the test whether a task stands in `view`."""
    if view is View.STALLED:
        return is_stalled
    states = _VIEW_STATES[view]
    return lambda task: task.state in states


def count_by_view(state_counts: Mapping[TaskState, int], *, stalled: int) -> Mapping[View, int]:
    """Count the tasks of each view from how many are in each state and how many stand still."""
    views = {
        view: sum(state_counts.get(state, 0) for state in states)
        for view, states in _VIEW_STATES.items()
    }
    return {**views, View.STALLED: stalled}


NO_FOLDERS: Mapping[int, str] = {}


class Query(Struct, frozen=True):
    """A choice and an order of tasks, in values that can be stored as they are."""

    view: View = View.ALL
    search: str = ""
    """Words that all must occur; see `search`."""
    filter: str = ""
    """An expression; see `filter`. Its faulty parts count for nothing."""
    sort: SortKey = SortKey.ADDED
    reverse: bool = False

    @property
    def shows_all_by_age(self) -> bool:
        """Whether it shows all tasks by their age."""
        is_whole = self.view is View.ALL and not (self.search or self.filter)
        return is_whole and self.sort is SortKey.ADDED


class HiddenCounts(Struct, frozen=True):
    """How many tasks a query hides: each counts where it is hidden first, in this order."""

    by_view: int = 0
    by_filter: int = 0
    by_search: int = 0

    def __bool__(self) -> bool:
        return bool(self.by_view or self.by_filter or self.by_search)


def select(
    tasks: Iterable[Task],
    query: Query,
    *,
    now: float,
    folder_names: Mapping[int, str] = NO_FOLDERS,
) -> list[int]:
    """Choose and order `tasks`; give their ids. `now` is in Unix seconds."""
    for is_wanted in _predicates(query, now, folder_names):
        if is_wanted is not None:
            tasks = filter(is_wanted, tasks)
    return sort_tasks(tasks, query.sort, reverse=query.reverse, now=now, folder_names=folder_names)


def count_hidden(
    tasks: Iterable[Task],
    query: Query,
    *,
    now: float,
    folder_names: Mapping[int, str] = NO_FOLDERS,
) -> HiddenCounts:
    """Count what `query` hides, to say why a list is empty."""
    left = list(tasks)
    numbers: list[int] = []
    for test in _predicates(query, now, folder_names):
        shown = left if test is None else list(filter(test, left))
        numbers.append(len(left) - len(shown))
        left = shown
    return HiddenCounts(*numbers)


_Predicate = Callable[[Task], bool] | None


def _predicates(
    query: Query, now: float, folder_names: Mapping[int, str]
) -> tuple[_Predicate, _Predicate, _Predicate]:
    """Give the tests of view, filter and search; None: all pass."""
    return (
        None if query.view is View.ALL else predicate_for(query.view),
        _filter_predicate(query.filter, now, folder_names) if query.filter else None,
        words_predicate(query.search, folder_names) if split_words(query.search) else None,
    )


def _filter_predicate(text: str, now: float, folder_names: Mapping[int, str]) -> _Predicate:
    # Most people never filter, and none before the first frame.
    from pan123_tui.domain.filter import FilterContext, parse  # noqa: PLC0415

    expression = parse(text)
    return expression.predicate(FilterContext(now, folder_names)) if expression.terms else None
