"""The flood gate: so many posts a second, and no more."""

from collections.abc import Callable


class FloodGate:
    """A bucket of `burst` posts that fills with `per_s`."""

    def __init__(self, *, per_s: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._at = clock()

    def lets_in(self) -> bool:
        """Take one post out of the bucket, if there is one left."""
        now = self._clock()
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
