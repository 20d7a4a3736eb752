"""The connection to the service: signs requests, keeps the rates and reads the responses."""

import asyncio
import random as _random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec
from msgspec.structs import replace

from pan123_tui.api.auth import (
    NoCredentials,
    RefreshingToken,
    StaticToken,
    TokenAuth,
    TokenProvider,
)
from pan123_tui.api.login import Grant, RotatingToken, parse_grant, renewal_request
from pan123_tui.api.rate_limit import Endpoint, RateLimiter, Rates
from pan123_tui.api.responses import invalid_response, parse_response, retry_after_s
from pan123_tui.api.schemas import (
    TokenRequest,
    TokenResponse,
    parse_time,
)
from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.api.transport import create_http_client
from pan123_tui.domain.credentials import (
    AccessToken,
    ClientPair,
    Credentials,
    RefreshToken,
    digest,
    is_header_safe,
    secrets_of,
)
from pan123_tui.domain.errors import (
    LoginDoubtful,
    RateLimited,
    RequestNotSent,
    RequestRejected,
    ResponseLost,
    ServiceError,
    TokenRefused,
)
from pan123_tui.domain.sanitize import redact

TOKEN_PATH = "/api/v1/access_token"  # noqa: S105 - a path
_NOT_SENT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Raised before the first byte of the request itself is sent."""

T = TypeVar("T")


class ServiceConnection:
    """Sends requests of one account within the rates; belongs to one event loop.

    A request is sent again only after a 401, once.
    """

    def __init__(  # noqa: PLR0913 - everything that the composition root chooses
        self,
        *,
        base_url: str,
        credentials: Credentials | None,
        token_cache: Path | None,
        account_variable: str = "",
        is_entered: bool = False,
        rates: Rates = Rates(),  # noqa: B008 - a frozen value
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """`account_variable` names the environment variable that holds the credentials, if any.

        `is_entered`: the user has just entered them, and they are to be tried.
        """
        self.rate_limiter = RateLimiter(rates, clock=clock, random=random)
        """Which endpoint is paused, and until when."""
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._clock = clock
        self._secrets = secrets_of(credentials)
        self._account_variable = account_variable
        self._client: httpx.AsyncClient | None = None
        self._renewer: httpx.AsyncClient | None = None
        self._is_closing = False
        self._sent_at: dict[httpx.Request, float] = {}
        """The requests on their way."""
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._tokens = self._token_provider(credentials, token_cache, is_entered=is_entered)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Send nothing more, wait for pending responses, and close the connections.

        A response that is not awaited could mean a lost task. A token renewal is cancelled, that
        of a log-in after a moment.
        """
        self._is_closing = True
        await self._tokens.aclose()
        await self._is_idle.wait()
        for client in (self._client, self._renewer):
            if client is not None:
                await client.aclose()

    def oldest_request_at(self) -> float | None:
        """Return when the oldest unanswered request was sent (Unix seconds), None without one."""
        return min(self._sent_at.values(), default=None)

    def end_token_pause(self) -> None:
        """Have the next token renewal wait a few seconds at most, although one has just failed."""
        self._tokens.end_pause()

    def forget_tokens(self) -> None:
        """Delete the tokens from the disk and keep none there: the user has logged out."""
        self._tokens.forget()

    @property
    def _http(self) -> httpx.AsyncClient:
        if self._client is None:  # not at the start: its TLS context takes time
            self._client = create_http_client(self._base_url, self._transport)
        return self._client

    def _get(self, path: str, **params: int) -> httpx.Request:
        # Of a whole address httpx parses one, of a path with parameters three.
        query = f"?{urlencode(params)}" if params else ""
        return self._http.build_request("GET", f"{self._base_url}{path}{query}")

    def _post(
        self, path: str, body: msgspec.Struct, timeout: httpx.Timeout | None = None
    ) -> httpx.Request:
        try:
            content = msgspec.json.encode(body)
        except UnicodeEncodeError:
            raise RequestRejected("it holds characters that cannot be sent") from None
        headers = {"Content-Type": "application/json"}
        return self._http.build_request(
            "POST", path, content=content, headers=headers, timeout=timeout or self._http.timeout
        )

    async def _call(
        self,
        endpoint: Endpoint,
        request: httpx.Request,
        data_type: type[T],
        *,
        redactor: Callable[[str], str] = redact,
    ) -> T:
        """Send `request` signed and within the rate, and return the data of its response."""
        with self._naming_variable():
            # The token comes first: requests that waited for a renewal would be sent together.
            access = await self._tokens.current()
            await self._acquire(endpoint)
            acquire_slot = partial(self.rate_limiter.acquire_again, endpoint)
            auth = TokenAuth(self._tokens, access, acquire_slot=acquire_slot)
            # The rate comes before the slot: a paused endpoint must not keep others waiting.
            async with self.rate_limiter.in_flight_slot(endpoint):
                await self.rate_limiter.keep_distance(endpoint)
                response = await self._send(request, auth)
            return self._parse(
                endpoint,
                response,
                data_type,
                redactor=lambda text: redactor(redact(text, (_token_of(request), *self._secrets))),
            )

    @contextmanager
    def _naming_variable(self) -> Iterator[None]:
        """Name in a refusal of the account the variable that holds it, where only that helps."""
        try:
            yield
        except TokenRefused as error:
            error.problem = replace(error.problem, variable=self._account_variable)
            raise

    async def _acquire(self, endpoint: Endpoint) -> None:
        """Wait until the rate allows a request."""
        await self.rate_limiter.acquire(endpoint)

    async def _send(
        self,
        request: httpx.Request,
        auth: httpx.Auth | None,
        *,
        http: httpx.AsyncClient | None = None,
    ) -> httpx.Response:
        if self._is_closing:  # another account replaced this one meanwhile
            raise RequestNotSent()
        self._sent_at[request] = self._clock()
        self._is_idle.clear()
        try:
            return await (http or self._http).send(request, auth=auth)
        except _NOT_SENT_ERRORS as error:
            raise RequestNotSent(_describe(error)) from None
        except httpx.RequestError as error:
            raise ResponseLost(_describe(error)) from None
        finally:
            del self._sent_at[request]
            if not self._sent_at:
                self._is_idle.set()

    def _parse(
        self,
        endpoint: Endpoint,
        response: httpx.Response,
        data_type: type[T],
        *,
        redactor: Callable[[str], str],
    ) -> T:
        """Return the data of `response`; a rate refusal makes the endpoint back off."""
        try:
            data = parse_response(response, data_type, redactor=redactor)
        except RateLimited:
            pause_s = retry_after_s(response, now=self._clock())
            self.rate_limiter.back_off(endpoint, retry_after_s=pause_s)
            raise
        self.rate_limiter.record_success(endpoint)
        return data

    def _token_provider(
        self, credentials: Credentials | None, path: Path | None, *, is_entered: bool
    ) -> TokenProvider:
        match credentials:
            case None:
                return NoCredentials()
            case AccessToken():
                return StaticToken(credentials)
            case ClientPair():
                account = credentials.client_id
                cache = TokenCache(path, base_url=self._base_url, account=account)
                fetch = partial(self._fetch_token, credentials)
                return RefreshingToken(
                    cache,
                    fetch=fetch,
                    app=digest(credentials.client_secret),
                    clock=self._clock,
                    is_entered=is_entered,
                )
            case RefreshToken():
                account = credentials.token
                cache = TokenCache(path, base_url=self._base_url, account=account, is_precious=True)
                return RotatingToken(
                    cache,
                    login=credentials,
                    fetch=self._renew_login,
                    clock=self._clock,
                    is_entered=is_entered,
                )

    async def _fetch_token(self, pair: ClientPair) -> Token:
        """Fetch a new token; any refusal but a rate refusal means `TokenRefused`."""
        await self.rate_limiter.acquire(Endpoint.TOKEN)
        request = self._post(TOKEN_PATH, TokenRequest(pair.client_id, pair.client_secret))
        response = await self._send(request, None)
        try:
            granted = self._parse(
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
            raise invalid_response(response, "an access token that cannot be used")
        return Token(granted.accessToken, expires_at)

    async def _renew_login(self, login: RefreshToken) -> Grant:
        """Renew `login`, whose token is used up by this; raises as `parse_grant` does."""
        await self.rate_limiter.acquire(Endpoint.TOKEN)
        http = self._http
        try:
            if login.renew_url:  # another host: nothing of the service's connection is shared
                http = self._renewer or create_http_client(login.renew_url, self._transport)
                self._renewer = http
            response = await self._send(renewal_request(http, login), None, http=http)
        except httpx.InvalidURL:
            raise RequestNotSent("the renew address cannot be used") from None
        except ResponseLost as error:
            raise LoginDoubtful(error.problem.message) from None
        try:
            return parse_grant(
                response,
                login,
                now=self._clock(),
                redactor=lambda text: redact(text, (*secrets_of(login), *self._secrets)),
            )
        except RateLimited:
            self.rate_limiter.back_off(Endpoint.TOKEN, retry_after_s=None)
            raise


def _token_of(request: httpx.Request) -> str:
    """Return the token that `request` was signed with, so that it can be redacted."""
    header: str = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ")


def _describe(error: httpx.RequestError) -> str:
    """Return the system's message without secrets, "" if it has none."""
    return redact(str(error))
