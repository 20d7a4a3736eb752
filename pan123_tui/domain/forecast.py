"""A task's rate of progress, the time it has left, and whether it has stalled."""

from msgspec import Struct

from pan123_tui.domain.task import MAX_SAMPLES, Sample, Task

MIN_ETA_SAMPLES = 3
"""With fewer percentages, no time left is given."""
MIN_STALL_S = 1800.0
"""A shorter standstill is not reported as trouble."""
MIN_STILL_S = 600.0
"""A percentage without a change for so long says nothing of the time left."""
MIN_SILENT_S = 60.0
"""A task without progress counts as at least this old, because it may end at any time."""


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
