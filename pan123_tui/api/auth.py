"""Signs a request with the access token; after a 401 renews it once and sends once more."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx

from pan123_tui.api.answers import is_token_refusal
from pan123_tui.api.tokens import Tokens
from pan123_tui.domain.credentials import AccessToken


class TokenAuth(httpx.Auth):
    """Authorization of one request; `wait_turn` is awaited before the replay.

    A replay cannot repeat an effect: what was refused with a 401 was not carried out.
    """

    def __init__(self, tokens: Tokens, *, wait_turn: Callable[[], Awaitable[None]]) -> None:
        self._tokens = tokens
        self._wait_turn = wait_turn

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yield the request signed and, where another token is to be had, once more."""
        sent = await self._tokens.current()
        response = yield _signed(request, sent)
        await response.aread()
        if not is_token_refusal(response):
            return
        other = await self._tokens.instead_of(sent)
        if other is None:
            return
        await self._wait_turn()
        yield _signed(request, other)


def _signed(request: httpx.Request, access: AccessToken) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {access.token}"
    return request
