"""Tasks that the service does not know: how long to doubt it."""

from pan123_tui.domain.task import Misses, Task

RETRIES_S = (2.0, 5.0, 15.0, 60.0)
"""Waits after the first misses of a task; the last one holds for all later ones."""
MIN_MISSES = 5
MIN_MISSING_S = 300.0
"""A task is missing after so many misses over so much time."""
MIN_MISSING_UNKNOWN_OWNER_S = 1800.0
"""The same for a task that may have been sent with another account than the one in use: no answer
has ever come for it, and nobody knows the account of its create."""


def next_miss(task: Task, *, at: float) -> Misses:
    """Return the misses of `task`, over all runs, with one more at `at` if they are not enough.

    Between two of them only the longest wait counts, so a clock that was set, or a time in which
    no engine ran, ends no task.
    """
    former = task.misses
    if former is None:
        return Misses(1, 0, at)
    if are_enough(task, former):
        return former  # so that nothing is written
    between_s = min(RETRIES_S[-1], max(0.0, at - former.last_at))
    return Misses(former.count + 1, round(former.over_s + between_s), at)


def are_enough(task: Task, misses: Misses) -> bool:
    """Return whether `task` is to be called missing after `misses`."""
    is_owner_known = task.account_uid is not None
    least_s = MIN_MISSING_S if is_owner_known else MIN_MISSING_UNKNOWN_OWNER_S
    return misses.count >= MIN_MISSES and misses.over_s >= least_s


def retry_after_s(misses: Misses) -> float:
    """Return the seconds until the task is asked for again."""
    return RETRIES_S[min(misses.count, len(RETRIES_S)) - 1]
