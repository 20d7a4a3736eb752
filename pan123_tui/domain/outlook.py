"""How soon a task may end, and therefore how long its next poll can wait.

A poll costs one request; a task that has ended unseen costs every second until it is polled. If R
is the time that a task has left, polling it after t seconds is worth a request of price p (in
seconds of delay) as soon as E[R; R ≤ t] = p. Where an end is as likely at any moment (mean m) that
gives t = √(2pm); where R is log-normal it gives the formula of `_foreseen_s`.
"""

from math import exp, sqrt
from statistics import NormalDist

from msgspec import Struct

from pan123_tui.domain.pace import learned
from pan123_tui.domain.task import Task

PRICE_S = 0.5
"""What a poll may cost, in seconds of delay, while there are requests enough for all.

A choice: the less, the more polls and the less delay."""
SILENT_START_S = 60.0
"""A task without progress counts as at least so old: with no percentage yet, all is possible.

With 5 s the ends of a thousand tasks are noticed a sixth later in the simulation."""
FULL_START_S = 5.0
"""The same for a task at 100 % that still runs: it may end any moment. A guess."""
MAX_SILENT_SHARE = 0.25
"""A silent task's end is never foreseen, so its longest interval is this part of the others'.

Without it the longest delay grows by 60 % in the simulation where 30 % are silent."""
DOUBT = 0.45
"""The doubt that is left where a pace is known: it may be wrong altogether, however long it held.
Less of it makes few tasks wait very long, more of it all of them longer: by an eighth with 1."""

_NORMAL = NormalDist()


class Outlook(Struct, frozen=True):
    """What a task's percentages say of its end."""

    left_s: float
    """The mean time left; of a silent task as much as it has run: that is all one can know."""
    percent_per_s: float = 0.0
    """The recent pace; 0: the task is silent or full."""
    spread: float = 0.0
    """The standard deviation of the logarithm of the time left, where there is a pace."""
    doubt: float = 1.0
    """How far an end at any moment must be reckoned with all the same, 0–1."""


def outlook(task: Task) -> Outlook:
    """Judge the active `task` as of its last check."""
    started_at = task.sent_at if task.sent_at is not None else task.created_at
    checked_at = task.checked_at if task.checked_at is not None else started_at
    if task.percent >= 100:
        full_at = task.samples[-1].at if task.samples else started_at
        return Outlook(max(checked_at - full_at, FULL_START_S))
    pace = learned(task)
    if pace is None:
        return Outlook(max(checked_at - started_at, SILENT_START_S))
    return Outlook(
        (100 - task.percent) / pace.percent_per_s,
        pace.percent_per_s,
        pace.spread,
        DOUBT,
    )


def interval_s(seen: Outlook, *, stretch: float, max_s: float) -> float:
    """Tell how long the next poll can wait, where requests are `stretch` times too few (≥ 1)."""
    price = PRICE_S * stretch * stretch
    any_moment = sqrt(2 * price * max(seen.left_s, 1.0) / seen.doubt)
    if not seen.percent_per_s:
        return min(any_moment, max_s * MAX_SILENT_SHARE * stretch)
    return min(any_moment, _foreseen_s(seen, price), max_s * stretch)


def _foreseen_s(seen: Outlook, price: float) -> float:
    """Solve E[R; R ≤ t] = price for a log-normal R of mean `left_s`; at most half of E[R]."""
    left = max(seen.left_s, 0.1)
    share = min(max(price / left, 1e-9), 0.5)
    return left * exp(seen.spread * (seen.spread / 2 + _NORMAL.inv_cdf(share)))
