"""Limits how often each endpoint is asked, and how many requests are in flight."""

import asyncio
import random as _random
from collections.abc import Callable, Mapping
from math import inf

from pan123_tui.domain.service_facts import POLLS_AT_ONCE, USUAL_RATES, Endpoint, backoff_s

LONGEST_RETRY_AFTER_S = 600.0
REQUESTS_AT_ONCE = POLLS_AT_ONCE + 2
"""Size of the connection pool: one more for creates, and one for folders and the account."""
_INTERVAL_SLACK = 1.02
"""Stretches the intervals, because requests sent evenly do not arrive evenly."""


def pacers_of(
    rates: Mapping[Endpoint, float], random: Callable[[], float] = _random.random
) -> "Mapping[Endpoint, Pacer]":
    rest = asyncio.Semaphore(1)
    slots = {
        Endpoint.PROCESS: asyncio.Semaphore(POLLS_AT_ONCE),
        Endpoint.CREATE: asyncio.Semaphore(1),
        # Whoever holds a slot may be waiting for a token, so token requests take no slot.
        Endpoint.TOKEN: asyncio.Semaphore(1),
    }
    return {
        endpoint: Pacer(rates.get(endpoint, usual), slots.get(endpoint, rest), random)
        for endpoint, usual in USUAL_RATES.items()
    }


class AimdThrottle:
    """The part of a rate to use after refusals: at once less, then gradually more again.

    As TCP does (AIMD), so that processes that know nothing of each other end with equal shares.
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
        return min(1.0, self._factor + self.INCREASE_PER_S * (now - self._decreased_at))

    def on_rate_limited(self, now: float) -> None:
        factor = self.rate_factor(now)
        if factor == 1.0 or now - self._decreased_at > self.SAME_BURST_S:
            self._factor = max(self.MIN_FACTOR, factor * self.DECREASE_FACTOR)
            self._decreased_at = now


class Pacer:
    """Spaces the requests to one endpoint, and pauses after "too many requests"."""

    def __init__(
        self,
        rate_per_s: float,
        slot: asyncio.Semaphore,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.slot = slot
        """To be held while a request is in flight."""
        self.refusals = 0
        """Rate refusals since the last answer that was not one."""
        self._random = random
        self._interval_s = _INTERVAL_SLACK / rate_per_s
        self._throttle = AimdThrottle()
        self._queue = asyncio.Lock()
        self._paused_until = 0.0
        self._next_at = self._send_at = -inf

    @property
    def pause_s(self) -> float:
        return max(0.0, self._paused_until - _now())

    @property
    def wait_s(self) -> float:
        """Seconds until a request may be sent if nobody else is waiting to send one."""
        return max(0.0, self._next_at - _now(), self.pause_s)

    async def acquire(self) -> None:
        """Wait until a request may be sent; a cancelled wait uses up nothing."""
        async with self._queue:
            while (wait_s := self.wait_s) > 0:  # noqa: ASYNC110 - paused meanwhile
                await asyncio.sleep(wait_s)
            self.mark_sent()

    def mark_sent(self) -> None:
        """Start the interval to the next request now, if the last one was acquired long ago."""
        now = _now()
        self._next_at = now + self._interval_s / self._throttle.rate_factor(now)

    async def keep_distance(self) -> None:
        """Wait, with the slot held: those that waited for it would otherwise go all at once."""
        while (wait_s := self._send_at - _now()) > 0:  # noqa: ASYNC110 - sent meanwhile
            await asyncio.sleep(wait_s)
        self._send_at = _now() + self._interval_s

    async def acquire_again(self) -> None:
        await self.acquire()
        await self.keep_distance()

    def back_off(self, retry_after_s: float | None = None) -> None:
        """Pause and slow down; refusals of requests that were in flight together count once."""
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
