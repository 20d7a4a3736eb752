"""The six state views of the task list: which tasks each shows, and how many there are."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    FAILED_STATES,
    WAITING_STATES,
    Task,
    TaskState,
)


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


_STATES: Mapping[View, frozenset[TaskState]] = MappingProxyType(
    {
        View.ALL: frozenset(TaskState),
        View.ACTIVE: ACTIVE_STATES,
        View.FAILED: FAILED_STATES,
        View.WAITING: WAITING_STATES,
        View.SUCCEEDED: frozenset({TaskState.SUCCEEDED}),
    }
)


def shows(view: View) -> Callable[[Task], bool]:
    """Give the test whether a task stands in `view`."""
    if view is View.STALLED:
        return is_stalled
    states = _STATES[view]
    return lambda task: task.state in states


def counts(tasks: Iterable[Task], *, now: float = 0.0) -> Mapping[View, int]:  # noqa: ARG001
    """Count the tasks of each view; `now` is of no account: a stall is measured at the checks."""
    known = list(tasks)
    by_state = Counter(task.state for task in known)
    tallies = {view: sum(by_state[state] for state in states) for view, states in _STATES.items()}
    return {**tallies, View.STALLED: sum(map(is_stalled, known))}
