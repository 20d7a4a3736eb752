"""The six state views of the task list: which tasks each shows, and how many there are."""

from collections.abc import Callable, Mapping
from enum import StrEnum

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


_STATES: Mapping[View, frozenset[TaskState]] = {
    View.ALL: frozenset(TaskState),
    View.ACTIVE: ACTIVE_STATES,
    View.FAILED: FAILED_STATES,
    View.WAITING: WAITING_STATES,
    View.SUCCEEDED: frozenset({TaskState.SUCCEEDED}),
}
MOVING_VIEWS = frozenset({View.ACTIVE, View.WAITING, View.STALLED})
"""None of their tasks has ended."""


def shows(view: View) -> Callable[[Task], bool]:
    """Give the test whether a task stands in `view`."""
    if view is View.STALLED:
        return is_stalled
    states = _STATES[view]
    return lambda task: task.state in states


def counts(tallies: Mapping[TaskState, int], *, stalled: int) -> Mapping[View, int]:
    """Count the tasks of each view from how many are in each state and how many stand still."""
    views = {
        view: sum(tallies.get(state, 0) for state in states) for view, states in _STATES.items()
    }
    return {**views, View.STALLED: stalled}
