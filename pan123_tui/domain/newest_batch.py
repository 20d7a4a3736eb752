"""How many tasks each batch has, and the newest batch of several links that has not ended."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable
from itertools import chain

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.forecast import MIN_STILL_S, time_left_s, unchanged_s
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
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
        self.all_counts: Counter[Shown] = Counter()
        """How many tasks of all batches are shown by each word."""
        self._by_batch: defaultdict[str, Counter[Shown]] = defaultdict(Counter)
        """The same for each batch."""
        self._ends: deque[float] = deque(maxlen=_ENDS)

    @property
    def counts(self) -> Counter[Shown]:
        """How many of its tasks are shown by each word."""
        return self._by_batch[self.name]

    def left_s(self, tasks: TaskCollection, now: float) -> float | None:
        """Return how long it may still take at the pace at which its tasks end; None: not known.

        The last of its `tasks` may be slower: this is never less than the forecast for any of them.
        If none of those that run has changed for minutes, the time is not known.
        """
        ends, counts = self._ends, self.counts
        count = sum(counts[it] for it in GOING_ON)
        if len(ends) < _MIN_ENDS or ends[-1] <= ends[0]:
            return None
        last = tasks.unfinished.values() if count <= _FEW else ()
        running = [it for it in last if it.is_active and batch_name(it) == self.name]
        if running and all(unchanged_s(it) >= MIN_STILL_S for it in running):
            return None
        times = (time_left_s(it, now) or 0.0 for it in running)
        return max((ends[-1] - ends[0]) / (len(ends) - 1) * count, *times, 0.0)

    def count(self, tasks: TaskCollection) -> None:
        """Count `tasks`, which are all there are, and find their newest batch."""
        self.all_counts, self._by_batch = Counter(), defaultdict(Counter)
        self._add(tasks.values())
        self._choose(tasks)

    def update(
        self,
        tasks: TaskCollection,
        moved: Collection[tuple[Task | None, Task]],
        *,
        removed: Iterable[Task] = (),
        loaded: Iterable[Task] = (),
    ) -> None:
        """Count the changes: `moved` are tasks that are new or have changed, as (before, now).

        `loaded` are tasks that are no news.
        """
        former = self.name
        self._add(chain(loaded, (it for _, it in moved)))
        self._add(chain((it for it, _ in moved if it is not None), removed), -1)
        self._choose(tasks)
        if self.name == former:
            ended = (it for _, it in moved if it.is_finished and batch_name(it) == self.name)
            self._ends.extend(it.finished_at for it in ended if it.finished_at)

    def _add(self, tasks: Iterable[Task], times: int = 1) -> None:
        alike = Counter((batch_name(it), shown_state(it)) for it in tasks)
        for (batch, shown), count in alike.items():
            self.all_counts[shown] += times * count
            self._by_batch[batch][shown] += times * count

    def _choose(self, tasks: TaskCollection) -> None:
        newest_first = (task for _, task in sorted(tasks.unfinished.items(), reverse=True))
        names = (batch_name(it) for it in newest_first if it.state is not TaskState.UNCONFIRMED)
        name = next((it for it in names if self._by_batch[it].total() > 1), "")
        if name != self.name:
            self.name = name
            self._ends.clear()
