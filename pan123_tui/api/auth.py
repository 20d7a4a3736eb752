"""Access tokens: their sources, and their renewal."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.schemas import TokenRequest, TokenResponse, parse_time
from pan123_tui.api.token_cache import MIN_REFRESH_INTERVAL_S, CachedToken, Token, TokenCache
from pan123_tui.domain.credentials import AccessToken, ClientPair, is_header_safe
from pan123_tui.domain.errors import (
    AccountMissing,
    InvalidResponse,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    RequestTrouble,
    ResponseLost,
    ServiceError,
    TokenRefused,
    error_of,
)
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import Endpoint

TOKEN_PATH = "/api/v1/access_token"  # noqa: S105 - a path


class ReadyToken:
    """A ready access token, which cannot be renewed; None if no account is configured."""

    def __init__(self, access: AccessToken | None) -> None:
        self._access = access

    async def current(self) -> AccessToken:
        """Return the token to send; raises `AccountMissing` if there is none."""
        if self._access is None:
            raise AccountMissing
        return self._access

    async def replace_rejected(self, _rejected: AccessToken) -> AccessToken | None:
        return None

    def forget(self) -> None:
        """Do nothing: the token is not on disk."""

    async def aclose(self) -> None:
        """Do nothing: the token is never renewed."""


class RefreshingToken:
    """The tokens of a client id, renewed one at a time in this process and between processes."""

    def __init__(
        self,
        cache: TokenCache,
        *,
        fetch: Callable[..., Awaitable[Any]],
        clock: Callable[[], float],
        turn: Callable[[], Awaitable[None]],
    ) -> None:
        """`fetch` asks for tokens, once `turn` has waited for the rate; `clock`: Unix seconds."""
        self._cache = cache
        self._fetch = fetch
        self._clock = clock
        self._turn = turn
        self._token: Token | None = None
        self._rejected: AccessToken | None = None
        self._requested_at = 0.0
        self._attempted_at = 0.0
        self._failure: Pan123Error | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def current(self) -> AccessToken:
        """Return the token to send, renewed if due; raises a `Pan123Error` if there is none."""
        now, token = self._clock(), self._token
        if token is None:
            await _wait_for(self._ensure_renewal())
        elif now >= token.renew_at and not _is_recent(now - self._attempted_at):
            renewal = self._ensure_renewal()
            if now >= token.expires_at:  # a valid token is used meanwhile
                with suppress(Pan123Error):
                    await _wait_for(renewal)
        if self._token is None:
            raise self._no_token_error()
        return self._token.access  # the service decides whether an expired one is still good

    async def replace_rejected(self, rejected: AccessToken) -> AccessToken | None:
        """Return a token other than the rejected one, or None if there is none."""
        if self._token is None or self._token.access == rejected:
            self._rejected = rejected
            self._token = None
            await _wait_for(self._ensure_renewal())
        if self._token is not None:
            return self._token.access
        if self._failure is not None:
            raise self._no_token_error()  # it tells more than the service's refusal
        return None

    def forget(self) -> None:
        """Delete the tokens from disk, and keep none there from now on."""
        self._cache.forget()

    async def aclose(self) -> None:
        """Wait for the answer to a renewal, which may be the only copy of a token, or cancel it."""
        if self._renewal is not None:
            try:
                await asyncio.wait([self._renewal])
            finally:
                self._renewal.cancel()

    def _ensure_renewal(self) -> asyncio.Task[None]:
        """Return the renewal in progress, or start one; it outlives a cancelled caller."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="token renewal")
            # Otherwise asyncio reports an error whose callers were all cancelled.
            self._renewal.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return self._renewal

    async def _renew(self) -> None:
        self._attempted_at = self._clock()
        async with self._cache.refresh_lock():
            cached = await self._read_cache()
            token = cached.token
            if token is not None and token.access != self._rejected:
                if self._token is None or token.expires_at > self._token.expires_at:
                    self._token, self._failure = token, None
                if self._clock() < self._token.renew_at:
                    return
            asked_at = max(cached.requested_at, self._requested_at)
            if not _is_recent(self._clock() - asked_at):
                await self._turn()  # first, so that the time on disk is that of the request
                await self._fetch_and_store(self._clock(), cached)

    async def _read_cache(self) -> CachedToken:
        return await self._cache.read()

    async def _fetch_and_store(self, now: float, cached: CachedToken) -> None:
        """Fetch a token; the intent is on disk first, so that a restart does not repeat it."""
        # A token in use stays in the cache until another one has come.
        kept = replace(cached, token=self._token)
        await self._cache.write(replace(kept, requested_at=now))
        try:
            fresh: Token = await self._fetch()
        except (RequestNotSent, RateLimited, TokenRefused) as error:
            await self._cache.write(kept)
            if isinstance(error, TokenRefused):
                self._requested_at, self._failure = self._clock(), error
            raise
        except (ResponseLost, InvalidResponse) as error:
            # Without a token, the request that needed it was certainly not sent.
            no = error.problem
            self._requested_at = self._clock()
            self._failure = RequestNotSent(no.message, code=no.code, trace_id=no.trace_id)
            raise self._failure from None
        now = self._clock()
        self._token, self._requested_at, self._failure = fresh, now, None
        await self._cache.write(replace(cached, token=fresh, requested_at=now))

    def _no_token_error(self) -> Pan123Error:
        if self._failure is not None:
            return error_of(self._failure.problem)
        if self._rejected is not None:
            return TokenRefused(code=401)
        return RequestNotSent(RequestTrouble.TOKEN_IS_NEW.value)


async def fetch_token(connection: ServiceConnection, pair: ClientPair) -> Token:
    """Fetch a new token for `pair`; any refusal but a rate refusal means `TokenRefused`."""
    request = connection.post(TOKEN_PATH, TokenRequest(pair.client_id, pair.client_secret))
    response = await connection.send(request)
    try:
        granted = connection.parse(
            Endpoint.TOKEN,
            response,
            TokenResponse,
            redactor=lambda text: redact(text, (pair.client_secret, pair.client_id)),
        )
    except RateLimited:
        raise
    except ServiceError as error:
        no = error.problem
        raise TokenRefused(no.message, code=no.code, trace_id=no.trace_id) from None
    expires_at = parse_time(granted.expiredAt)
    if expires_at is None or not is_header_safe(granted.accessToken):
        code = response.status_code
        raise InvalidResponse(RequestTrouble.TOKEN_UNUSABLE.value, code=code)
    return Token(granted.accessToken, expires_at)


def _is_recent(age_s: float) -> bool:
    """Return whether `age_s` is less than the interval of renewals; a future time is not."""
    return 0 <= age_s < MIN_REFRESH_INTERVAL_S


async def _wait_for(renewal: asyncio.Task[None]) -> None:
    """Wait for `renewal`; raises `RequestNotSent` if `aclose` cancelled it, not the caller."""
    try:
        await asyncio.shield(renewal)
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if renewal.cancelled() and caller is not None and not caller.cancelling():
            raise RequestNotSent() from None
        raise
