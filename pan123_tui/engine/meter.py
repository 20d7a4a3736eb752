"""The meter: how much of the poll budget was used lately."""

from collections import deque

WINDOW_S = 20.0


class Meter:
    """Counts polls over the last `WINDOW_S` seconds."""

    def __init__(self, *, per_s: float) -> None:
        self.per_s = per_s
        self._at: deque[float] = deque()

    def count(self, now: float) -> None:
        """Note a poll at `now` (monotonic seconds)."""
        self._at.append(now)
        self._drop_old(now)

    def used(self, now: float) -> float:
        """Give the part of the budget that was used, 0–1, in steps of a tenth."""
        self._drop_old(now)
        return min(1.0, round(len(self._at) / (self.per_s * WINDOW_S), 1))

    def _drop_old(self, now: float) -> None:
        while self._at and self._at[0] < now - WINDOW_S:
            self._at.popleft()
