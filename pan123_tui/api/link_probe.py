"""Tests a link from this machine: fetches its first kilobyte, without the account's data."""

import asyncio
import socket
import ssl
from collections.abc import Iterator

import httpx

from pan123_tui.domain.link_probe import (
    SAMPLE_BYTES,
    ProbeResponse,
    ProbeResult,
    ProbeStatus,
    classify_response,
    is_private,
)
from pan123_tui.domain.links.url import check_url

SERVICE_USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36"
)
"""How the service's own downloader is seen (one client's code says so): hosts may look at it."""
MAX_REDIRECTS = 5
TIMEOUT_S = 10.0
TOTAL_TIMEOUT_S = 30.0
"""For the whole test: a host may send one small piece after the other."""


class LinkProbe:
    """Asks a link's host, and only on the user's wish, since the host learns their address."""

    def __init__(self, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport

    async def probe(self, url: str) -> ProbeResult:
        """Return the result of testing `url`; it raises nothing, errors are results too."""
        try:
            async with (
                asyncio.timeout(TOTAL_TIMEOUT_S),
                httpx.AsyncClient(
                    transport=self._transport,
                    timeout=TIMEOUT_S,
                    event_hooks={"request": [_check]},
                    headers={
                        "User-Agent": SERVICE_USER_AGENT,
                        "Accept-Encoding": "identity",
                    },
                ) as http,
            ):
                return classify_response(url, await self._fetch_sample(http, url))
        except TimeoutError:
            return ProbeResult(ProbeStatus.NOT_CONNECTED)
        except _NotAsked as refusal:
            return ProbeResult(refusal.status)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
            return ProbeResult(_error_status(error))

    async def _fetch_sample(self, http: httpx.AsyncClient, url: str) -> ProbeResponse:
        """Follow redirects, of which httpx would read the whole body, to the first bytes."""
        ranged = {"Range": f"bytes=0-{SAMPLE_BYTES - 1}"}
        request = http.build_request("GET", url, headers=ranged)
        for _ in range(MAX_REDIRECTS + 1):
            response = await http.send(request, stream=True)
            try:
                if response.next_request is None:
                    return await _sample(response)
            finally:
                await response.aclose()
            request = response.next_request
        raise httpx.TooManyRedirects("too many redirects")


async def _sample(response: httpx.Response) -> ProbeResponse:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= SAMPLE_BYTES:
            break
    sample = bytes(body[:SAMPLE_BYTES])
    return ProbeResponse(str(response.url), response.status_code, dict(response.headers), sample)


class _NotAsked(Exception):
    """An address is not asked, whoever has redirected to it."""

    def __init__(self, status: ProbeStatus) -> None:
        super().__init__(status)
        self.status = status


async def _check(request: httpx.Request) -> None:
    """Raise `_NotAsked` unless the service would fetch the address, and it is not in this net."""
    url = str(request.url)
    if check_url(url) is not None:
        raise _NotAsked(ProbeStatus.UNEXPECTED)
    if is_private(url):
        raise _NotAsked(ProbeStatus.PRIVATE)


def _error_status(error: Exception) -> ProbeStatus:
    if isinstance(error, httpx.TimeoutException):
        return ProbeStatus.NOT_CONNECTED
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return ProbeStatus.NO_SUCH_HOST
        if isinstance(cause, ssl.SSLError):
            return ProbeStatus.BAD_CERTIFICATE
    is_network = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)
    return ProbeStatus.NOT_CONNECTED if is_network else ProbeStatus.UNEXPECTED


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
