"""How long a task, and a batch, may still take, and whether a task has stalled."""

from collections import Counter
from itertools import pairwise
from operator import attrgetter

from msgspec import Struct

from pan123_tui.domain.batches import BatchResult, batch_name, batch_results, is_open
from pan123_tui.domain.task import MAX_SAMPLES, Sample, Shown, Task
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
_MIN_ENDS = 3
"""With fewer ends, no time left is given."""
_FEW = 100
"""With more unfinished tasks than this, the pace alone says enough."""


class CompletionEstimate(Struct, frozen=True):
    left_s: float
    """The mean; for a silent task the time it has run, for lack of anything better."""
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
    """Return how long `task` still takes at `now` (Unix seconds), if that is known."""
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


def batch_progress(batch: BatchResult, tasks: TaskCollection) -> float:
    """Return how much of the running `tasks` of `batch` is done, as a number of tasks."""
    active = (it for it in tasks.unfinished.values() if it.is_active)
    return sum(it.percent for it in active if batch_name(it) == batch.name) / 100


def batch_left_s(batch: BatchResult, tasks: TaskCollection, now: float) -> float | None:
    """Return how long `batch` may still take at the pace at which its tasks end, if that is known.

    The pace is the mean of the gaps without the longest: a night's pause. The last of its `tasks`
    may be slower: this is never less than the forecast for any of them.
    """
    gaps = sorted(after - before for before, after in pairwise(batch.ends))[:-1]
    if len(batch.ends) < _MIN_ENDS or not sum(gaps):
        return None
    count = sum(batch.counts.get(it, 0) for it in GOING_ON)
    last = tasks.unfinished.values() if count <= _FEW else ()
    running = [it for it in last if it.is_active and batch_name(it) == batch.name]
    if running and all(unchanged_s(it) >= MIN_STILL_S for it in running):
        return None
    times = (time_left_s(it, now) or 0.0 for it in running)
    return max(sum(gaps) / len(gaps) * count, *times, 0.0)


def latest_batches(tasks: TaskCollection, since: float) -> list[BatchResult]:
    """Return the three newest batches of several `tasks` that are open, or ended after `since`."""
    every = [*tasks.finished.values(), *tasks.unfinished.values()]
    sizes = Counter(map(batch_name, every))
    live = [it for it in every if is_open(it) or (it.finished_at or 0.0) > since]
    live.sort(key=attrgetter("id"), reverse=True)
    names = [it for it in dict.fromkeys(map(batch_name, live)) if sizes[it] > 1]
    results = batch_results(tasks, names[:3])
    return [results[name] for name in names[:3]]
