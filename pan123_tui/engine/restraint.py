"""The restraint: how much of the rate to use after "429", less at once and slowly more again.

A rate may be shared with processes that nobody here knows of. Where each gives way by a part and
comes back by a step, as TCP's senders do, they end at equal shares, and few requests are refused.
"""

CUT = 0.7
RECOVERY_PER_S = 0.01
LEAST = 0.1
TOGETHER_S = 2.0
"""Refusals within so many seconds were on the wire together and count once."""


class Restraint:
    """The part of the rate to use. Every `now` is in seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._share = 1.0
        self._cut_at = 0.0

    def share(self, now: float) -> float:
        """Give the part of the rate to use, `LEAST` to 1."""
        return min(1.0, self._share + RECOVERY_PER_S * (now - self._cut_at))

    def refused(self, now: float) -> None:
        """Give way: the service said that it is asked too often."""
        share = self.share(now)
        if share == 1.0 or now - self._cut_at > TOGETHER_S:
            self._share, self._cut_at = max(LEAST, share * CUT), now
