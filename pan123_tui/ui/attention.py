"""Attention: what a person wants to be told of, gathered: once, and not a hundred times."""

from collections.abc import Callable

from msgspec import Struct

from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.ui.mirror import Change

INTERVAL_S = 4.0
"""No two tellings come closer together."""
GATHER_S = 0.8
"""What ends within this time of the first is told with it."""


_ENDS = FAILED_STATES | {TaskState.SUCCEEDED, TaskState.UNCONFIRMED}


class Outcome(Struct, frozen=True):
    """How tasks have ended since the last time somebody was told."""

    succeeded: int = 0
    failed: int = 0
    unconfirmed: int = 0
    """Not ended, but nothing more happens without a person's decision."""
    doubtful: int = 0
    """Reported done, but the folder has no such file, or it is not what it should be."""
    only: Task | None = None
    """The task, where it is one alone."""

    def __bool__(self) -> bool:
        return bool(self.succeeded or self.is_bad)

    @property
    def is_bad(self) -> bool:
        """Whether something has not gone well."""
        return bool(self.failed or self.unconfirmed or self.doubtful)


class Attention:
    """Gathers ends; what is there at the first load is no news."""

    def __init__(self, *, clock: Callable[[], float], interval_s: float = INTERVAL_S) -> None:
        """Take a clock in seconds that only goes forward."""
        self._clock = clock
        self._interval_s = interval_s
        self._may_tell_at = 0.0
        self._ended: dict[int, Task] = {}
        self._doubted: set[int] = set()

    def note(self, change: Change) -> None:
        """Look for tasks that have ended in `change`, and forget those that began anew."""
        for before, now in change.moved:
            if before is None and is_doubtful(now):
                self._doubted.add(now.id)
            elif _has_ended(now) and before is not None and not _has_ended(before):
                self._gather(now)
            elif not _has_ended(now):
                self._ended.pop(now.id, None)
        self._note_doubts(change)
        for task_id in change.removed:
            self._ended.pop(task_id, None)

    def _note_doubts(self, change: Change) -> None:
        """Look for successes that the target folder does not bear out: known later than they."""
        for task in change.tasks:
            if is_doubtful(task) and task.id not in self._doubted:
                self._gather(task)
        doubted = {task.id for task in change.tasks if is_doubtful(task)}
        self._doubted -= {task.id for task in change.tasks} | change.removed
        self._doubted |= doubted

    def _gather(self, task: Task) -> None:
        if not self._ended:
            self._may_tell_at = max(self._may_tell_at, self._clock() + GATHER_S)
        self._ended[task.id] = task

    @property
    def due_in_s(self) -> float | None:
        """How long to wait before telling; None: there is nothing to tell."""
        if not self._ended:
            return None
        return max(0.0, self._may_tell_at - self._clock())

    def take(self) -> Outcome:
        """Give what there is to tell; it counts as told."""
        ended = list(self._ended.values())
        self._ended.clear()
        if ended:
            self._may_tell_at = self._clock() + self._interval_s
        only = ended[0] if len(ended) == 1 else None
        doubtful = sum(is_doubtful(task) for task in ended)
        succeeded = sum(task.state is TaskState.SUCCEEDED for task in ended) - doubtful
        unconfirmed = sum(task.state is TaskState.UNCONFIRMED for task in ended)
        failed = len(ended) - succeeded - doubtful - unconfirmed
        return Outcome(succeeded, failed, unconfirmed, doubtful, only)


def is_doubtful(task: Task) -> bool:
    """Tell whether `task` was reported done, and what the target folder has says otherwise."""
    return task.state is TaskState.SUCCEEDED and task.arrival is not None and task.arrival.is_wrong


def _has_ended(task: Task) -> bool:
    return task.state in _ENDS
