"""How often each endpoint may be asked: even pacing, and a pause after the service said "429"."""

import asyncio
import random as _random
import time
from collections.abc import Callable
from enum import StrEnum

from aiolimiter import AsyncLimiter
from msgspec import Struct

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
"""A `Retry-After` is believed up to this long."""
_SLACK = 1.02
"""A hair slower than the rate: requests sent evenly do not arrive evenly."""


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


class Budget:
    """Hands out turns; pauses an endpoint that was asked too often, longer each time in a row."""

    def __init__(
        self,
        rates: Rates,
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._clock = clock
        self._pacings = {endpoint: _Pacing(rates.of(endpoint), random) for endpoint in Endpoint}

    async def turn(self, endpoint: Endpoint) -> None:
        """Wait until `endpoint` may be asked; a cancelled wait takes no turn from anybody."""
        await self._pacings[endpoint].turn()

    def limited(self, endpoint: Endpoint, *, retry_after_s: float | None = None) -> None:
        """Pause `endpoint`: the service said that it is asked too often.

        Answers to requests that were on the wire together count once.
        """
        self._pacings[endpoint].pause(retry_after_s)

    def succeeded(self, endpoint: Endpoint) -> None:
        """Note an answer that was no 429: the next pause is a first one again."""
        self._pacings[endpoint].refusals = 0

    def paused_until(self, endpoint: Endpoint) -> float | None:
        """Tell when `endpoint` may be asked again (Unix seconds); None: it is not paused."""
        rest_s = self._pacings[endpoint].rest_s
        return self._clock() + rest_s if rest_s > 0 else None


class _Pacing:
    """The turns of one endpoint. Pauses follow the loop's clock, which never jumps."""

    def __init__(self, rate_per_s: float, random: Callable[[], float]) -> None:
        self.refusals = 0
        self._random = random
        self._limiter = AsyncLimiter(1, _SLACK / rate_per_s)
        self._resumes_at: float | None = None

    @property
    def rest_s(self) -> float:
        """The seconds left of the pause."""
        if self._resumes_at is None:
            return 0.0
        return max(0.0, self._resumes_at - asyncio.get_running_loop().time())

    async def turn(self) -> None:
        if (rest_s := self.rest_s) > 0:
            await asyncio.sleep(rest_s)
        await self._limiter.acquire()
        if self.rest_s > 0:  # paused while this one waited in line
            await self.turn()

    def pause(self, retry_after_s: float | None) -> None:
        now = asyncio.get_running_loop().time()
        if self.rest_s <= 0:
            ceiling_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self.refusals, 10))
            self._resumes_at = now + self._random() * ceiling_s
            self.refusals += 1
        if retry_after_s is not None and self._resumes_at is not None:
            asked_for = now + min(retry_after_s, LONGEST_RETRY_AFTER_S)
            self._resumes_at = max(self._resumes_at, asked_for)
