"""The world's clock: Unix seconds that run at a chosen speed and can be pushed forward."""

from collections.abc import Callable


class WorldClock:
    """Starts at `real()` and runs `speed` times as fast."""

    def __init__(self, real: Callable[[], float], *, speed: float = 1.0) -> None:
        self.real = real
        """The clock outside, Unix seconds: tokens and rates go by it, as the client's do."""
        self._real_anchor = real()
        self._world_anchor = self._real_anchor
        self._speed = speed

    def now(self) -> float:
        """Tell the world's time: tasks move by it."""
        return self._world_anchor + (self.real() - self._real_anchor) * self._speed

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._world_anchor, self._real_anchor = self.now(), self.real()
        self._speed = speed

    def advance(self, seconds: float) -> None:
        """Let `seconds` of world time pass at once."""
        self._world_anchor += seconds
