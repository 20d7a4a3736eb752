"""The quota that the processes of one client id share, and how a process takes its turns."""

import random

from pan123_tui.api.rate_limit import AimdThrottle, backoff_s

BURST = 8


class Quota:
    """So many requests a second for all, as the simulated service counts them."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = float(BURST)
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Take one request, if there is one left; a refused one takes none."""
        self._left = min(BURST, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = max(self._at, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Turns:
    """When a process may ask: its own rate, as the rate limiter has it, and its pauses."""

    def __init__(self, per_s: float, luck: random.Random, *, gives_way: bool = True) -> None:
        self.next_at = 1 / per_s
        self._interval_s = 1 / per_s
        self._luck = luck
        self._gives_way = gives_way
        self._throttle = AimdThrottle()
        self._refusals = 0
        self._paused_until = 0.0

    def take(self, now: float) -> None:
        """Use the turn of `now`, or let it go."""
        factor = self._throttle.rate_factor(now)
        self.next_at = max(now + self._interval_s / factor, self._paused_until)

    def answered(self) -> None:
        """Note any answer but "429"."""
        self._refusals = 0

    def refused(self, now: float) -> None:
        """Note "429"."""
        if not self._gives_way:
            return
        self._throttle.on_rate_limited(now)
        if now >= self._paused_until:
            self._paused_until = now + backoff_s(self._refusals, self._luck.random)
            self._refusals += 1
        self.next_at = max(self.next_at, self._paused_until)


class Rival:
    """Another process with the same client id, which always has something to ask."""

    def __init__(self, turns: Turns, quota: Quota) -> None:
        self.turns = turns
        self.answers = 0
        self._quota = quota

    def ask(self, now: float) -> None:
        """Take the turn of `now`, if it is one."""
        if self.turns.next_at > now:
            return
        self.turns.take(now)
        if self._quota.allows(now):
            self.answers += 1
            self.turns.answered()
        else:
            self.turns.refused(now)
