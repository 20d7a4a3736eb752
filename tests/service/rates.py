"""How often a client may ask."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Rate(NamedTuple):
    """Requests per second, and how many at once after a pause."""

    per_s: float
    burst: float


DEFAULT_RATES: Mapping[str, Rate] = {
    "create": Rate(1, 2),
    "process": Rate(5, 8),
    "access_token": Rate(8, 10),
    "user_info": Rate(10, 12),
    "file_list": Rate(5, 8),
    "file_detail": Rate(5, 8),
    "mkdir": Rate(5, 8),
    "download_info": Rate(5, 8),
}
"""Slightly above the documented rates, so that a client within them tolerates jitter."""


class RequestLimiter:
    """A token bucket for each client and endpoint."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def allows(self, client: str, endpoint: str, rate: Rate) -> bool:
        """Count one request of `client` and return whether it is within the rate."""
        now = self._clock()
        left, at = self._buckets.get((client, endpoint), (rate.burst, now))
        left = min(rate.burst, left + max(0.0, now - at) * rate.per_s)
        allowed = left >= 1
        self._buckets[client, endpoint] = (left - allowed, now)
        return allowed
