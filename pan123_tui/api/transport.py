"""The HTTP client: keep-alive, bounded in time and size, without redirects, TLS verified."""

import asyncio
import urllib.request

import httpx

from pan123_tui import __version__
from pan123_tui.api.rate_limit import REQUESTS_AT_ONCE
from pan123_tui.api.responses import invalid_response
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.link_probe import is_loopback
from pan123_tui.i18n import _

TIMEOUTS = httpx.Timeout(connect=10.0, read=30.0, write=15.0, pool=30.0)
MAX_EXCHANGE_S = 75.0
"""Whole time of a request and its response, which may arrive in endless small pieces."""
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


def create_timeouts() -> httpx.Timeout:
    """Return the time limits of a create, whose answer may take long."""
    return httpx.Timeout(
        connect=TIMEOUTS.connect, read=CREATE_READ_S, write=TIMEOUTS.write, pool=TIMEOUTS.pool
    )


def create_http_client(
    base_url: str, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    """Return the client; `transport` replaces the network in tests.

    Raises `SettingsInvalid` if a proxy variable of the environment cannot be used.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        transport=BoundedTransport(transport or _network_transport(base_url)),
        headers=HEADERS,
        timeout=TIMEOUTS,
        follow_redirects=False,
        trust_env=False,  # proxies are read in `_proxy`, and no .netrc must sign a request
    )


class BoundedTransport(httpx.AsyncBaseTransport):
    """Reads each response whole, within a time and a size.

    Raises `httpx.ReadTimeout` and `InvalidResponse` beyond them.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(_exchange_s(request)):
                response = await self._inner.handle_async_request(request)
                try:
                    return await _read_bounded(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise httpx.ReadTimeout("the answer did not end in time", request=request) from None

    async def aclose(self) -> None:
        await self._inner.aclose()


def _exchange_s(request: httpx.Request) -> float:
    read_s = request.extensions.get("timeout", {}).get("read") or 0.0
    return MAX_EXCHANGE_S + max(0.0, read_s - (TIMEOUTS.read or 0.0))


async def _read_bounded(response: httpx.Response) -> httpx.Response:
    raw = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - as httpx does
    async for chunk in response.stream:
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise invalid_response(response, f"an answer of more than {MAX_BODY_BYTES} bytes")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise invalid_response(response, "an answer in an encoding that was not asked for")
    response.headers.pop("Set-Cookie", None)  # the client keeps no cookies
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        content=bytes(raw),
        extensions=response.extensions,
    )


def _network_transport(base_url: str) -> httpx.AsyncBaseTransport:
    url = httpx.URL(base_url)
    variable, proxy = _proxy(url)
    # Plain http, allowed for loopback only, needs no four megabytes of certificates.
    verify = url.scheme == "https"
    try:
        return httpx.AsyncHTTPTransport(verify=verify, limits=LIMITS, proxy=proxy)
    except (ImportError, ValueError, httpx.InvalidURL):
        text = _("The proxy in {variable} cannot be used: set an http:// or https:// address.")
        raise SettingsInvalid(text.format(variable=variable)) from None


def _proxy(url: httpx.URL) -> tuple[str, str | None]:
    """Return the variable and address of the environment's proxy for `url`, none for loopback."""
    if is_loopback(url.host) or urllib.request.proxy_bypass(url.host):
        return "", None
    proxies = urllib.request.getproxies()
    for scheme in (url.scheme, "all"):
        if proxy := proxies.get(scheme):
            return f"{scheme}_proxy", proxy if "://" in proxy else f"http://{proxy}"
    return "", None
