"""What the service allows; its rates as one token bucket per client and endpoint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Rate(NamedTuple):
    """So many requests a second, and so many at once after a rest."""

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
}
"""A little above what is allowed, so that a client that keeps the rate survives some jitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the service allows."""

    rates: Mapping[str, Rate] | None = field(default_factory=lambda: DEFAULT_RATES)
    """By endpoint; None: no limits."""
    max_running: int | None = 10
    """Tasks running at once, per account; None: no limit."""
    max_tokens: int = 3
    token_life_s: float = 30 * 24 * 3600.0
    """Real seconds."""
    duration_s: float = 20.0
    """How long a link takes whose words name no pace."""
    strict_names: bool = False
    """Whether `fileName` needs an image's suffix, as the specification says."""


class RateLimiter:
    """Says whether one more request is within the rate."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def allows(self, client: str, endpoint: str, rate: Rate) -> bool:
        """Take one request of `client` out of its bucket, if there is one left."""
        now = self._clock()
        left, at = self._buckets.get((client, endpoint), (rate.burst, now))
        left = min(rate.burst, left + max(0.0, now - at) * rate.per_s)
        allowed = left >= 1
        self._buckets[client, endpoint] = (left - allowed, now)
        return allowed
