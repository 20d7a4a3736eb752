"""How often and how lately the tasks are checked, in steps that seldom change: pure."""

MINUTE_S, HOUR_S = 60.0, 3600.0
JUST_NOW_S = 2 * MINUTE_S
"""Up to here a check is called new, as in the table."""
STEPS_S = (
    *(step * MINUTE_S for step in (2, 5, 10, 20, 30)),
    *(step * HOUR_S for step in (1, 2, 6, 12, 24)),
)
EASE = 0.6
"""A lesser step is taken once the age is this part of it."""
BUSY = 0.8
"""With this part of the reads in use, each task waits longer for its turn."""
CALM = 0.5
"""From this part on nothing waits any more."""


def step_for(age_s: float, former_s: float | None) -> float | None:
    """Give a step that `age_s` is within, `former_s` as long as that says enough.

    None: it is older than all steps. An age that hovers at the edge of a step does not flap.
    """
    step_s = _least(age_s)
    if step_s is None or former_s is None or step_s >= former_s:
        return step_s
    return min(former_s, _least(age_s / EASE) or former_s)


def is_busy(used: float, *, was_busy: bool) -> bool:
    """Tell whether so much of the budget is used (0-1) that tasks wait for each other."""
    return used > CALM if was_busy else used >= BUSY


def _least(age_s: float) -> float | None:
    return next((step_s for step_s in STEPS_S if age_s <= step_s), None)
