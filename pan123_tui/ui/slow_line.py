"""A slow line: noticed by what waits to be written, because it lasts and yet grows shorter."""

from typing import NamedTuple

from pan123_tui.i18n import _

CHECK_S = 5.0
"""How often to look: seldom enough to cost nothing."""
ADVICE_S = 90.0
"""How long the advice stays: it stands in line behind all that waits."""
LEAST_WAITING = 2
"""One write may just have been handed over."""
LOOKS = 3
"""So many looks in a row must find a backlog: a single large paint is none."""


class Backlog(NamedTuple):
    """What the terminal has been given."""

    waiting: int
    """Writes that wait for the line."""
    taken: int
    """Writes that the line has taken since the start."""


def advice(key: str) -> str:
    """Say what helps on a slow line; `key` opens the settings."""
    return _(
        "The line seems slow. Turn on “{setting}” in the settings ({key}), "
        "or start with --low-bandwidth."
    ).format(setting=_("Paint seldom, for a slow line"), key=key)


class SlowLine:
    """Tells slow from stopped: a terminal that was suspended takes nothing at all, then all."""

    def __init__(self) -> None:
        self._taken = 0
        self._late_looks = 0
        self._is_proved = False

    def proves(self, backlog: Backlog) -> bool:
        """Take what one look has found; tell, once, that the line has proved slow."""
        is_moving, self._taken = backlog.taken > self._taken, backlog.taken
        if backlog.waiting < LEAST_WAITING:
            self._late_looks = 0
        elif is_moving:
            self._late_looks += 1
        if self._is_proved or self._late_looks < LOOKS:
            return False
        self._is_proved = True
        return True
