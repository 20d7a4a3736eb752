"""How long a task, and the newest batch, may still take, and whether a task has stalled."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable
from itertools import chain

from msgspec import Struct

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.task import MAX_SAMPLES, Sample, Shown, Task, TaskState, shown_state
from pan123_tui.domain.task_collection import TaskCollection

MIN_ETA_SAMPLES = 3
"""With fewer percentages, no time left is given."""
MIN_STALL_S = 1800.0
"""A shorter standstill is not reported as trouble."""
MIN_STILL_S = 600.0
"""A percentage without a change for so long says nothing of the time left."""
MIN_SILENT_S = 60.0
"""A task without progress counts as at least this old, because it may end at any time."""
GOING_ON = (Shown.QUEUED, Shown.SENDING, Shown.RUNNING)
_ENDS = 20
"""The pace is the mean of this many recent gaps between the ends of two tasks."""
_MIN_ENDS = 3
"""With fewer ends, no time left is given."""
_FEW = 100
"""With more unfinished tasks than this, the pace alone says enough."""


class CompletionEstimate(Struct, frozen=True):
    """What a task's percentages say about its end."""

    left_s: float
    """The mean time left; for a silent task the time it has run, for lack of anything better."""
    percent_per_s: float = 0.0
    """The recent rate; 0 if the task is silent or full."""


def unchanged_s(task: Task) -> float:
    """Return how long the percentage of `task` had not changed at its last check; 0 if it ended."""
    if not task.is_active or task.checked_at is None or not task.samples:
        return 0.0
    return task.checked_at - task.samples[-1].at


def is_stalled(task: Task) -> bool:
    return unchanged_s(task) >= MIN_STALL_S


def time_left_s(task: Task, now: float) -> float | None:
    """Return how long `task` still takes at `now` (Unix seconds).

    None before three percentages, without a change for minutes, at 100%, once the time is over
    without a check, or while the service does not know the task.
    """
    rate = estimate_rate(task)
    is_known = task.is_active and not task.is_unknown and unchanged_s(task) < MIN_STILL_S
    if rate is None or not is_known or len(task.samples) < MIN_ETA_SAMPLES:
        return None
    checked_at = task.samples[-1].at if task.checked_at is None else task.checked_at
    left_s = (100 - task.percent) / rate - max(0.0, now - checked_at)
    return left_s if left_s > 0 else None


def estimate_completion(task: Task) -> CompletionEstimate:
    """Estimate the end of the active `task` as of its last check."""
    started_at = task.sent_at if task.sent_at is not None else task.created_at
    checked_at = task.checked_at if task.checked_at is not None else started_at
    if task.percent >= 100:
        full_at = task.samples[-1].at if task.samples else started_at
        return CompletionEstimate(max(checked_at - full_at, 0.0))
    rate = estimate_rate(task)
    if rate is None:
        return CompletionEstimate(max(checked_at - started_at, MIN_SILENT_S))
    return CompletionEstimate((100 - task.percent) / rate, rate)


def estimate_rate(task: Task) -> float | None:
    """Return the percent per second that `task` gains; None: nothing since its start or drop."""
    points = [] if task.sent_at is None else [Sample(task.sent_at, 0.0)]
    for sample in task.samples:
        if points and sample.percent < points[-1].percent:  # the service started again there
            points.clear()
        if not points or sample.at > points[-1].at:
            points.append(sample)
    if task.checked_at is not None and points and task.checked_at > points[-1].at:
        points.append(Sample(task.checked_at, points[-1].percent))
    if len(points) < 2:
        return None
    first, last = points[-MAX_SAMPLES:][0], points[-1]
    return (last.percent - first.percent) / (last.at - first.at) or None


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
