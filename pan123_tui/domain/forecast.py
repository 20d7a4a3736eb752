"""What a task's percentages promise: pace, time left, and whether it has stalled."""

from msgspec import Struct

from pan123_tui.domain.pace import Pace, history, learned
from pan123_tui.domain.task import Sample, Task

__all__ = ["Forecast", "forecast", "history", "is_stalled"]

MIN_SAMPLES = 3
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

    pace_per_s: float | None = None
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
    pace = learned(task)
    stalled_for_s = _stalled_for_s(task)
    is_full = task.percent >= 100
    left_s = None
    if pace is not None and stalled_for_s is None and not is_full:
        left_s = _left_s(task, pace, now)
    return Forecast(
        pace_per_s=None if pace is None else pace.percent_per_s,
        eta_s=left_s,
        stalled_for_s=stalled_for_s,
        is_full_but_running=is_full,
        went_backwards=_went_backwards(task.samples),
    )


def is_stalled(task: Task) -> bool:
    """Tell whether `task` is active and has stood still for long; cheaper than a forecast."""
    return _stalled_for_s(task) is not None


def _left_s(task: Task, pace: Pace, now: float) -> float | None:
    """Guess the time left at `now`; None where that has passed and nobody has looked since."""
    if len(task.samples) < MIN_SAMPLES:
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
    return still_s if still_s >= _patience_s(task.samples) else None


def _patience_s(samples: tuple[Sample, ...]) -> float:
    """Tell how long a task with these percentages may stand still."""
    recent = samples[-USUAL_GAPS - 1 :]
    if len(recent) < 2:
        return SILENT_STALL_S
    usual_gap_s = (recent[-1].at - recent[0].at) / (len(recent) - 1)
    return min(max(MIN_STALL_S, STALL_GAPS * usual_gap_s), MAX_STALL_S)


def _went_backwards(samples: tuple[Sample, ...]) -> bool:
    return bool(samples) and samples[-1].percent < max(sample.percent for sample in samples)
