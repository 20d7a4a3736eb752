"""Limits how often each endpoint is asked, and how many requests are in flight.

A rate may be shared with processes unknown to this one. Each reduces its part by a factor after a
refusal and increases it by steps (AIMD, as TCP does), so all end at equal shares with few refusals.
"""

import asyncio
import random as _random
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from msgspec import Struct

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
"""A longer `Retry-After` is cut to this."""
POLLS_AT_ONCE = 3
"""More than one, so that a slow answer does not stall the other tasks."""
REQUESTS_AT_ONCE = POLLS_AT_ONCE + 2
"""Size of the connection pool: one more for creates and one for folders and the account."""
_INTERVAL_SLACK = 1.02
"""Stretches the intervals, because requests sent evenly do not arrive evenly."""


def backoff_s(
    failures: int,
    random: Callable[[], float],
    *,
    first_s: float | None = None,
    longest_s: float = LONGEST_PAUSE_S,
) -> float:
    """Return the pause after `failures` earlier failures in a row: doubled, capped, jittered."""
    first_s = FIRST_PAUSE_S if first_s is None else first_s
    return min(longest_s, first_s * 2.0 ** min(failures, 16)) * (0.5 + random() / 2)


class Endpoint(StrEnum):
    """A call with a rate of its own at the service."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    CREATE = "create"
    PROCESS = "process"
    USER_INFO = "user_info"
    LIST = "list"
    DETAIL = "detail"
    MKDIR = "mkdir"
    DOWNLOAD = "download"


class Rates(Struct, frozen=True, kw_only=True):
    """Requests per second to each endpoint.

    The service publishes, for a free account: access_token 8, user/info 10, file/list 5, mkdir 5,
    download_info 5. It publishes none for the offline calls; their defaults are those of a widely
    used client.
    """

    create_per_s: float = 1.0
    process_per_s: float = 5.0
    user_info_per_s: float = 5.0
    list_per_s: float = 5.0
    detail_per_s: float = 5.0
    mkdir_per_s: float = 5.0
    download_per_s: float = 5.0
    token_per_s: float = 1.0

    def of(self, endpoint: Endpoint) -> float:
        """Return the rate of `endpoint`."""
        return {
            Endpoint.TOKEN: self.token_per_s,
            Endpoint.CREATE: self.create_per_s,
            Endpoint.PROCESS: self.process_per_s,
            Endpoint.USER_INFO: self.user_info_per_s,
            Endpoint.LIST: self.list_per_s,
            Endpoint.DETAIL: self.detail_per_s,
            Endpoint.MKDIR: self.mkdir_per_s,
            Endpoint.DOWNLOAD: self.download_per_s,
        }[endpoint]


class RateLimiter:
    """Spaces the requests to each endpoint, and pauses one that answers "too many requests"."""

    def __init__(
        self,
        rates: Rates,
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._clock = clock
        self._pacers = {endpoint: _Pacer(rates.of(endpoint), random) for endpoint in Endpoint}
        rest = asyncio.Semaphore(1)
        self._slots = {
            Endpoint.PROCESS: asyncio.Semaphore(POLLS_AT_ONCE),
            Endpoint.CREATE: asyncio.Semaphore(1),
            Endpoint.USER_INFO: rest,
            Endpoint.LIST: rest,
            Endpoint.DETAIL: rest,
            Endpoint.MKDIR: rest,
            Endpoint.DOWNLOAD: rest,
        }

    def use_rate(self, endpoint: Endpoint, rate_per_s: float) -> None:
        """Ask `endpoint` so often from now on; what refusals have taught stays."""
        self._pacers[endpoint].use_rate(rate_per_s)

    async def acquire(self, endpoint: Endpoint) -> None:
        """Wait until `endpoint` may be asked; a cancelled wait uses up nothing."""
        await self._pacers[endpoint].acquire()

    def mark_sent(self, endpoint: Endpoint) -> None:
        """Start the interval to the next request now, if the last one was acquired long ago."""
        self._pacers[endpoint].schedule_next()

    async def keep_distance(self, endpoint: Endpoint) -> None:
        """Wait an interval from the last request: those that waited for a slot would go together.

        Call it with the slot held; it waits for no pause.
        """
        await self._pacers[endpoint].keep_distance()

    async def acquire_again(self, endpoint: Endpoint) -> None:
        """Wait until the request in the slot may be sent a second time."""
        await self.acquire(endpoint)
        await self.keep_distance(endpoint)

    def wait_s(self, endpoint: Endpoint) -> float:
        """Return after how many seconds `endpoint` may be asked if nobody else waits for it."""
        return self._pacers[endpoint].wait_s

    def in_flight_slot(self, endpoint: Endpoint) -> asyncio.Semaphore:
        """Return the semaphore to hold while a request to `endpoint` is in flight.

        There is none for tokens: the holder of another may be waiting for one.
        """
        return self._slots[endpoint]

    def back_off(self, endpoint: Endpoint, *, retry_after_s: float | None = None) -> None:
        """Pause and slow down `endpoint` after a rate refusal.

        Refusals of requests that were in flight together count once.
        """
        self._pacers[endpoint].back_off(retry_after_s)

    def record_success(self, endpoint: Endpoint) -> None:
        """Record an answer that was no rate refusal: the next pause is a first one again."""
        self._pacers[endpoint].refusals = 0

    def paused_until(self, endpoint: Endpoint) -> float | None:
        """Return when the pause of `endpoint` ends (Unix seconds), None if it is not paused."""
        pause_s = self._pacers[endpoint].pause_s
        return self._clock() + pause_s if pause_s > 0 else None


class AimdThrottle:
    """The part of a rate to use after refusals: less at once, then slowly more again.

    Every `now` is in seconds of a monotonic clock.
    """

    DECREASE_FACTOR = 0.7
    """The factor of TCP CUBIC (RFC 9438)."""
    INCREASE_PER_S = 0.01
    """Restores the whole rate half a minute after a single refusal."""
    MIN_FACTOR = 0.1
    SAME_BURST_S = 2.0
    """Refusals this close together count once: their requests were in flight together."""

    def __init__(self) -> None:
        self._factor = 1.0
        self._decreased_at = 0.0

    def rate_factor(self, now: float) -> float:
        """Return the part of the rate to use, `MIN_FACTOR` to 1."""
        return min(1.0, self._factor + self.INCREASE_PER_S * (now - self._decreased_at))

    def on_rate_limited(self, now: float) -> None:
        """Decrease the part after a rate refusal."""
        factor = self.rate_factor(now)
        if factor == 1.0 or now - self._decreased_at > self.SAME_BURST_S:
            self._factor = max(self.MIN_FACTOR, factor * self.DECREASE_FACTOR)
            self._decreased_at = now


class _Pacer:
    """Spaces the requests to one endpoint by the loop's monotonic clock."""

    def __init__(self, rate_per_s: float, random: Callable[[], float]) -> None:
        self.refusals = 0
        """Rate refusals in a row."""
        self._random = random
        self._interval_s = _INTERVAL_SLACK / rate_per_s
        self._throttle = AimdThrottle()
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()
        self._next_at = self._paused_until = self._send_at = 0.0

    def use_rate(self, rate_per_s: float) -> None:
        now, self._interval_s = _now(), _INTERVAL_SLACK / rate_per_s
        interval_s = self._interval_s / self._throttle.rate_factor(now)
        self._next_at = min(self._next_at, now + interval_s)
        self._send_at = min(self._send_at, now + interval_s)
        self._changed.set()
        self._changed.clear()  # those that wait now look again

    async def _sleep(self, wait_s: float) -> None:
        """Wait, no longer than until the rate changes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._changed.wait()

    @property
    def pause_s(self) -> float:
        """Seconds left of the pause."""
        return max(0.0, self._paused_until - _now())

    @property
    def wait_s(self) -> float:
        """Seconds until the next request may be sent."""
        return max(0.0, self._next_at - _now(), self.pause_s)

    async def acquire(self) -> None:
        async with self._queue:
            while (wait_s := self.wait_s) > 0:  # paused meanwhile
                await self._sleep(wait_s)
            self.schedule_next()

    def schedule_next(self) -> None:
        now = _now()
        self._next_at = now + self._interval_s / self._throttle.rate_factor(now)

    async def keep_distance(self) -> None:
        while (wait_s := self._send_at - _now()) > 0:  # sent meanwhile
            await self._sleep(wait_s)
        self._send_at = _now() + self._interval_s

    def back_off(self, retry_after_s: float | None) -> None:
        now = _now()
        self._throttle.on_rate_limited(now)
        if self.pause_s <= 0:
            self._paused_until = now + backoff_s(self.refusals, self._random)
            self.refusals += 1
        if retry_after_s is not None:
            retry_at = now + min(retry_after_s, LONGEST_RETRY_AFTER_S)
            self._paused_until = max(self._paused_until, retry_at)


def _now() -> float:
    return asyncio.get_running_loop().time()
