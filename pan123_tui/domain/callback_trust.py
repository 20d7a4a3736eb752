"""Whether the service's callbacks can be relied on, learnt from those that come and that do not.

An address that the service cannot reach looks like one that it can until the first task ends.
"""

GRACE_S = 30.0
"""A callback this much later than the poll that found the end is missing."""


class CallbackTrust:
    """Earned by a callback that *process* bears out, lost by one that stays away.

    Every `now` is in seconds of a monotonic clock.
    """

    def __init__(self) -> None:
        self._is_earned = False
        self._announced: set[int] = set()
        self._missing_at: dict[int, float] = {}

    def reported(self, task_id: int, *, is_running: bool) -> None:
        """Note the callback of a task; of one that `is_running` it counts when its end is seen."""
        if self._missing_at.pop(task_id, None) is not None:
            self._is_earned = True
        elif is_running:
            self._announced.add(task_id)

    def is_announced(self, task_id: int) -> bool:
        """Tell whether a task that still runs is said to have ended."""
        return task_id in self._announced

    def ended(self, task_id: int, now: float) -> None:
        """Note that *process* tells the end of a task with a callback."""
        if task_id in self._announced:
            self._announced.discard(task_id)
            self._is_earned = True
        else:
            self._missing_at[task_id] = now + GRACE_S

    def forget(self, task_id: int) -> None:
        """Expect nothing of a task that was removed or sent anew."""
        self._announced.discard(task_id)
        self._missing_at.pop(task_id, None)

    def is_earned(self, now: float) -> bool:
        """Tell whether callbacks come, as far as can be known at `now`."""
        late = [task_id for task_id, at in self._missing_at.items() if at <= now]
        for task_id in late:
            del self._missing_at[task_id]
        self._is_earned = self._is_earned and not late
        return self._is_earned

    def next_doubt_at(self) -> float | None:
        """Tell when the trust ends if nothing comes; None: it does not, or there is none."""
        return min(self._missing_at.values(), default=None) if self._is_earned else None
