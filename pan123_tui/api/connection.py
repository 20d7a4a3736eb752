"""The connection to the service: sends requests within the rates and reads the responses."""

import asyncio
import random as _random
import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from pan123_tui.api.rate_limit import Endpoint, pacers_of
from pan123_tui.api.responses import parse_response, retry_after_s
from pan123_tui.api.transport import create_http_client
from pan123_tui.domain.errors import RateLimited, RequestNotSent, RequestRejected, ResponseLost
from pan123_tui.domain.sanitize import redact

NO_OTHER_RATES: Mapping[Endpoint, float] = {}
_NOT_SENT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Raised before the first byte of the request itself is sent."""

T = TypeVar("T")


class ServiceConnection:
    """Sends requests to the service at `base_url`; belongs to one event loop.

    It repeats none, and signs none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        rates: Mapping[Endpoint, float] = NO_OTHER_RATES,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """`rates` replaces some of the usual ones; `transport` replaces the network in tests."""
        self.base_url = base_url.rstrip("/")
        self.clock = clock
        self.pacers = pacers_of(rates, random)
        self._transport = transport
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._is_closing = False
        self._sent_at: dict[httpx.Request, float] = {}
        """The requests on their way."""
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def close(self) -> None:
        """Send nothing more."""
        self._is_closing = True

    async def aclose(self) -> None:
        """Wait for pending responses, one of which may mean a task, and close the connections."""
        self.close()
        await self._is_idle.wait()
        for client in self._clients.values():
            await client.aclose()

    def oldest_request_at(self) -> float | None:
        """Return when the oldest unanswered request was sent (Unix seconds), None without one."""
        return min(self._sent_at.values(), default=None)

    def http(self, base_url: str = "") -> httpx.AsyncClient:
        """Return the client of the service, or of another host, which shares nothing with it."""
        base_url = base_url or self.base_url
        if base_url not in self._clients:  # not at the start: its TLS context takes time
            self._clients[base_url] = create_http_client(base_url, self._transport)
        return self._clients[base_url]

    def get(self, path: str, **params: int) -> httpx.Request:
        """Return a request for `path`."""
        # Of a whole address httpx parses one, of a path with parameters three.
        query = f"?{urlencode(params)}" if params else ""
        return self.http().build_request("GET", f"{self.base_url}{path}{query}")

    def post(self, path: str, body: object, timeout: httpx.Timeout | None = None) -> httpx.Request:
        """Return a request that posts `body`; raises `RequestRejected` if JSON cannot hold it."""
        try:
            content = msgspec.json.encode(body)
        except UnicodeEncodeError:
            raise RequestRejected("it holds characters that cannot be sent") from None
        http, headers = self.http(), {"Content-Type": "application/json"}
        return http.build_request(
            "POST", path, content=content, headers=headers, timeout=timeout or http.timeout
        )

    async def send(
        self, request: httpx.Request, *, http: httpx.AsyncClient | None = None
    ) -> httpx.Response:
        """Send `request` now; raises `RequestNotSent` or `ResponseLost`."""
        if self._is_closing:  # another account replaced this one meanwhile
            raise RequestNotSent()
        self._sent_at[request] = self.clock()
        self._is_idle.clear()
        try:
            return await (http or self.http()).send(request)
        except _NOT_SENT_ERRORS as error:
            raise RequestNotSent(redact(str(error))) from None
        except httpx.RequestError as error:
            raise ResponseLost(redact(str(error))) from None
        finally:
            del self._sent_at[request]
            if not self._sent_at:
                self._is_idle.set()

    def parse(
        self,
        endpoint: Endpoint,
        response: httpx.Response,
        data_type: type[T],
        *,
        redactor: Callable[[str], str],
    ) -> T:
        """Return the data of `response`; a rate refusal makes the endpoint back off."""
        pacer = self.pacers[endpoint]
        try:
            data = parse_response(response, data_type, redactor=redactor)
        except RateLimited:
            pacer.back_off(retry_after_s(response, now=self.clock()))
            raise
        pacer.refusals = 0
        return data
