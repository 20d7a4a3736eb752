"""Whether the service's callbacks can be relied on, learnt from those that come and that do not.

An address that the service cannot reach looks like one that it can until the first task ends.
"""

PROOFS = 50
"""So many in a row earn it. Where some are lost, polling as usual finds those ends far sooner;
and where there are few tasks, there are few polls to spare."""
GRACE_S = 30.0
"""A callback this much later than the poll that found the end is missing."""


class CallbackTrust:
    """Earned by callbacks that *process* bears out, lost by one that stays away.

    Every `now` is in seconds of a monotonic clock.
    """

    def __init__(self) -> None:
        self._in_a_row = 0
        self._announced: set[int] = set()
        self._missing_at: dict[int, float] = {}

    def reported(self, task_id: int, *, is_running: bool) -> None:
        """Note the callback of a task; of one that `is_running` it counts when its end is seen."""
        if self._missing_at.pop(task_id, None) is not None:
            self._in_a_row += 1
        elif is_running:
            self._announced.add(task_id)

    def is_announced(self, task_id: int) -> bool:
        """Tell whether a task that still runs is said to have ended."""
        return task_id in self._announced

    def ended(self, task_id: int, now: float) -> None:
        """Note that *process* tells the end of a task with a callback."""
        if task_id in self._announced:
            self._announced.discard(task_id)
            self._in_a_row += 1
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
        if late:
            self._in_a_row = 0
        return self._in_a_row >= PROOFS

    def next_doubt_at(self) -> float | None:
        """Tell when the next callback is missing unless it comes; None: none is awaited."""
        return min(self._missing_at.values(), default=None)
