"""The request quota that processes of one client id share, and how a process keeps to it."""

import random

from pan123_tui.api.rate_limit import AimdThrottle, backoff_s

BURST = 8


class Quota:
    """A token bucket for all processes, as in the simulated service."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = float(BURST)
        self._at = 0.0

    def try_acquire(self, now: float) -> bool:
        """Count a request unless it exceeds the quota; return whether it is allowed."""
        self._left = min(BURST, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = max(self._at, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class RequestPacer:
    """When a process may send: its own rate, as in the rate limiter, and its pauses."""

    def __init__(self, per_s: float, rng: random.Random) -> None:
        self.next_at = 1 / per_s
        self._interval_s = 1 / per_s
        self._rng = rng
        self._throttle = AimdThrottle()
        self._refusals = 0
        self._paused_until = 0.0

    def advance(self, now: float) -> None:
        """Use or skip the turn at `now`."""
        factor = self._throttle.rate_factor(now)
        self.next_at = max(now + self._interval_s / factor, self._paused_until)

    def record_success(self) -> None:
        """Record any response except 429."""
        self._refusals = 0

    def record_refusal(self, now: float) -> None:
        """Record a 429."""
        self._throttle.on_rate_limited(now)
        if now >= self._paused_until:
            self._paused_until = now + backoff_s(self._refusals, self._rng.random)
            self._refusals += 1
        self.next_at = max(self.next_at, self._paused_until)


class OtherProcess:
    """Another process with the same client id that always has a request to send."""

    def __init__(self, pacer: RequestPacer, quota: Quota) -> None:
        self.pacer = pacer
        self.granted = 0
        self._quota = quota

    def send_if_due(self, now: float) -> None:
        """Send a request if one is due at `now`."""
        if self.pacer.next_at > now:
            return
        self.pacer.advance(now)
        if self._quota.try_acquire(now):
            self.granted += 1
            self.pacer.record_success()
        else:
            self.pacer.record_refusal(now)
