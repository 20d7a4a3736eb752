"""Where the access token comes from: given once, or asked for and renewed with a client id."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import (
    AccountMissing,
    AnswerLost,
    BadAnswer,
    NotReached,
    Pan123Error,
    RateLimited,
    TokenRefused,
)

EARLY_S = 300.0
"""A token is renewed this long before it expires."""
RENEWAL_INTERVAL_S = 60.0
"""Clients that renew more often log each other out: only three tokens live at a time."""


class Tokens(Protocol):
    """A source of access tokens."""

    async def current(self) -> AccessToken:
        """Give the token to send; raises a `Pan123Error` if there is none to be had."""

    async def instead_of(self, refused: AccessToken) -> AccessToken | None:
        """Give another token than the one that was refused; None: there is no other."""

    async def aclose(self) -> None:
        """Stop what goes on."""


class NoToken:
    """No account is configured."""

    async def current(self) -> AccessToken:
        raise AccountMissing

    async def instead_of(self, refused: AccessToken) -> AccessToken | None:  # noqa: ARG002 - the protocol's
        return None

    async def aclose(self) -> None:
        """Do nothing."""


class FixedToken:
    """A ready access token: nothing renews it."""

    def __init__(self, credentials: AccessToken) -> None:
        self._credentials = credentials

    async def current(self) -> AccessToken:
        return self._credentials

    async def instead_of(self, refused: AccessToken) -> AccessToken | None:  # noqa: ARG002 - the protocol's
        return None

    async def aclose(self) -> None:
        """Do nothing."""


class RenewedTokens:
    """Tokens of a client id: one renewal at a time, in this process and between processes.

    `fetch` asks the service for a new token; `clock` gives Unix seconds.
    """

    def __init__(
        self,
        cache: TokenCache,
        *,
        fetch: Callable[[], Awaitable[Token]],
        clock: Callable[[], float],
    ) -> None:
        self._cache = cache
        self._fetch = fetch
        self._clock = clock
        self._held: Token | None = None
        self._refused: AccessToken | None = None
        self._asked_at = 0.0
        self._tried_at = 0.0
        self._refusal: TokenRefused | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def current(self) -> AccessToken:
        if self._held is None:
            await self._renewed()
        elif self._is_due(self._held):
            renewal = self._started_renewal()
            if self._clock() >= self._held.expires_at:  # before that, nobody waits for it
                with suppress(Pan123Error):
                    await _outcome_of(renewal)
        if self._held is None:
            raise self._why_none()
        return self._held.access  # one past its time may still be good: the service decides

    async def instead_of(self, refused: AccessToken) -> AccessToken | None:
        if self._held is None or self._held.access == refused:
            self._refused = refused
            self._held = None
            await self._renewed()
        return self._held.access if self._held is not None else None

    async def aclose(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])

    def _is_due(self, token: Token) -> bool:
        """Tell whether to renew `token` before it expires; a failed try is not repeated at once."""
        now = self._clock()
        return now >= token.expires_at - EARLY_S and not _is_recent(self._tried_at, now)

    async def _renewed(self) -> None:
        """Wait for a renewal; it outlives a caller that is cancelled."""
        await _outcome_of(self._started_renewal())

    def _started_renewal(self) -> asyncio.Task[None]:
        """Give the renewal that goes on, or start one."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="token renewal")
            self._renewal.add_done_callback(_look_at_outcome)
        return self._renewal

    async def _renew(self) -> None:
        self._tried_at = self._clock()
        async with self._cache.renewing():
            record = await self._cache.read()
            if self._adopt(record.token):
                return
            now = self._clock()
            if not (_is_recent(record.asked_at, now) or _is_recent(self._asked_at, now)):
                await self._ask(now, former=record.asked_at)

    def _adopt(self, cached: Token | None) -> bool:
        """Take the cached token if it is better than ours; tell whether no renewal is needed."""
        if cached is None or cached.access == self._refused:
            return False
        if self._held is None or cached.expires_at > self._held.expires_at:
            self._held = cached
        return self._clock() < self._held.expires_at - EARLY_S

    async def _ask(self, now: float, *, former: float) -> None:
        """Ask for a token, with the intent on disk first: a restart must not ask at once again."""
        await self._cache.write(token=self._held, asked_at=now)
        try:
            fresh = await self._fetch()
        except (NotReached, RateLimited, TokenRefused) as error:
            await self._cache.write(token=self._held, asked_at=former)
            if isinstance(error, TokenRefused):
                self._asked_at, self._refusal = now, error
            raise
        except (AnswerLost, BadAnswer) as error:
            self._asked_at = now
            raise _nothing_sent(error) from None
        self._held, self._asked_at, self._refusal = fresh, now, None
        await self._cache.write(token=fresh, asked_at=now)

    def _why_none(self) -> Pan123Error:
        if self._refusal is not None:
            problem = self._refusal.problem
            return TokenRefused(problem.message, code=problem.code, trace_id=problem.trace_id)
        if self._refused is not None:
            return TokenRefused("the newest access token was refused", code=401)
        return NotReached("an access token was asked for less than a minute ago")


def _is_recent(at: float, now: float) -> bool:
    """Tell whether `at` is less than a renewal's interval ago; a time to come is not."""
    return 0 <= now - at < RENEWAL_INTERVAL_S


def _nothing_sent(error: Pan123Error) -> NotReached:
    """Without a token the request itself was not sent, whatever became of the token's."""
    problem = error.problem
    message = f"access token: {problem.message}"
    return NotReached(message, code=problem.code, trace_id=problem.trace_id)


async def _outcome_of(renewal: asyncio.Task[None]) -> None:
    """Wait for `renewal`; one that `aclose` has ended must not look like an end of the caller."""
    try:
        await asyncio.shield(renewal)
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if renewal.cancelled() and caller is not None and not caller.cancelling():
            raise NotReached("the connection was closed while it asked for a token") from None
        raise


def _look_at_outcome(renewal: asyncio.Task[None]) -> None:
    """Keep asyncio from reporting an error that no caller stayed for."""
    if not renewal.cancelled():
        renewal.exception()
