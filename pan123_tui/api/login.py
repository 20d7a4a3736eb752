"""OAuth logins: each renewal replaces the refresh token, and only the newest one is valid."""

import math
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from msgspec.structs import replace

from pan123_tui.api.auth import RefreshingToken
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.schemas import MAX_MESSAGE_LENGTH, SecretStruct, parse_response
from pan123_tui.api.token_cache import CachedToken, Token
from pan123_tui.domain.credentials import (
    TOKEN_PLACEHOLDER,
    RefreshToken,
    is_header_safe,
    secrets_of,
)
from pan123_tui.domain.errors import (
    BrokerNotReached,
    EnvironmentUnusable,
    InvalidResponse,
    LoginDoubtful,
    LoginRefused,
    Pan123Error,
    RateLimited,
    RequestNotSent,
    RequestRejected,
    RequestTrouble,
    ResponseLost,
    TokenRefused,
)
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import Endpoint

OAUTH_PATH = "/api/v1/oauth2/access_token"
USUAL_LIFE_S = 7200.0
"""Lifetime of an access token if the answer names none: the example in the service's pages."""


class Grant(SecretStruct, frozen=True):
    """What a renewal brings: an access token, and the refresh token for the next renewal."""

    token: Token
    refresh_token: str


class RotatingToken(RefreshingToken):
    """The tokens of a login, renewed one at a time across all processes.

    The refresh token works once. So the intent to use it is on disk before it is sent, and its
    replacement is on disk before the new access token is used. A renewal whose answer was lost is
    tried again by one process, after a while. `fetch` is `renew_login`.
    """

    _unsaved: CachedToken | None = None
    """The answer to a renewal that the disk refused."""

    async def _read_cache(self) -> CachedToken:
        if self._unsaved is not None:
            self._cache.save(self._unsaved)
            self._unsaved = None
        entry = await self._cache.read()
        if entry.is_unanswered:
            self._failure = self._failure or LoginDoubtful()
        return entry

    async def _fetch_and_store(self, now: float, cached: CachedToken) -> None:
        """Renew the login; nothing is awaited between its answer and the disk."""
        asked = replace(cached, requested_at=now, is_unanswered=True)
        self._cache.save(asked)
        try:
            granted: Grant = await self._fetch(cached.refresh_token)
        except Pan123Error as error:
            self._requested_at, self._failure = now, error
            if isinstance(error, LoginRefused):
                self._cache.save(replace(cached, is_unanswered=False))
            elif isinstance(error, RequestNotSent | RateLimited):
                self._requested_at = cached.requested_at
                if not isinstance(error, LoginDoubtful):
                    self._cache.save(cached)
            else:
                self._cache.save(replace(cached, requested_at=now))
            raise
        self._token, self._requested_at, self._failure = None, now, None
        self._unsaved = replace(
            asked, token=granted.token, refresh_token=granted.refresh_token, is_unanswered=False
        )
        self._cache.save(self._unsaved)
        self._unsaved = None
        self._token = granted.token


class _Body(SecretStruct, frozen=True):
    """The bare JSON of a renewal; its fields are checked by hand, since no answer may be lost."""

    access_token: Any = None
    refresh_token: Any = None
    expires_in: Any = None
    data: Any = None
    code: Any = None
    error_description: Any = None
    text: Any = None
    error: Any = None

    @property
    def refusal(self) -> str:
        """Why there is no token, in the fields of OAuth and of the brokers in use."""
        texts = (self.error_description, self.text, self.error)
        return next((text for text in texts if text and isinstance(text, str)), "")


async def renew_login(connection: ServiceConnection, entered: RefreshToken, newest: str) -> Grant:
    """Use up the `newest` token of a login ("": the entered one); raises as `parse_grant` does."""
    login = replace(entered, token=newest or entered.token)
    try:
        http = connection.http(login.renew_url)
        response = await connection.send(_renewal_request(http, login), http=http)
    except httpx.InvalidURL:
        raise RequestNotSent(RequestTrouble.RENEWAL_ADDRESS.value) from None
    except RequestNotSent as error:
        if not login.renew_url or isinstance(error, EnvironmentUnusable):
            raise
        no = error.problem
        raise BrokerNotReached(no.message, variable=no.variable) from None
    except ResponseLost as error:
        raise LoginDoubtful(error.problem.message) from None
    try:
        return parse_grant(
            response,
            login,
            now=connection.clock(),
            redactor=lambda text: redact(text, (*secrets_of(login), *secrets_of(entered))),
        )
    except RateLimited:
        connection.pacers[Endpoint.TOKEN].back_off()
        raise


def _renewal_request(http: httpx.AsyncClient, login: RefreshToken) -> httpx.Request:
    if login.renew_url:
        return http.build_request(
            "GET", login.renew_url.replace(TOKEN_PLACEHOLDER, quote(login.token, safe=""))
        )
    # No secret in a local variable: a crash report shows those.
    return http.build_request(
        "POST",
        OAUTH_PATH,
        params={
            "client_id": login.client_id,
            **({"client_secret": login.client_secret} if login.client_secret else {}),
            "grant_type": "refresh_token",
            "refresh_token": login.token,
        },
    )


def parse_grant(
    response: httpx.Response,
    login: RefreshToken,
    *,
    now: float,
    redactor: Callable[[str], str],
) -> Grant:
    """Return what a renewal of `login` brought, even from an answer in an unusual form.

    Raises `LoginRefused` if the refresh token was refused, `LoginDoubtful` if it may have been used
    up all the same, `RequestNotSent` if it certainly was not, and otherwise a `ServiceError`.
    """
    body = _decode(response.content)
    for part in (body, _decode(msgspec.json.encode(body.data))):
        if _is_token(part.access_token):
            life_s = _seconds(part.expires_in)
            return Grant(
                Token(part.access_token, now + life_s),
                part.refresh_token if _is_token(part.refresh_token) else login.token,
            )
    status = response.status_code
    if body.code is None and body.refusal and status < 500 and status != 429:
        raise LoginRefused(redactor(body.refusal)[:MAX_MESSAGE_LENGTH], code=status)
    try:
        parse_response(response, msgspec.Raw, redactor=redactor)
    except (TokenRefused, RequestRejected) as error:
        no = error.problem
        raise LoginRefused(no.message, code=no.code, trace_id=no.trace_id) from None
    except InvalidResponse as error:
        no = error.problem
        kind = LoginDoubtful if error.may_have_taken_effect else RequestNotSent
        raise kind(
            redactor(body.refusal) or no.message, code=no.code, trace_id=no.trace_id
        ) from None
    raise LoginDoubtful("an answer without tokens", code=status)


def _decode(content: bytes) -> _Body:
    try:
        return msgspec.json.decode(content, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Body()


def _is_token(value: object) -> bool:
    return isinstance(value, str) and is_header_safe(value)


def _seconds(value: object) -> float:
    """Return a lifetime as a number; it may come as text or not at all."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return USUAL_LIFE_S
    return seconds if 0 < seconds < math.inf else USUAL_LIFE_S
