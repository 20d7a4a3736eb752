"""Attention: what a person wants to be told of, gathered: once, and not a hundred times."""

from collections.abc import Callable
from dataclasses import dataclass

from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.ui.mirror import Change

INTERVAL_S = 4.0
"""No two tellings come closer together."""
GATHER_S = 0.8
"""What ends within this time of the first is told with it."""


_ENDS = FAILED_STATES | {TaskState.SUCCEEDED, TaskState.UNCONFIRMED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How tasks have ended since the last time somebody was told."""

    succeeded: int = 0
    failed: int = 0
    unconfirmed: int = 0
    """Not ended, but nothing more happens without a person's decision."""
    only: Task | None = None
    """The task, where it is one alone."""

    def __bool__(self) -> bool:
        return bool(self.succeeded or self.failed or self.unconfirmed)


class Attention:
    """Gathers ends; what is there at the first load is no news."""

    def __init__(self, *, clock: Callable[[], float], interval_s: float = INTERVAL_S) -> None:
        """Take a clock in seconds that only goes forward."""
        self._clock = clock
        self._interval_s = interval_s
        self._may_tell_at = 0.0
        self._ended: dict[int, Task] = {}

    def note(self, change: Change) -> None:
        """Look for tasks that have ended in `change`, and forget those that began anew."""
        for before, now in change.moved:
            if _has_ended(now) and before is not None and not _has_ended(before):
                if not self._ended:
                    self._may_tell_at = max(self._may_tell_at, self._clock() + GATHER_S)
                self._ended[now.id] = now
            elif not _has_ended(now):
                self._ended.pop(now.id, None)
        for task_id in change.removed:
            self._ended.pop(task_id, None)

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
        succeeded = sum(task.state is TaskState.SUCCEEDED for task in ended)
        only = ended[0] if len(ended) == 1 else None
        unconfirmed = sum(task.state is TaskState.UNCONFIRMED for task in ended)
        failed = len(ended) - succeeded - unconfirmed
        return Outcome(succeeded, failed, unconfirmed, only)


def _has_ended(task: Task) -> bool:
    return task.state in _ENDS
