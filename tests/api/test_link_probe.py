"""The link probe: what is sent, what is never sent, and what of an answer is read."""

import asyncio
import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from pan123_tui.api import link_probe
from pan123_tui.api.link_probe import probe_link
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus, probe_links
from tests.api_stage import in_virtual_time
from tests.dead_links import dead_links

V = ProbeStatus
Names = dict[str, list[str]]
FILE = "https://files.example/a.iso"
CERTIFICATE = Path(__file__).parent.parent / "engine" / "self_signed.pem"
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
    assert (result.content_type, result.host) == ("text/plain", "files.example")


async def test_the_first_kilobyte_alone_is_asked_for_and_read_without_any_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Content-Length": "5000"}, content=body(3))

    check = await probe_link(FILE, transport=httpx.MockTransport(answer))
    assert (check.status, check.size, check.host) == (V.REACHABLE, 5000, "files.example")
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
    assert check.url == (f"https://h{hops}.example/" if status is V.REACHABLE else "")
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
    base = "https://files.example"
    assert (await probe("http://nas/a")).status is V.PRIVATE
    assert asked == []
    assert (await probe(f"{base}/a.iso")).status is V.LOGIN_PAGE
    inside = await probe(f"{base}/inside.iso")
    assert (inside.status, inside.host) == (V.PRIVATE, "192.168.0.1")
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
    assert (result.host == "files.example") is isinstance(error, httpx.RequestError)


async def test_the_proxies_of_the_environment_are_read_as_for_the_service_itself(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(**options: object) -> httpx.MockTransport:
        proxies.append(options["proxy"])
        location = {"location": "https://near.example/"}
        return httpx.MockTransport(lambda _request: httpx.Response(302, headers=location))

    proxies: list[object] = []
    names["near.example"] = [PUBLIC]
    monkeypatch.setattr("pan123_tui.api.connection.NetworkTransport", connect)
    monkeypatch.setenv("ALL_PROXY", "socks://p.example:1")
    monkeypatch.setenv("no_proxy", "near.example")
    assert (await probe_link(FILE)).status is V.UNEXPECTED
    assert proxies == ["socks5h://p.example:1", *[None] * 5]
    monkeypatch.setenv("https_proxy", "ftp://p.example")
    result = await probe_link(FILE)
    assert (result.status, result.variable) == (V.ENVIRONMENT_UNUSABLE, "https_proxy")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What names resolve to, `next:` from the second time on; of others, none is known."""
    known: Names = {"gone.example": []}

    def look_up(host: bytes | str, port: Any, *options: Any, **more: Any) -> Any:
        name = host if isinstance(host, str) else host.decode()
        if not name.endswith(".example"):
            return former(host, port, *options, **more)
        addresses = known.get(name, [])
        known[name] = known.get(f"next:{name}", addresses)
        if not addresses:
            raise socket.gaierror(-2, "unknown")
        return [it for address in addresses for it in former(address, port or 0, *options, **more)]

    former = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for scheme in ("http", "https", "all"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    return known


@pytest.fixture
def local_host(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a host at 127.0.0.1, which stands in for a public address."""
    monkeypatch.setattr(link_probe, "_STAND_INS", ipaddress.ip_network("127.0.0.1/32"))
    with dead_links() as address:
        yield int(address.rpartition(":")[2])


PUBLIC = "93.184.216.34"
OWN = (
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "224.0.0.251", "255.255.255.255", "::", "::1", "fe80::1"),
    *("fd00::1", "fec0::1", "ff02::fb", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1"),
    *("2002:7f00:1::", "2002:c0a8:101::"),
)


@pytest.mark.parametrize("has_proxy", [False, True])
@pytest.mark.parametrize("address", OWN)
async def test_no_name_leads_to_an_address_of_the_own_network(
    names: Names, monkeypatch: pytest.MonkeyPatch, address: str, *, has_proxy: bool
) -> None:
    names["inside.example"] = [PUBLIC, address]
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"location": "http://inside.example/"})

    monkeypatch.setattr(link_probe, "network_transport", lambda _url: httpx.MockTransport(answer))
    if has_proxy:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    result = await probe_link("http://inside.example/a.iso")
    assert (result.status, result.host, asked) == (V.PRIVATE, "inside.example", [])
    names["outside.example"] = [PUBLIC]
    result = await probe_link("http://outside.example/a.iso")
    assert (result.status, result.host, len(asked)) == (V.PRIVATE, "inside.example", 1)


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.0.0.1", "2130706433", "017700000001", "[::ffff:7f00:1]"]
)
async def test_no_odd_spelling_leads_to_this_machine(names: Names, host: str) -> None:
    with dead_links() as address:
        port = address.rpartition(":")[2]
        assert (await probe_link(f"http://{host}:{port}/good.iso")).status is V.PRIVATE


async def test_the_connection_goes_to_the_address_that_was_looked_at_or_to_the_next_one(
    names: Names, local_host: int
) -> None:
    link = f"http://files.example:{local_host}/good.iso"
    names |= {"files.example": ["127.0.0.1"], "next:files.example": ["127.0.0.2"]}
    result = await probe_link(link)
    assert (result.status, result.host) == (V.REACHABLE, "files.example")
    assert (await probe_link(link)).status is V.PRIVATE


async def test_where_one_address_takes_no_connection_the_next_one_is_asked(
    names: Names, local_host: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_probe, "_STAND_INS", ipaddress.ip_network("127.0.0.0/8"))
    names["files.example"] = ["127.0.0.2", "127.0.0.1"]
    link = f"http://files.example:{local_host}/good.iso"
    assert (await probe_link(link)).status is V.REACHABLE


async def test_the_certificate_must_be_for_the_name_and_not_for_its_address(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)  # for 127.0.0.1
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setattr(link_probe, "_STAND_INS", ipaddress.ip_network("127.0.0.1/32"))
    names["files.example"] = ["127.0.0.1"]
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        result = await probe_link(f"https://files.example:{port}/a.iso")
    assert (result.status, asked) == (V.BAD_CERTIFICATE, ["files.example"])


@pytest.fixture
def host(names: Names, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A host with dead links behind a proxy, which alone knows its name."""
    with dead_links() as address:
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("no_proxy", "gone.example")
        yield "http://files.example"


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


async def test_the_certificates_are_read_in_a_thread(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = list[int]()

    def network(_url: httpx.URL) -> httpx.AsyncBaseTransport:
        threads.append(threading.get_ident())
        return answering(httpx.Response(200))

    monkeypatch.setattr(link_probe, "network_transport", network)
    names["files.example"] = [PUBLIC]
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
