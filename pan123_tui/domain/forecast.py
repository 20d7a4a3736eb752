"""The progress rate of a task, the time it has left, and whether it has stalled."""

import itertools
from functools import lru_cache
from math import log, sqrt

from msgspec import Struct

from pan123_tui.domain.task import Sample, Task

PRIOR_SPREAD = 0.8
"""The spread of a task about which nothing is known: its time left is right within e^±0.8."""
PRIOR_WEIGHT = 6.0
"""How many observed changes of rate the prior counts for."""
RECENCY_WEIGHT = 0.7
"""The weight of a segment relative to the segment after it."""
MAX_SEGMENTS = 8
"""The progress is judged in segments of at least an eighth, so that rounded percentages and the
times of the polls matter little."""
MIN_SEGMENT_PERCENT = 0.5
MAX_LOG_CHANGE = 2.0
"""One stall counts as a change of rate by at most e², or it would outweigh all else."""
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
UNCERTAINTY = 0.45
"""The doubt that remains where a rate is known, because it may be wrong altogether.

Less makes a few tasks wait very long; with 1 all of them wait an eighth longer."""


class ProgressRate(Struct, frozen=True):
    """A task's recent rate of progress."""

    percent_per_s: float
    """Above 0."""
    spread: float
    """The standard deviation of the logarithm of the time left."""


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
    went_backwards: bool = False
    """The percentage fell and has not recovered."""


class CompletionEstimate(Struct, frozen=True):
    """What a task's percentages say about its end."""

    left_s: float
    """The mean time left; for a silent task the time it has run, for lack of anything better."""
    percent_per_s: float = 0.0
    """The recent rate; 0 if the task is silent or full."""
    spread: float = 0.0
    """The standard deviation of the logarithm of the time left, where there is a rate."""
    uncertainty: float = 1.0
    """How far an end at any time must be expected all the same, 0–1."""


class _Segment(Struct, frozen=True):
    seconds: float
    percent: float


def percent_history(task: Task) -> tuple[Sample, ...]:
    """Return the percentages of the latest submission from its start to the last check.

    Strictly ascending in time, even if the clock was set back. The start counts as 0 %, and a
    last entry repeats a percentage that had not changed at the last check.
    """
    return _history(task.sent_at, task.samples, task.checked_at)


def estimate_rate(task: Task) -> ProgressRate | None:
    """Estimate the rate of `task`; None if it gained nothing since its start or last drop."""
    return _estimate_rate(task.sent_at, task.samples, task.checked_at)


def forecast(task: Task, now: float) -> Forecast:
    """Forecast `task` at `now` (Unix seconds); never raises."""
    if not task.is_active:
        return Forecast()
    rate = None if task.is_unknown else estimate_rate(task)
    stalled_for_s = _stalled_for_s(task)
    is_full = task.percent >= 100
    highest = max((sample.percent for sample in task.samples), default=0.0)
    has_eta = rate is not None and stalled_for_s is None and not is_full
    return Forecast(
        percent_per_s=None if rate is None else rate.percent_per_s,
        eta_s=_eta_s(task, rate, now) if rate is not None and has_eta else None,
        stalled_for_s=stalled_for_s,
        is_full_but_running=is_full,
        went_backwards=bool(task.samples) and task.samples[-1].percent < highest,
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
    left_s = (100 - task.percent) / rate.percent_per_s
    return CompletionEstimate(left_s, rate.percent_per_s, rate.spread, UNCERTAINTY)


@lru_cache(maxsize=2048)
def _estimate_rate(
    sent_at: float | None, samples: tuple[Sample, ...], checked_at: float | None
) -> ProgressRate | None:
    segments = _segments(_since_last_drop(_history(sent_at, samples, checked_at)))
    gained = elapsed = 0.0
    weight = 1.0
    for segment in reversed(segments):
        gained += weight * segment.percent
        elapsed += weight * segment.seconds
        weight *= RECENCY_WEIGHT
    if gained <= 0 or gained / elapsed <= 0:
        return None
    return ProgressRate(gained / elapsed, _spread(segments))


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


def _segments(points: tuple[Sample, ...]) -> list[_Segment]:
    """Split `points` into at most `MAX_SEGMENTS` segments and a rest, oldest first."""
    if len(points) < 2:
        return []
    least = max((points[-1].percent - points[0].percent) / MAX_SEGMENTS, MIN_SEGMENT_PERCENT)
    segments: list[_Segment] = []
    start = points[0]
    for point in points[1:]:
        if point.percent - start.percent >= least or point is points[-1]:
            segments.append(_Segment(point.at - start.at, point.percent - start.percent))
            start = point
    return segments


def _spread(segments: list[_Segment]) -> float:
    """Measure how much the rate changes from segment to segment, starting from the prior."""
    squares = PRIOR_WEIGHT * PRIOR_SPREAD**2
    count = PRIOR_WEIGHT
    for before, after in itertools.pairwise(segments):
        expected = before.percent / before.seconds * after.seconds
        if max(expected, after.percent) < MIN_SEGMENT_PERCENT:
            continue
        smallest = MIN_SEGMENT_PERCENT / 2
        change = log(max(after.percent, smallest) / max(expected, smallest))
        squares += min(abs(change), MAX_LOG_CHANGE) ** 2
        count += 1
    return sqrt(squares / count)


def _eta_s(task: Task, rate: ProgressRate, now: float) -> float | None:
    """Return the time left at `now`; None if it has passed without another check."""
    if len(task.samples) < MIN_ETA_SAMPLES:
        return None
    checked_at = task.samples[-1].at if task.checked_at is None else task.checked_at
    left_s = (100 - task.percent) / rate.percent_per_s - max(0.0, now - checked_at)
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
