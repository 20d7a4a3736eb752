"""How often each endpoint may be asked, and how many requests may be on the wire.

A rate may be shared with processes that nobody here knows of. Where each gives way by a part and
comes back by a step, as TCP's senders do, they end at equal shares, and few requests are refused.
"""

import asyncio
import random as _random
import time
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
"""A `Retry-After` is believed up to this long."""
POLLS_AT_ONCE = 3
"""So that a slow answer does not stall the others."""
REQUESTS_AT_ONCE = POLLS_AT_ONCE + 2
"""The size of the pool: one more for links and one for folders and the account."""
_SLACK = 1.02
"""Slightly slower than the rate: requests sent evenly do not arrive evenly."""


def backoff_s(
    failures: int, random: Callable[[], float], *, longest_s: float = LONGEST_PAUSE_S
) -> float:
    """Return the pause after `failures` in a row before this one: doubled, capped, jittered."""
    return min(longest_s, FIRST_PAUSE_S * 2.0 ** min(failures, 16)) * (0.5 + random() / 2)


class Endpoint(StrEnum):
    """What has a rate of its own at the service."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    CREATE = "create"
    PROCESS = "process"
    USER_INFO = "user_info"
    LIST = "list"
    DETAIL = "detail"
    MKDIR = "mkdir"


class Rates(Struct, frozen=True, kw_only=True):
    """Requests per second and endpoint, per client id, shared by every process of the user."""

    create_per_s: float = 1.0
    process_per_s: float = 5.0
    user_info_per_s: float = 5.0
    list_per_s: float = 5.0
    detail_per_s: float = 5.0
    mkdir_per_s: float = 5.0
    token_per_s: float = 1.0

    def of(self, endpoint: Endpoint) -> float:
        """Give the rate of `endpoint`."""
        return {
            Endpoint.TOKEN: self.token_per_s,
            Endpoint.CREATE: self.create_per_s,
            Endpoint.PROCESS: self.process_per_s,
            Endpoint.USER_INFO: self.user_info_per_s,
            Endpoint.LIST: self.list_per_s,
            Endpoint.DETAIL: self.detail_per_s,
            Endpoint.MKDIR: self.mkdir_per_s,
        }[endpoint]


class RateLimiter:
    """Spaces the requests to each endpoint, and pauses one that was asked too often."""

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
        self._on_the_wire = {
            Endpoint.PROCESS: asyncio.Semaphore(POLLS_AT_ONCE),
            Endpoint.CREATE: asyncio.Semaphore(1),
            Endpoint.USER_INFO: rest,
            Endpoint.LIST: rest,
            Endpoint.DETAIL: rest,
            Endpoint.MKDIR: rest,
        }

    async def acquire(self, endpoint: Endpoint) -> None:
        """Wait until `endpoint` may be asked; a cancelled wait takes no turn from anybody."""
        await self._pacers[endpoint].acquire()

    def use_late(self, endpoint: Endpoint) -> None:
        """Space the next turn from now: the last one is used only now."""
        self._pacers[endpoint].schedule_next()

    def wait_s(self, endpoint: Endpoint) -> float:
        """Return after how many seconds `endpoint` may be asked, if nobody else waits for it."""
        return self._pacers[endpoint].wait_s

    def on_the_wire(self, endpoint: Endpoint) -> asyncio.Semaphore:
        """Return what to hold while a request to `endpoint` is on the wire.

        A token has none: whoever holds another may be waiting for it, with no request on the wire.
        """
        return self._on_the_wire[endpoint]

    def back_off(self, endpoint: Endpoint, *, retry_after_s: float | None = None) -> None:
        """Pause and slow down `endpoint`: the service said that it is asked too often.

        Answers to requests that were on the wire together count once.
        """
        self._pacers[endpoint].back_off(retry_after_s)

    def record_success(self, endpoint: Endpoint) -> None:
        """Note an answer that was no 429: the next pause is a first one again."""
        self._pacers[endpoint].refusals = 0

    def paused_until(self, endpoint: Endpoint) -> float | None:
        """Tell when `endpoint` may be asked again (Unix seconds); None: it is not paused."""
        pause_s = self._pacers[endpoint].pause_s
        return self._clock() + pause_s if pause_s > 0 else None


class AimdThrottle:
    """The part of a rate to use after "429": less at once and slowly more again.

    Every `now` is in seconds of a monotonic clock.
    """

    DECREASE = 0.7
    """As TCP CUBIC has it."""
    INCREASE_PER_S = 0.01
    """The whole rate is back half a minute after a single refusal."""
    LEAST = 0.1
    TOGETHER_S = 2.0
    """Refusals within so many seconds were on the wire together and count once."""

    def __init__(self) -> None:
        self._factor = 1.0
        self._decreased_at = 0.0

    def rate_factor(self, now: float) -> float:
        """Return the part of the rate to use, `LEAST` to 1."""
        return min(1.0, self._factor + self.INCREASE_PER_S * (now - self._decreased_at))

    def on_rate_limited(self, now: float) -> None:
        """Decrease the part: the service said that it is asked too often."""
        factor = self.rate_factor(now)
        if factor == 1.0 or now - self._decreased_at > self.TOGETHER_S:
            self._factor, self._decreased_at = max(self.LEAST, factor * self.DECREASE), now


class _Pacer:
    """The turns of one endpoint, by the loop's clock, which never jumps."""

    def __init__(self, rate_per_s: float, random: Callable[[], float]) -> None:
        self.refusals = 0
        self._random = random
        self._interval_s = _SLACK / rate_per_s
        self._throttle = AimdThrottle()
        self._queue = asyncio.Lock()
        self._next_at = self._paused_until = 0.0

    @property
    def pause_s(self) -> float:
        """The seconds left of the pause."""
        return max(0.0, self._paused_until - _now())

    @property
    def wait_s(self) -> float:
        """The seconds until the next turn."""
        return max(0.0, self._next_at - _now(), self.pause_s)

    async def acquire(self) -> None:
        async with self._queue:
            while (wait_s := self.wait_s) > 0:  # noqa: ASYNC110 - paused meanwhile
                await asyncio.sleep(wait_s)
            self.schedule_next()

    def schedule_next(self) -> None:
        now = _now()
        self._next_at = now + self._interval_s / self._throttle.rate_factor(now)

    def back_off(self, retry_after_s: float | None) -> None:
        now = _now()
        self._throttle.on_rate_limited(now)
        if self.pause_s <= 0:
            self._paused_until = now + backoff_s(self.refusals, self._random)
            self.refusals += 1
        if retry_after_s is not None:
            asked_for_s = min(retry_after_s, LONGEST_RETRY_AFTER_S)
            self._paused_until = max(self._paused_until, now + asked_for_s)


def _now() -> float:
    return asyncio.get_running_loop().time()
