"""The link probe: what is sent, what is never sent, and what of an answer is read."""

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from pan123_tui.api import link_probe
from pan123_tui.api.link_probe import probe_link
from pan123_tui.domain.links.probes import probe_links
from pan123_tui.domain.links.url import ProbeResult, ProbeStatus
from tests.api_stage import in_virtual_time
from tests.dead_links import dead_links

V = ProbeStatus
FILE = "https://files.example.com/a.iso"
HTML = {"content-type": "text/html; charset=utf-8"}


async def body(pieces: int) -> AsyncIterator[bytes]:
    """Yield `pieces` of a thousand bytes, of which the last must not be read."""
    for _ in range(pieces - 1):
        yield b"x" * 1000
    raise AssertionError("too much was read")


async def once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


def answering(response: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _request: response)


@pytest.mark.parametrize(
    ("url", "http_status", "headers", "words", "status"),
    [
        (FILE, 206, {"content-range": "bytes 0-1023/5000"}, b"..", V.REACHABLE),
        (FILE, 200, {}, b"..", V.REACHABLE),
        (FILE, 404, {}, b"", V.NOT_FOUND),
        (FILE, 403, {}, b"AccessDenied", V.FORBIDDEN),
        (FILE, 403, {}, b"<Code>AccessDenied</Code> Request has expired", V.EXPIRED),
        (FILE, 403, {}, "链接已过期".encode(), V.EXPIRED),
        (FILE, 401, {}, b"", V.LOGIN_PAGE),
        (FILE, 200, HTML, b"<html>", V.LOGIN_PAGE),
        ("https://example.com/page.html", 200, HTML, b"<html>", V.REACHABLE),
        ("https://a.example/get", 200, HTML, b"<html>", V.LOGIN_PAGE),
        ("https://a.example/get", 200, {}, b"", V.REACHABLE),
        (FILE, 410, {}, b"", V.NOT_FOUND),
        *((FILE, 400, {}, it, V.EXPIRED) for it in (b"url_expire", b"Timeout of URL")),
        (FILE, 404, {}, b"has expired", V.NOT_FOUND),
        (FILE, 451, {}, b"", V.FORBIDDEN),
        (FILE, 407, {}, b"", V.LOGIN_PAGE),
        (FILE, 499, {}, b"", V.UNEXPECTED),
        (FILE, 429, {}, b"", V.SERVER_ERROR),
        (FILE, 500, HTML, b"<html>", V.SERVER_ERROR),
    ],
)
async def test_each_answer_has_its_meaning(
    url: str, http_status: int, headers: dict[str, str], words: bytes, status: ProbeStatus
) -> None:
    response = httpx.Response(http_status, headers=headers, content=words)
    assert (await probe_link(url, transport=answering(response))).status is status


@pytest.mark.parametrize(
    ("http_status", "headers", "size"),
    [
        (206, {"content-range": "bytes 0-1023/5000"}, 5000),
        (206, {"content-range": "bytes 0-1023/*", "content-length": "1024"}, None),
        (206, {"content-length": "1024"}, None),
        (200, {"content-length": "5000"}, 5000),
        (200, {"content-length": "-1"}, None),
        (200, {"content-length": "9" * 19}, None),
        (200, {}, None),
    ],
)
async def test_the_size_is_that_of_the_whole_file(
    http_status: int, headers: dict[str, str], size: int | None
) -> None:
    known = {"content-type": "Text/Plain; charset=x"} | headers
    response = httpx.Response(http_status, headers=known)
    result = await probe_link(FILE, transport=answering(response))
    assert (result.size, result.http_status) == (size, http_status)
    assert (result.content_type, result.host) == ("text/plain", "files.example.com")


async def test_the_first_kilobyte_alone_is_asked_for_and_read_without_any_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Content-Length": "5000"}, content=body(3))

    check = await probe_link(FILE, transport=httpx.MockTransport(answer))
    assert (check.status, check.size, check.host) == (V.REACHABLE, 5000, "files.example.com")
    (request,) = seen
    assert request.headers["Range"] == "bytes=0-1023"
    assert "authorization" not in request.headers
    assert "Chrome/124.0.0.0" in request.headers["User-Agent"]
    assert "pan123" not in str(request.headers)


@pytest.mark.parametrize(("hops", "status"), [(5, V.REACHABLE), (6, V.UNEXPECTED)])
async def test_five_redirects_are_followed_of_which_nothing_but_the_headers_is_read(
    hops: int, status: ProbeStatus
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Range"])
        if len(asked) > hops:
            return httpx.Response(200, content=b"x")
        return httpx.Response(
            302, headers={"location": f"https://h{len(asked)}.example/"}, content=body(1)
        )

    check = await probe_link(FILE, transport=httpx.MockTransport(answer))
    assert check.status is status
    assert check.host == (f"h{hops}.example" if status is V.REACHABLE else "")
    assert set(asked) == {"bytes=0-1023"}


async def test_an_address_of_a_private_network_is_never_asked_not_even_as_a_redirect() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        targets = {
            "/a.iso": "/login?next=a",
            "/inside.iso": "http://192.168.0.1/a",
            "/file.iso": "file:///etc/passwd",
        }
        if target := targets.get(request.url.path):
            return httpx.Response(302, headers={"location": target})
        return httpx.Response(200, headers=HTML, content=b"<html>")

    asked: list[str] = []
    probe = partial(probe_link, transport=httpx.MockTransport(answer))
    base = "https://files.example.com"
    assert (await probe("http://nas/a")).status is V.PRIVATE
    assert asked == []
    assert (await probe(f"{base}/a.iso")).status is V.LOGIN_PAGE
    assert (await probe(f"{base}/inside.iso")).host == "192.168.0.1"
    assert (await probe(f"{base}/inside.iso", asks_private=True)).status is V.PRIVATE
    assert (await probe("http://nas/b.iso", asks_private=True)).status is V.LOGIN_PAGE
    assert (await probe(f"{base}/file.iso")).status is V.UNEXPECTED


def caused(error: Exception, cause: Exception) -> Exception:
    """Return `error` as httpx raises it: httpcore, in between, names no cause of its own."""
    error.__cause__ = OSError("httpcore")
    error.__cause__.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ReadTimeout("slow"), V.NOT_CONNECTED),
        (httpx.ConnectError("refused"), V.NOT_CONNECTED),
        (httpx.RemoteProtocolError("cut"), V.NOT_CONNECTED),
        (TimeoutError(), V.NOT_CONNECTED),
        (caused(httpx.ConnectError("dns"), socket.gaierror(-2, "unknown")), V.NO_SUCH_HOST),
        (caused(httpx.ConnectError("tls"), ssl.SSLError("expired")), V.BAD_CERTIFICATE),
        (httpx.InvalidURL("odd"), V.UNEXPECTED),
    ],
    ids=repr,
)
async def test_a_connection_error_is_a_status(error: Exception, status: ProbeStatus) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    result = await probe_link(FILE, transport=httpx.MockTransport(fail))
    assert result.status is status
    assert (result.host == "files.example.com") is isinstance(error, httpx.RequestError)


async def test_the_proxies_of_the_environment_are_read_as_for_the_service_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(**options: object) -> httpx.MockTransport:
        proxies.append(options["proxy"])
        location = {"location": "https://near.example/"}
        return httpx.MockTransport(lambda _request: httpx.Response(302, headers=location))

    proxies: list[object] = []
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    monkeypatch.setattr("pan123_tui.api.connection.NetworkTransport", connect)
    monkeypatch.setenv("ALL_PROXY", "socks://p.example:1")
    monkeypatch.setenv("no_proxy", "near.example")
    assert (await probe_link(FILE)).status is V.UNEXPECTED
    assert proxies == ["socks5h://p.example:1", *[None] * 5]
    monkeypatch.setenv("https_proxy", "ftp://p.example")
    result = await probe_link(FILE)
    assert (result.status, result.variable) == (V.ENVIRONMENT_UNUSABLE, "https_proxy")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A host with dead links behind a proxy; the name of another one leads nowhere."""

    def look_up(name: Any, *options: Any, **more: Any) -> Any:
        if name == "gone.example":
            raise socket.gaierror(-2, "unknown")
        return former(name, *options, **more)

    former = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with dead_links() as address:
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("no_proxy", "gone.example")
        yield "http://files.example.com"


async def test_dead_links_are_told_apart_at_a_real_host(host: str) -> None:
    expected = {
        f"{host}/404.iso": (V.NOT_FOUND, 404, None),
        f"{host}/410.iso": (V.NOT_FOUND, 410, None),
        f"{host}/403.iso": (V.FORBIDDEN, 403, None),
        f"{host}/401.iso": (V.LOGIN_PAGE, 401, None),
        f"{host}/500.iso": (V.SERVER_ERROR, 500, None),
        f"{host}/page.iso": (V.LOGIN_PAGE, 200, 6),
        f"{host}/expired.iso": (V.EXPIRED, 403, None),
        f"{host}/loop.iso": (V.UNEXPECTED, None, None),
        f"{host}/silent.iso": (V.NOT_CONNECTED, None, None),
        "http://gone.example/a.iso": (V.NO_SUCH_HOST, None, None),
        "http://127.0.0.1/a.iso": (V.PRIVATE, None, None),
        f"{host}/good.iso": (V.REACHABLE, 206, 5 * 2**30),
        f"{host}/good": (V.REACHABLE, 200, None),
        f"{host}/endless.iso": (V.REACHABLE, 200, None),
    }
    found: dict[str, ProbeResult] = {}

    async def probe(url: str) -> None:
        found[url] = await probe_link(url)

    await probe_links(expected, probe)
    assert {url: (it.status, it.http_status, it.size) for url, it in found.items()} == expected


async def test_the_certificates_are_read_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = list[int]()

    def network(_url: httpx.URL) -> httpx.AsyncBaseTransport:
        threads.append(threading.get_ident())
        return answering(httpx.Response(200))

    monkeypatch.setattr(link_probe, "network_transport", network)
    await probe_link(FILE)
    assert threads
    assert threading.get_ident() not in threads


async def test_what_a_host_has_packed_is_not_unpacked() -> None:
    packed = gzip.compress(b"Request has expired")
    response = httpx.Response(403, headers={"content-encoding": "gzip"}, content=once(packed))
    assert (await probe_link(FILE, transport=answering(response))).status is V.FORBIDDEN


@in_virtual_time
async def test_a_test_takes_at_most_ten_seconds() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(9)
            yield b"x"

    began = asyncio.get_running_loop().time()
    response = httpx.Response(200, content=drip())
    assert (await probe_link(FILE, transport=answering(response))).status is V.NOT_CONNECTED
    assert 10 <= asyncio.get_running_loop().time() - began < 11
