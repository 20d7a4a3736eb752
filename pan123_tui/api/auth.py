"""Signs a request with the access token; after a 401 renews it once and sends once more."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import httpx

from pan123_tui.api.responses import is_token_refusal
from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import (
    AccountMissing,
    InvalidResponse,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    ResponseLost,
    TokenRefused,
)

REFRESH_MARGIN_S = 300.0
"""A token is renewed this long before it expires."""
MIN_REFRESH_INTERVAL_S = 60.0
"""Clients that renew more often log each other out: only three tokens live at a time."""


class TokenProvider(Protocol):
    """A source of access tokens."""

    async def current(self) -> AccessToken:
        """Give the token to send; raises a `Pan123Error` if there is none to be had."""

    async def replace_rejected(self, refused: AccessToken) -> AccessToken | None:
        """Give another token than the one that was refused; None: there is no other."""

    async def aclose(self) -> None:
        """Stop what goes on."""


class NoCredentials:
    """No account is configured."""

    async def current(self) -> AccessToken:
        raise AccountMissing

    async def replace_rejected(self, refused: AccessToken) -> AccessToken | None:  # noqa: ARG002 - the protocol's
        return None

    async def aclose(self) -> None:
        """Do nothing."""


class StaticToken:
    """A ready access token: nothing renews it."""

    def __init__(self, credentials: AccessToken) -> None:
        self._credentials = credentials

    async def current(self) -> AccessToken:
        return self._credentials

    async def replace_rejected(self, refused: AccessToken) -> AccessToken | None:  # noqa: ARG002 - the protocol's
        return None

    async def aclose(self) -> None:
        """Do nothing."""


class RefreshingToken:
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
            raise self._reason_for_none()
        return self._held.access  # one past its time may still be good: the service decides

    async def replace_rejected(self, refused: AccessToken) -> AccessToken | None:
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
        return now >= token.expires_at - REFRESH_MARGIN_S and not _is_recent(self._tried_at, now)

    async def _renewed(self) -> None:
        """Wait for a renewal; it outlives a caller that is cancelled."""
        await _outcome_of(self._started_renewal())

    def _started_renewal(self) -> asyncio.Task[None]:
        """Give the renewal that goes on, or start one."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="token renewal")
            self._renewal.add_done_callback(_retrieve_outcome)
        return self._renewal

    async def _renew(self) -> None:
        self._tried_at = self._clock()
        async with self._cache.refresh_lock():
            record = await self._cache.read()
            if self._adopt(record.token):
                return
            now = self._clock()
            if not (_is_recent(record.asked_at, now) or _is_recent(self._asked_at, now)):
                await self._fetch_and_store(now, former=record.asked_at)

    def _adopt(self, cached: Token | None) -> bool:
        """Take the cached token if it is better than ours; tell whether no renewal is needed."""
        if cached is None or cached.access == self._refused:
            return False
        if self._held is None or cached.expires_at > self._held.expires_at:
            self._held = cached
        return self._clock() < self._held.expires_at - REFRESH_MARGIN_S

    async def _fetch_and_store(self, now: float, *, former: float) -> None:
        """Ask for a token, with the intent on disk first: a restart must not ask at once again."""
        await self._cache.write(token=self._held, asked_at=now)
        try:
            fresh = await self._fetch()
        except (RequestNotSent, RateLimited, TokenRefused) as error:
            await self._cache.write(token=self._held, asked_at=former)
            if isinstance(error, TokenRefused):
                self._asked_at, self._refusal = now, error
            raise
        except (ResponseLost, InvalidResponse) as error:
            self._asked_at = now
            raise _nothing_sent(error) from None
        self._held, self._asked_at, self._refusal = fresh, now, None
        await self._cache.write(token=fresh, asked_at=now)

    def _reason_for_none(self) -> Pan123Error:
        if self._refusal is not None:
            problem = self._refusal.problem
            return TokenRefused(problem.message, code=problem.code, trace_id=problem.trace_id)
        if self._refused is not None:
            return TokenRefused("the newest access token was refused", code=401)
        return RequestNotSent("an access token was asked for less than a minute ago")


def _is_recent(at: float, now: float) -> bool:
    """Tell whether `at` is less than a renewal's interval ago; a time to come is not."""
    return 0 <= now - at < MIN_REFRESH_INTERVAL_S


def _nothing_sent(error: Pan123Error) -> RequestNotSent:
    """Without a token the request itself was not sent, whatever became of the token's."""
    problem = error.problem
    message = f"access token: {problem.message}"
    return RequestNotSent(message, code=problem.code, trace_id=problem.trace_id)


async def _outcome_of(renewal: asyncio.Task[None]) -> None:
    """Wait for `renewal`; one that `aclose` has ended must not look like an end of the caller."""
    try:
        await asyncio.shield(renewal)
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if renewal.cancelled() and caller is not None and not caller.cancelling():
            raise RequestNotSent("the connection was closed while it asked for a token") from None
        raise


def _retrieve_outcome(renewal: asyncio.Task[None]) -> None:
    """Keep asyncio from reporting an error that no caller stayed for."""
    if not renewal.cancelled():
        renewal.exception()


class TokenAuth(httpx.Auth):
    """Authorization of one request by `access`; `wait_turn` is awaited before the replay.

    A replay cannot repeat an effect: what was refused with a 401 was not carried out. The token
    is not looked up here: requests that waited for one would all be sent together, out of turn.
    """

    def __init__(
        self,
        tokens: TokenProvider,
        access: AccessToken,
        *,
        wait_turn: Callable[[], Awaitable[None]],
    ) -> None:
        self._tokens = tokens
        self._access = access
        self._wait_turn = wait_turn

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yield the request signed and, where another token is to be had, once more."""
        response = yield _signed(request, self._access)
        await response.aread()
        if not is_token_refusal(response):
            return
        other = await self._tokens.replace_rejected(self._access)
        if other is None:
            return
        await self._wait_turn()
        yield _signed(request, other)


def _signed(request: httpx.Request, access: AccessToken) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {access.token}"
    return request
