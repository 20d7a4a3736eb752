"""The progress rate of a task, the time it has left, and whether it has stalled."""

from functools import lru_cache

from msgspec import Struct

from pan123_tui.domain.task import Sample, Task

RECENT_SAMPLES = 16
"""The rate is that of this many changes of the percentage, so that it follows a change of speed."""
MIN_ETA_SAMPLES = 3
"""With fewer percentages there is no time left."""
MAX_ETA_S = 90 * 86_400.0
"""A longer estimate is not given."""
MIN_STALL_S = 600.0
"""Shorter standstills are not reported."""
SILENT_STALL_S = 1800.0
"""The same for a task without progress so far: some servers never report any."""
MAX_STALL_S = 6 * 3600.0
"""After a standstill this long any task has stalled, however slow it was."""
STALL_GAPS = 4.0
"""How many of its usual gaps between two percentages a task may stand still."""
USUAL_GAPS = 8
"""The usual gap is the mean of this many recent ones."""
MIN_SILENT_S = 60.0
"""A task without progress counts as at least this old, because it may end at any time.

With 5 s the ends of a thousand tasks are noticed a sixth later in the simulation."""
MIN_FULL_S = 5.0
"""The same for a task at 100 % that is still running. A guess."""


class Forecast(Struct, frozen=True):
    """The forecast of an active task; empty for any other task."""

    percent_per_s: float | None = None
    """The recent rate, above 0; None if the service does not know the task now."""
    eta_s: float | None = None
    """Seconds left; None before three percentages, during a stall, at 100 %, and as above."""
    stalled_for_s: float | None = None
    """For how long the percentage has not changed, where that is long for this task."""
    is_full_but_running: bool = False
    """At 100 % although the service still reports it as running."""


class CompletionEstimate(Struct, frozen=True):
    """What a task's percentages say about its end."""

    left_s: float
    """The mean time left; for a silent task the time it has run, for lack of anything better."""
    percent_per_s: float = 0.0
    """The recent rate; 0 if the task is silent or full."""


def estimate_rate(task: Task) -> float | None:
    """Return the percent per second that `task` gains; None if nothing since its start or drop."""
    return _rate(task.sent_at, task.samples, task.checked_at)


def forecast(task: Task, now: float) -> Forecast:
    """Forecast `task` at `now` (Unix seconds); never raises."""
    if not task.is_active:
        return Forecast()
    rate = None if task.is_unknown else estimate_rate(task)
    stalled_for_s = _stalled_for_s(task)
    is_full = task.percent >= 100
    has_eta = rate is not None and stalled_for_s is None and not is_full
    return Forecast(
        percent_per_s=rate,
        eta_s=_eta_s(task, rate, now) if rate is not None and has_eta else None,
        stalled_for_s=stalled_for_s,
        is_full_but_running=is_full,
    )


def is_stalled(task: Task) -> bool:
    """Return whether `task` is active and has stalled; cheaper than a forecast."""
    return _stalled_for_s(task) is not None


def estimate_completion(task: Task) -> CompletionEstimate:
    """Estimate the end of the active `task` as of its last check."""
    started_at = task.sent_at if task.sent_at is not None else task.created_at
    checked_at = task.checked_at if task.checked_at is not None else started_at
    if task.percent >= 100:
        full_at = task.samples[-1].at if task.samples else started_at
        return CompletionEstimate(max(checked_at - full_at, MIN_FULL_S))
    rate = estimate_rate(task)
    if rate is None:
        return CompletionEstimate(max(checked_at - started_at, MIN_SILENT_S))
    return CompletionEstimate((100 - task.percent) / rate, rate)


@lru_cache(maxsize=2048)
def _rate(
    sent_at: float | None, samples: tuple[Sample, ...], checked_at: float | None
) -> float | None:
    points = _since_last_drop(_history(sent_at, samples, checked_at))[-RECENT_SAMPLES:]
    if len(points) < 2:
        return None
    gained = points[-1].percent - points[0].percent
    return gained / (points[-1].at - points[0].at) or None


def _history(
    sent_at: float | None, samples: tuple[Sample, ...], checked_at: float | None
) -> tuple[Sample, ...]:
    points: list[Sample] = []
    if sent_at is not None:
        points.append(Sample(sent_at, 0.0))
    for sample in samples:
        if not points or sample.at > points[-1].at:
            points.append(sample)
    if checked_at is not None and points and checked_at > points[-1].at:
        points.append(Sample(checked_at, points[-1].percent))
    return tuple(points)


def _since_last_drop(points: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Return the points from the last drop on: the service started again there."""
    start = 0
    for index in range(1, len(points)):
        if points[index].percent < points[index - 1].percent:
            start = index
    return points[start:]


def _eta_s(task: Task, rate: float, now: float) -> float | None:
    """Return the time left at `now`; None if it has passed without another check."""
    if len(task.samples) < MIN_ETA_SAMPLES:
        return None
    checked_at = task.samples[-1].at if task.checked_at is None else task.checked_at
    left_s = (100 - task.percent) / rate - max(0.0, now - checked_at)
    return left_s if 0 < left_s <= MAX_ETA_S else None


def _stalled_for_s(task: Task) -> float | None:
    """Measure up to the last check, because nothing is known about the time since."""
    if not task.is_active or task.checked_at is None:
        return None
    changed_at = task.samples[-1].at if task.samples else task.sent_at
    if changed_at is None or task.checked_at - changed_at < MIN_STALL_S:
        return None
    still_s = task.checked_at - changed_at
    return still_s if still_s >= _stall_threshold_s(task.samples) else None


def _stall_threshold_s(samples: tuple[Sample, ...]) -> float:
    recent = samples[-USUAL_GAPS - 1 :]
    if len(recent) < 2:
        return SILENT_STALL_S
    usual_gap_s = (recent[-1].at - recent[0].at) / (len(recent) - 1)
    return min(max(MIN_STALL_S, STALL_GAPS * usual_gap_s), MAX_STALL_S)
