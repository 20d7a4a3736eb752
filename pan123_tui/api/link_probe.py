"""Tests a link from this machine: fetches its first kilobyte, without the account's data.

Nothing is asked at an address of this machine or of its own network, whatever name leads there.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from contextlib import aclosing, suppress
from http.cookiejar import CookieJar

import httpx

from pan123_tui.api.connection import causes, network_transport
from pan123_tui.api.environment import proxy_for
from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.domain.links.file_names import guess_name, split_name
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.links.url import check_url, host_of, is_private, is_public

SERVICE_USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36"
)
"""How the service's own downloader is seen (one client's code says so): hosts may look at it."""
MAX_REDIRECTS = 5
SAMPLE_BYTES = 1024
HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Range": f"bytes=0-{SAMPLE_BYTES - 1}",
    "User-Agent": SERVICE_USER_AGENT,
}
_PAGE_EXTENSIONS = frozenset({".html", ".htm", ".php", ".asp", ".aspx", ".jsp"})
_EXPIRED = re.compile(r"expired|has expire|过期|失效|timeout of url|url_expire", re.IGNORECASE)
_REFUSAL_STATUSES = frozenset({400, 401, 403, 410})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_BY_STATUS = {
    403: ProbeStatus.FORBIDDEN,
    404: ProbeStatus.NOT_FOUND,
    410: ProbeStatus.NOT_FOUND,
    451: ProbeStatus.FORBIDDEN,
    429: ProbeStatus.SERVER_ERROR,
}
TIMEOUT_S = 10.0
"""For the whole test: a host may send one small piece after another."""


_STAND_INS = ipaddress.ip_network("198.18.0.0/15")
"""A proxy that takes all of a machine's traffic, such as Clash, gives one of these to each name."""


class _OwnNetwork(httpx.ConnectError):
    """The host has an address of this machine or of a network of its own."""


class _PublicTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses only, which it looks up itself, as a name may change them.

    A proxy looks names up itself: those that are known here as not public are not asked for.
    """

    def __init__(self, url: httpx.URL) -> None:
        """Raises `RequestNotSent`."""
        self._has_proxy = proxy_for(url.scheme, url.host)[1] is not None
        self._network = network_transport(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, loop = request.url.raw_host, asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            if not self._has_proxy:
                raise httpx.ConnectError(str(error)) from error
            found = []
        addresses = [*dict.fromkeys(str(place[0]) for *_, place in found)]
        if not all(map(_may_be_asked, addresses)):
            raise _OwnNetwork("an address of the own network")
        if self._has_proxy:
            return await self._network.handle_async_request(request)
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._ask(request, address, connect_s=TIMEOUT_S / len(addresses))
        return await self._ask(request, addresses[-1], connect_s=TIMEOUT_S)

    async def _ask(
        self, request: httpx.Request, address: str, *, connect_s: float
    ) -> httpx.Response:
        """Send `request` to an `address` of its host, whose certificate must be for the name."""
        name = request.url.raw_host.decode()
        timeout = request.extensions["timeout"] | {"connect": connect_s}
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            extensions=request.extensions | {"sni_hostname": name, "timeout": timeout},
        )
        return await self._network.handle_async_request(sent)

    async def aclose(self) -> None:
        await self._network.aclose()


def _may_be_asked(address: str) -> bool:
    return is_public(address) or ipaddress.ip_address(address) in _STAND_INS


async def probe_link(url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> ProbeResult:
    """Ask the host of `url`, only if the user asks: it learns their address. Raises nothing."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _probe(url, transport)
    except RequestNotSent as error:
        variable = error.problem.variable
        status = ProbeStatus.ENVIRONMENT_UNUSABLE if variable else ProbeStatus.BAD_CERTIFICATE
        return ProbeResult(status, variable=variable)
    except httpx.RequestError as error:
        return ProbeResult(_error_status(error), host=host_of(str(error.request.url))[:253])
    except (ArithmeticError, OSError, httpx.InvalidURL, ValueError) as error:
        return ProbeResult(_error_status(error))


async def _probe(url: str, transport: httpx.AsyncBaseTransport | None) -> ProbeResult:
    """Follow redirects to the first bytes; httpx would read the whole body of each."""
    request, cookies = httpx.Request("GET", url, headers=HEADERS), CookieJar()
    for _ in range(MAX_REDIRECTS + 1):
        # Whoever has redirected there: what the service would not fetch, and this network.
        if check_url(str(request.url)) is not None:
            break
        if is_private(str(request.url)):
            return ProbeResult(ProbeStatus.PRIVATE, host=host_of(str(request.url))[:253])
        async with (
            httpx.AsyncClient(  # each host may have another proxy
                # In a thread, as its certificates take time.
                transport=transport or await asyncio.to_thread(_PublicTransport, request.url),
                timeout=TIMEOUT_S,
                cookies=cookies,
                trust_env=False,
            ) as http,
            aclosing(await http.send(request, stream=True)) as response,
        ):
            if response.next_request is None:
                response.headers.pop("content-encoding", None)  # a little may unpack to a lot
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) >= SAMPLE_BYTES:
                        break
                return _result(url, response, body[:SAMPLE_BYTES].decode("utf-8", "replace"))
        request = response.next_request
    return ProbeResult(ProbeStatus.UNEXPECTED)


def _result(url: str, response: httpx.Response, sample: str) -> ProbeResult:
    """Return what `response`, which begins with `sample`, says of the link `url`."""
    headers = response.headers
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    total = headers.get("content-range", "").rpartition("/")[2]
    length = total or (headers.get("content-length", "") if response.status_code == 200 else "")
    is_size = length.isascii() and length.isdigit() and len(length) < 19
    return ProbeResult(
        _status(url, response.status_code, content_type, sample),
        response.status_code,
        int(length) if is_size else None,
        content_type[:100],
        host_of(str(response.url))[:253],
        url=str(response.url) if response.url != httpx.URL(url) else "",
    )


def _status(url: str, code: int, content_type: str, sample: str) -> ProbeStatus:
    if code in _REFUSAL_STATUSES and _EXPIRED.search(sample):
        return ProbeStatus.EXPIRED
    is_whole = code in (200, 206)
    is_page = content_type in _HTML_TYPES
    expects_page = split_name(guess_name(url))[1].lower() in _PAGE_EXTENSIONS
    if code in (401, 407) or (is_whole and is_page and not expects_page):
        return ProbeStatus.LOGIN_PAGE
    if code in _BY_STATUS:
        return _BY_STATUS[code]
    if is_whole:
        return ProbeStatus.REACHABLE
    return ProbeStatus.SERVER_ERROR if code >= 500 else ProbeStatus.UNEXPECTED


def _error_status(error: Exception) -> ProbeStatus:
    if isinstance(error, _OwnNetwork):
        return ProbeStatus.PRIVATE
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return ProbeStatus.NO_SUCH_HOST
        if isinstance(cause, ssl.SSLError):
            return ProbeStatus.BAD_CERTIFICATE
    no_answer = (TimeoutError, httpx.TimeoutException, httpx.NetworkError)
    is_lost = isinstance(error, (*no_answer, httpx.RemoteProtocolError))
    return ProbeStatus.NOT_CONNECTED if is_lost else ProbeStatus.UNEXPECTED
