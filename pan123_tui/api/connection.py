"""The connection to the service: TLS is verified, no redirect followed, time and size limited."""

import asyncio
import os
import random as _random
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import msgspec

from pan123_tui import __version__
from pan123_tui.api.environment import proxy_for
from pan123_tui.api.rate_limit import REQUESTS_AT_ONCE, pacers_of
from pan123_tui.api.schemas import parse_response, retry_after_s
from pan123_tui.domain.errors import (
    UNSENT,
    EnvironmentUnusable,
    InvalidResponse,
    RateLimited,
    RequestNotSent,
    RequestRejected,
    RequestTrouble,
    ResponseLost,
)
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import Endpoint

TIMEOUTS = {"connect": 10.0, "write": 15.0, "pool": 30.0}
READ_S = 30.0
TO_BEGIN_S = 60.0
"""How long it may take until a connection, perhaps through a proxy, is there for a request."""
PIECES_S = 45.0
"""A response must be complete this long after the longest wait for its first byte."""
CREATE_READ_S = 120.0
"""The service looks at the link before it answers a create, and the link's host may be slow."""
LIMITS = httpx.Limits(
    max_connections=REQUESTS_AT_ONCE,
    max_keepalive_connections=REQUESTS_AT_ONCE,
    keepalive_expiry=30.0,
)
MAX_BODY_BYTES = 4 * 1024 * 1024
"""A page of a hundred files takes about fifty thousand bytes."""
HEADERS = {
    "Platform": "open_platform",
    "User-Agent": f"pan123-tui/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
_NOT_SENT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Raised before the first byte of the request itself is sent."""
_TROUBLES: Mapping[type[BaseException], RequestTrouble] = {
    socket.gaierror: RequestTrouble.NO_SUCH_HOST,
    ssl.SSLCertVerificationError: RequestTrouble.BAD_CERTIFICATE,
    ConnectionRefusedError: RequestTrouble.REFUSED,
    httpx.ConnectTimeout: RequestTrouble.TIMED_OUT,
    TimeoutError: RequestTrouble.TIMED_OUT,
}

T = TypeVar("T")


class ServiceConnection:
    """Sends requests, neither repeated nor signed; belongs to one event loop."""

    def __init__(
        self,
        base_url: str,
        *,
        rates: Mapping[Endpoint, float] = {},
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """`rates` replaces some of the usual ones; `transport` replaces the network."""
        self.base_url = base_url.rstrip("/")
        self.clock = clock
        self.pacers = pacers_of(rates, random)
        self._transport = transport
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._is_closing = False
        self._on_the_way = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def close(self) -> None:
        """Send nothing more."""
        self._is_closing = True

    async def aclose(self) -> None:
        """Wait for pending responses, one of which may mean a task, then close the connections."""
        await self._is_idle.wait()
        for client in self._clients.values():
            await client.aclose()

    def http(self, base_url: str = "") -> httpx.AsyncClient:
        """Return the client for the service or for another host; raises `RequestNotSent`."""
        base_url = base_url or self.base_url
        if base_url not in self._clients:  # not at the start: its TLS context takes time
            self._clients[base_url] = httpx.AsyncClient(
                base_url=base_url,
                transport=self._transport or network_transport(httpx.URL(base_url)),
                headers=HEADERS,
                timeout=httpx.Timeout(**TIMEOUTS, read=READ_S),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # it keeps none
                follow_redirects=False,
                trust_env=False,  # `proxy_for` reads proxies, and no .netrc must sign a request
            )
        return self._clients[base_url]

    def get(self, path: str, **params: int) -> httpx.Request:
        return self.http().build_request("GET", path, params=params)

    def post(self, path: str, body: object, *, read_s: float = READ_S) -> httpx.Request:
        """Return a request that posts `body`; raises `RequestRejected` if JSON cannot represent it.

        `read_s` is how long the answer may take.
        """
        try:
            content = msgspec.json.encode(body)
        except UnicodeEncodeError:
            raise RequestRejected("it holds characters that cannot be sent") from None
        timeout = httpx.Timeout(**TIMEOUTS, read=read_s)
        headers = {"Content-Type": "application/json"}
        return self.http().build_request(
            "POST", path, content=content, headers=headers, timeout=timeout
        )

    async def send(
        self, request: httpx.Request, *, http: httpx.AsyncClient | None = None
    ) -> httpx.Response:
        """Send `request` now, and read its whole response, within limits of time and size.

        Raises `RequestNotSent`, `ResponseLost` or `InvalidResponse`.
        """
        if self._is_closing:  # another account replaced this one meanwhile
            raise RequestNotSent()
        has_begun = self._transport is not None  # which reports nothing
        longest_s = request.extensions["timeout"]["read"] + PIECES_S

        async def note(event: str, info: Mapping[str, Any]) -> None:
            """Note that the request leaves, and not only a CONNECT to the proxy before it."""
            nonlocal has_begun
            is_beginning = event.endswith("send_request_headers.started")
            if is_beginning and info["request"].method != b"CONNECT":
                has_begun = True
                limit.reschedule(asyncio.get_running_loop().time() + longest_s)

        request.extensions["trace"] = note
        self._on_the_way += 1
        self._is_idle.clear()
        try:
            async with asyncio.timeout(longest_s if has_begun else TO_BEGIN_S) as limit:
                response = await (http or self.http()).send(request, stream=True)
                try:
                    return await _read_whole(response)
                finally:
                    await response.aclose()
        except InvalidResponse:
            raise
        except asyncio.CancelledError as error:
            raise error if has_begun else asyncio.CancelledError(UNSENT) from None
        except Exception as error:  # noqa: BLE001 - with a broken proxy, libraries raise anything
            reason = redact(str(error)) or type(error).__name__
            if not has_begun or isinstance(error, _NOT_SENT_ERRORS):
                variable, _proxy = proxy_for(request.url.scheme, request.url.host)
                known = (_TROUBLES[type(it)].value for it in causes(error) if type(it) in _TROUBLES)
                raise RequestNotSent(next(known, reason), variable=variable) from None
            is_late = isinstance(error, TimeoutError | httpx.TimeoutException)
            raise ResponseLost(RequestTrouble.CUT_OFF.value if is_late else reason) from None
        finally:
            self._on_the_way -= 1
            if not self._on_the_way:
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
            pacer.back_off(retry_after_s(response))
            raise
        pacer.refusals = 0
        return data


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield `error` and what caused it; of several causes, the first."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__


async def _read_whole(response: httpx.Response) -> httpx.Response:
    raw, code = bytearray(), response.status_code
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - as httpx does
    async for chunk in response.stream:
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise InvalidResponse(f"an answer of more than {MAX_BODY_BYTES} bytes", code=code)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise InvalidResponse("an answer in an encoding that was not asked for", code=code)
    return httpx.Response(
        code,
        headers=response.headers,
        content=bytes(raw),
        extensions=response.extensions,
        request=response.request,
    )


class NetworkTransport(httpx.AsyncHTTPTransport):
    """Closes what a failed request has opened: httpcore forgets that if a SOCKS proxy fails."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        opened = []
        outer = request.extensions.get("trace")

        async def note(event: str, info: Mapping[str, Any]) -> None:
            if event.endswith("connect_tcp.complete"):
                opened.append(info["return_value"])
            if outer is not None:
                await outer(event, info)

        request.extensions["trace"] = note
        try:
            return await super().handle_async_request(request)
        except BaseException:
            for stream in opened:
                await stream.aclose()
            raise


def network_transport(url: httpx.URL) -> httpx.AsyncBaseTransport:
    """Return the way that the environment prescribes; raises `RequestNotSent`."""
    variable, proxy = proxy_for(url.scheme, url.host)
    verify = url.scheme == "https"  # plain http needs no four megabytes of certificates
    try:
        return NetworkTransport(verify=verify, limits=LIMITS, proxy=proxy)
    except (ImportError, ValueError, httpx.InvalidURL):
        reason = RequestTrouble.PROXY_ADDRESS.value
        raise EnvironmentUnusable(reason, variable=variable) from None
    except OSError as error:  # which names the file only if it is the one for keys
        variable = "SSLKEYLOGFILE" if error.filename else "SSL_CERT_FILE"
        path, reason = os.environ.get(variable), error.strerror or type(error).__name__
        if not path:  # those that come with the program, or no more files may be open
            raise RequestNotSent(f"certificates: {reason}") from None
        raise EnvironmentUnusable(f"{path}: {reason}", variable=variable) from None
