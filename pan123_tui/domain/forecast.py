"""How soon a task may end, and therefore how long its next poll can wait.

A poll costs one request; a task that has ended unseen costs every second until it is polled. If R
is the time that a task has left, polling it after t seconds is worth a request of price p (in
seconds of delay) as soon as E[R; R ≤ t] = p. Where an end is as likely at any moment (mean m) that
gives t = √(2pm); where R is log-normal it gives the formula of `_foreseen_s`.
"""

import itertools
from functools import lru_cache
from math import exp, log, sqrt
from statistics import NormalDist

from msgspec import Struct

from pan123_tui.domain.task import Sample, Task

PRIOR_SPREAD = 0.8
"""The spread of a task about which nothing is known: its time left is right within e^±0.8."""
PRIOR_WEIGHT = 6.0
"""How many observed changes of pace the prior counts for."""
RECENCY_WEIGHT = 0.7
"""The weight of a piece of the way, against the piece after it."""
MAX_SEGMENTS = 8
"""The way is judged in pieces of at least an eighth, so that neither the grain of the percentages
nor the moments at which they were asked for matter much."""
MIN_SEGMENT_PERCENT = 0.5
MAX_LOG_CHANGE = 2.0
"""One stall counts as a change of pace by e² times and no more, or it would blind us for ever."""


class ProgressRate(Struct, frozen=True):
    """A task's recent pace."""

    percent_per_s: float
    """Above 0."""
    spread: float
    """The standard deviation of the logarithm of the time that is left."""


def percent_history(task: Task) -> tuple[Sample, ...]:
    """Give the percentages of the latest submission from its start to the last check.

    Strictly ascending in time, even if the clock was set back. The start counts as 0 %, and a last
    entry repeats the percentage that had not changed at the last check.
    """
    return _points(task.sent_at, task.samples, task.checked_at)


def estimate_rate(task: Task) -> ProgressRate | None:
    """Learn the pace of `task`; None while it has gained nothing since its start or step back."""
    return _estimate_rate(task.sent_at, task.samples, task.checked_at)


@lru_cache(maxsize=2048)
def _estimate_rate(
    sent_at: float | None, samples: tuple[Sample, ...], checked_at: float | None
) -> ProgressRate | None:
    pieces = _segments(_since_last_drop(_points(sent_at, samples, checked_at)))
    gained = elapsed = 0.0
    weight = 1.0
    for piece in reversed(pieces):
        gained += weight * piece.percent
        elapsed += weight * piece.seconds
        weight *= RECENCY_WEIGHT
    if gained <= 0 or gained / elapsed <= 0:
        return None
    return ProgressRate(gained / elapsed, _spread(pieces))


def _points(
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


class _Segment(Struct, frozen=True):
    seconds: float
    percent: float


def _since_last_drop(points: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Leave out what came before the last step back: the service began again there."""
    start = 0
    for index in range(1, len(points)):
        if points[index].percent < points[index - 1].percent:
            start = index
    return points[start:]


def _segments(way: tuple[Sample, ...]) -> list[_Segment]:
    """Cut `way` into at most `MAX_PIECES` pieces and a rest, oldest first."""
    if len(way) < 2:
        return []
    grain = max((way[-1].percent - way[0].percent) / MAX_SEGMENTS, MIN_SEGMENT_PERCENT)
    pieces: list[_Segment] = []
    start = way[0]
    for point in way[1:]:
        if point.percent - start.percent >= grain or point is way[-1]:
            pieces.append(_Segment(point.at - start.at, point.percent - start.percent))
            start = point
    return pieces


def _spread(pieces: list[_Segment]) -> float:
    """Measure how much the pace changed from piece to piece, beginning with the prior."""
    squares = PRIOR_WEIGHT * PRIOR_SPREAD**2
    count = PRIOR_WEIGHT
    for before, after in itertools.pairwise(pieces):
        expected = before.percent / before.seconds * after.seconds
        if max(expected, after.percent) < MIN_SEGMENT_PERCENT:
            continue
        smallest = MIN_SEGMENT_PERCENT / 2
        change = log(max(after.percent, smallest) / max(expected, smallest))
        squares += min(abs(change), MAX_LOG_CHANGE) ** 2
        count += 1
    return sqrt(squares / count)


__all__ = ["Forecast", "forecast", "is_stalled", "percent_history"]

MIN_ETA_SAMPLES = 3
"""Fewer percentages give no time left."""
MIN_STALL_S = 600.0
"""Shorter standstills are not worth a word."""
SILENT_STALL_S = 1800.0
"""A task that never reported progress may be one of those that never do."""
MAX_STALL_S = 6 * 3600.0
"""After a standstill so long any task has stalled, however slow it was."""
STALL_GAPS = 4.0
"""How many times its usual gap between two percentages a task may stand still."""
USUAL_GAPS = 8
"""The usual gap is the mean of the last so many."""
MAX_ETA_S = 90 * 86_400.0
"""A longer guess is none."""


class Forecast(Struct, frozen=True):
    """What can be said of an active task; of any other one nothing."""

    percent_per_s: float | None = None
    """Percent a second of late, above 0."""
    eta_s: float | None = None
    """Seconds left, not before three percentages, and not while it stands still or is full."""
    stalled_for_s: float | None = None
    """How long the percentage has surely not changed, where that is long for this task."""
    is_full_but_running: bool = False
    """100 %, and the service still says that it runs."""
    went_backwards: bool = False
    """The percentage fell, and has not come back to where it was."""


def forecast(task: Task, now: float) -> Forecast:
    """Judge `task` at `now` (Unix seconds); never raises."""
    if not task.is_active:
        return Forecast()
    pace = estimate_rate(task)
    stalled_for_s = _stalled_for_s(task)
    is_full = task.percent >= 100
    left_s = None
    if pace is not None and stalled_for_s is None and not is_full:
        left_s = _eta_s(task, pace, now)
    return Forecast(
        percent_per_s=None if pace is None else pace.percent_per_s,
        eta_s=left_s,
        stalled_for_s=stalled_for_s,
        is_full_but_running=is_full,
        went_backwards=_went_backwards(task.samples),
    )


def is_stalled(task: Task) -> bool:
    """Tell whether `task` is active and has stood still for long; cheaper than a forecast."""
    return _stalled_for_s(task) is not None


def _eta_s(task: Task, pace: ProgressRate, now: float) -> float | None:
    """Guess the time left at `now`; None where that has passed and nobody has looked since."""
    if len(task.samples) < MIN_ETA_SAMPLES:
        return None
    seen_at = task.samples[-1].at if task.checked_at is None else task.checked_at
    left_s = (100 - task.percent) / pace.percent_per_s - max(0.0, now - seen_at)
    return left_s if 0 < left_s <= MAX_ETA_S else None


def _stalled_for_s(task: Task) -> float | None:
    """Measure up to the last check: what happened since then nobody knows."""
    if not task.is_active or task.checked_at is None:
        return None
    changed_at = task.samples[-1].at if task.samples else task.sent_at
    if changed_at is None or task.checked_at - changed_at < MIN_STALL_S:
        return None
    still_s = task.checked_at - changed_at
    return still_s if still_s >= _stall_threshold_s(task.samples) else None


def _stall_threshold_s(samples: tuple[Sample, ...]) -> float:
    """Tell how long a task with these percentages may stand still."""
    recent = samples[-USUAL_GAPS - 1 :]
    if len(recent) < 2:
        return SILENT_STALL_S
    usual_gap_s = (recent[-1].at - recent[0].at) / (len(recent) - 1)
    return min(max(MIN_STALL_S, STALL_GAPS * usual_gap_s), MAX_STALL_S)


def _went_backwards(samples: tuple[Sample, ...]) -> bool:
    return bool(samples) and samples[-1].percent < max(sample.percent for sample in samples)


POLL_COST_S = 0.5
"""What a poll may cost, in seconds of delay, while there are requests enough for all.

A choice: the less, the more polls and the less delay."""
MIN_SILENT_S = 60.0
"""A task without progress counts as at least so old: with no percentage yet, all is possible.

With 5 s the ends of a thousand tasks are noticed a sixth later in the simulation."""
MIN_FULL_S = 5.0
"""The same for a task at 100 % that still runs: it may end any moment. A guess."""
MAX_SILENT_SHARE = 0.25
"""A silent task's end is never foreseen, so its longest interval is this part of the others'.

Without it the longest delay grows by 60 % in the simulation where 30 % are silent."""
UNCERTAINTY = 0.45
"""The doubt that is left where a pace is known: it may be wrong altogether, however long it held.
Less of it makes few tasks wait very long, more of it all of them longer: by an eighth with 1."""

_NORMAL = NormalDist()


class CompletionEstimate(Struct, frozen=True):
    """What a task's percentages say of its end."""

    left_s: float
    """The mean time left; of a silent task as much as it has run: that is all one can know."""
    percent_per_s: float = 0.0
    """The recent pace; 0: the task is silent or full."""
    spread: float = 0.0
    """The standard deviation of the logarithm of the time left, where there is a pace."""
    uncertainty: float = 1.0
    """How far an end at any moment must be reckoned with all the same, 0–1."""


def estimate_completion(task: Task) -> CompletionEstimate:
    """Judge the active `task` as of its last check."""
    started_at = task.sent_at if task.sent_at is not None else task.created_at
    checked_at = task.checked_at if task.checked_at is not None else started_at
    if task.percent >= 100:
        full_at = task.samples[-1].at if task.samples else started_at
        return CompletionEstimate(max(checked_at - full_at, MIN_FULL_S))
    pace = estimate_rate(task)
    if pace is None:
        return CompletionEstimate(max(checked_at - started_at, MIN_SILENT_S))
    return CompletionEstimate(
        (100 - task.percent) / pace.percent_per_s,
        pace.percent_per_s,
        pace.spread,
        UNCERTAINTY,
    )


def poll_interval_s(estimate: CompletionEstimate, *, cost_factor: float, max_s: float) -> float:
    """Tell how long the next poll can wait, where requests are `stretch` times too few (≥ 1)."""
    price = POLL_COST_S * cost_factor * cost_factor
    any_moment = sqrt(2 * price * max(estimate.left_s, 1.0) / estimate.uncertainty)
    if not estimate.percent_per_s:
        return min(any_moment, max_s * MAX_SILENT_SHARE * cost_factor)
    return min(any_moment, _log_normal_interval_s(estimate, price), max_s * cost_factor)


def _log_normal_interval_s(seen: CompletionEstimate, price: float) -> float:
    """Solve E[R; R ≤ t] = price for a log-normal R of mean `left_s`; at most half of E[R]."""
    left = max(seen.left_s, 0.1)
    share = min(max(price / left, 1e-9), 0.5)
    return left * exp(seen.spread * (seen.spread / 2 + _NORMAL.inv_cdf(share)))
