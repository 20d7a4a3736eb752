"""Tests a link from this machine: fetches its first kilobyte, without the account's data."""

import asyncio
import socket
import ssl

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
"""For the whole test: a host may send one small piece after another."""


async def probe_link(url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> ProbeResult:
    """Ask the host of `url`; only at the user's request, since the host learns their address.

    Nothing is raised: errors are results too. `transport` replaces the network in tests.
    """
    headers = {"User-Agent": SERVICE_USER_AGENT, "Accept-Encoding": "identity"}
    try:
        async with (
            asyncio.timeout(TOTAL_TIMEOUT_S),
            httpx.AsyncClient(
                transport=transport,
                timeout=TIMEOUT_S,
                headers=headers,
            ) as http,
        ):
            return await _probe(http, url)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return ProbeResult(_error_status(error))


async def _probe(http: httpx.AsyncClient, url: str) -> ProbeResult:
    """Follow redirects to the first bytes; httpx would read the whole body of each."""
    request = http.build_request("GET", url, headers={"Range": f"bytes=0-{SAMPLE_BYTES - 1}"})
    for _ in range(MAX_REDIRECTS + 1):
        # Whoever has redirected there: what the service would not fetch, and this network.
        if check_url(str(request.url)) is not None:
            break
        if is_private(str(request.url)):
            return ProbeResult(ProbeStatus.PRIVATE)
        response = await http.send(request, stream=True)
        try:
            if response.next_request is None:
                return classify_response(url, await _sample(response))
        finally:
            await response.aclose()
        request = response.next_request
    return ProbeResult(ProbeStatus.UNEXPECTED)


async def _sample(response: httpx.Response) -> ProbeResponse:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= SAMPLE_BYTES:
            break
    sample = bytes(body[:SAMPLE_BYTES])
    return ProbeResponse(str(response.url), response.status_code, dict(response.headers), sample)


def _error_status(error: Exception) -> ProbeStatus:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return ProbeStatus.NO_SUCH_HOST
        if isinstance(cause, ssl.SSLError):
            return ProbeStatus.BAD_CERTIFICATE
        cause = cause.__cause__ or cause.__context__
    no_answer = (TimeoutError, httpx.TimeoutException, httpx.NetworkError)
    is_lost = isinstance(error, (*no_answer, httpx.RemoteProtocolError))
    return ProbeStatus.NOT_CONNECTED if is_lost else ProbeStatus.UNEXPECTED
