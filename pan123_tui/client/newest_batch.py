"""The newest batch of several links that has not ended, counted as its tasks change."""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from itertools import chain

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.forecast import MIN_STILL_S, time_left_s, unchanged_s
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskHeader, TaskState
from pan123_tui.domain.task_collection import TaskCollection

GOING_ON = (Shown.QUEUED, Shown.SENDING, Shown.RUNNING)
_ENDS = 20
"""The pace is the mean of this many recent gaps between the ends of two tasks."""
_MIN_ENDS = 3
"""With fewer ends, no time left is given."""
_FEW = 100
"""With more unfinished tasks than this, the pace alone says enough."""


class NewestBatch:
    """How far the newest batch of several tasks is, some unfinished, and how long it may take."""

    def __init__(self) -> None:
        self.name = ""
        """Its label, or its time; empty: there is none."""
        self.counts: Counter[Shown] = Counter()
        self._sizes: Counter[str] = Counter()
        """How many tasks each batch has."""
        self._ends: deque[float] = deque(maxlen=_ENDS)

    def left_s(self, tasks: TaskCollection, now: float) -> float | None:
        """Return how long it may still take at the pace at which its tasks end; None: not known.

        The last of its `tasks` may be slower: this is never less than the forecast for any of them.
        If none of those that run has changed for minutes, the time is not known.
        """
        ends, count = self._ends, sum(self.counts[it] for it in GOING_ON)
        if len(ends) < _MIN_ENDS or ends[-1] <= ends[0]:
            return None
        last = tasks.unfinished.values() if count <= _FEW else ()
        running = [it for it in last if it.is_active and self._has(it)]
        if running and all(unchanged_s(it) >= MIN_STILL_S for it in running):
            return None
        times = (time_left_s(it, now) or 0.0 for it in running)
        return max((ends[-1] - ends[0]) / (len(ends) - 1) * count, *times, 0.0)

    def count(self, tasks: TaskCollection) -> None:
        """Find the newest batch of `tasks`, and count its tasks."""
        self._sizes = Counter(map(batch_name, tasks.headers()))
        self._choose(tasks)
        self._count(tasks)

    def _count(self, tasks: TaskCollection) -> None:
        headers = tasks.headers() if self.name else ()
        self.counts = Counter(shown_state(it) for it in headers if self._has(it))

    def update(
        self,
        tasks: TaskCollection,
        moved: Collection[tuple[Task | None, Task]],
        *,
        removed: Iterable[Task] = (),
        backlog: TaskCollection | None = None,
    ) -> None:
        """Count the changes: `moved` are tasks that are new or have changed, as (before, now).

        `backlog` is the rest of the initial tasks, if just loaded. While the newest batch is still
        the same, only what has changed is looked at.
        """
        former = self.name
        earlier = [] if backlog is None else list(backlog.headers())
        before = [*(it for it, _ in moved if it is not None), *removed]
        self._sizes.update(batch_name(it) for it in chain(earlier, (it for _, it in moved)))
        self._sizes.subtract(map(batch_name, before))
        self._choose(tasks)
        if self.name != former:
            self._count(tasks)
            return
        if not self.name:
            return
        now = [it for _, it in moved if self._has(it)]
        self.counts.update(shown_state(it) for it in chain(earlier, now) if self._has(it))
        self.counts.subtract(shown_state(it) for it in before if self._has(it))
        self._ends.extend(it.finished_at for it in now if it.is_finished and it.finished_at)

    def _has(self, task: TaskHeader) -> bool:
        return batch_name(task) == self.name

    def _choose(self, tasks: TaskCollection) -> None:
        unfinished = (it for it in tasks.unfinished.values() if self._sizes[batch_name(it)] > 1)
        going_on = (it for it in unfinished if it.state is not TaskState.UNCONFIRMED)
        newest = max(going_on, key=lambda task: task.id, default=None)
        name = "" if newest is None else batch_name(newest)
        if name != self.name:
            self.name = name
            self._ends.clear()
