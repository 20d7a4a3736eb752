"""The HTTP client: proxies of the environment, except for loopback, TLS and time-outs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from pan123_tui.api import connection as api_connection
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.link_probe import probe_link
from pan123_tui.domain.errors import UNSENT, EnvironmentUnusable, RequestNotSent, ResponseLost
from pan123_tui.domain.links.probes import ProbeStatus
from pan123_tui.wording.problems import explain_problem

REMOTE = "https://open-api.123pan.com"
VARIABLES = ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"]
VARIABLES += [f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")]


class Recorded(httpx.AsyncBaseTransport):
    """Records the options of the network transport."""

    options: dict[str, object]

    def __init__(self, **options: object) -> None:
        Recorded.options = options


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


PROXY = "http://p:3128"


@pytest.mark.parametrize(
    ("base_url", "environ", "proxy"),
    [
        (REMOTE, {}, None),
        (REMOTE, {"https_proxy": PROXY}, PROXY),
        (REMOTE, {"HTTPS_PROXY": PROXY, "all_proxy": "http://p:2"}, PROXY),
        (REMOTE, {"all_proxy": PROXY, "http_proxy": "http://p:2"}, PROXY),
        (REMOTE, {"https_proxy": "p:3128"}, PROXY),
        (REMOTE, {"ALL_PROXY": "socks://127.0.0.1:7891/ "}, "socks5h://127.0.0.1:7891/"),
        (REMOTE, {"https_proxy": " \n"}, None),
        (REMOTE, {"https_proxy": PROXY, "no_proxy": ".123pan.com"}, None),
        ("http://127.9.9.9:8", {"http_proxy": PROXY, "all_proxy": PROXY}, None),
        ("http://localhost:8", {"http_proxy": PROXY}, None),
        ("http://[::1]:8", {"http_proxy": PROXY}, None),
    ],
    ids=str,
)
def test_the_proxy_of_the_environment_is_used_but_for_this_machine_and_tls_is_verified(
    base_url: str, environ: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("pan123_tui.api.connection.NetworkTransport", Recorded)
    ServiceConnection(base_url).http()
    assert Recorded.options["proxy"] == proxy
    # Plain http is for loopback, and needs no certificates.
    assert Recorded.options["verify"] is base_url.startswith("https")
    assert Recorded.options.keys() == {"limits", "proxy", "verify"}


def test_a_renewal_address_is_verified_although_the_service_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pan123_tui.api.connection.NetworkTransport", Recorded)
    connection = ServiceConnection("http://127.0.0.1:9")
    for base_url, is_verified in (("", False), ("https://b.example/?t={refresh_token}", True)):
        connection.http(base_url)
        assert Recorded.options["verify"] is is_verified


@pytest.mark.parametrize(
    "proxy", ["ftp://u:pw@x", "http://[u:pw", "http://u:pw@127.0.0.1:99999", "://", "http://"]
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(EnvironmentUnusable) as caught:
        ServiceConnection(REMOTE).http()
    assert caught.value.problem.variable == "https_proxy"
    assert "pw" not in explain_problem(caught.value.problem).text


@pytest.mark.parametrize(
    ("variable", "what"),
    [
        *(("SSL_CERT_FILE", it) for it in ("missing/file", "folder", "garbage")),
        *(("SSLKEYLOGFILE", it) for it in ("missing/file", "folder")),
    ],
)
def test_a_file_for_tls_that_cannot_be_used_is_named_with_its_variable(
    variable: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "garbage").write_text("no certificate")
    path = str(tmp_path / what)
    monkeypatch.setenv(variable, path)
    with pytest.raises(EnvironmentUnusable) as caught:
        ServiceConnection(REMOTE).http()
    problem = caught.value.problem
    assert problem.variable == variable
    assert problem.message.startswith(path)


async def test_without_a_variable_certificates_that_cannot_be_read_are_blamed_on_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certifi.where", lambda: str(tmp_path / "missing"))
    with pytest.raises(RequestNotSent) as caught:
        ServiceConnection(REMOTE).http()
    problem = caught.value.problem
    assert (type(caught.value), problem.variable) == (RequestNotSent, "")
    assert problem.message == "certificates: No such file or directory"
    tested = await probe_link("https://93.184.216.34/1.iso")
    assert (tested.status, tested.variable) == (ProbeStatus.BAD_CERTIFICATE, "")


Proxy = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def answers_garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"\x00garbage\r\n\r\n")
    await writer.drain()


async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


async def breaks_the_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await reader.read(100)
    writer.close()


async def hangs(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    while await reader.read(100):
        pass


def address_of(server: asyncio.Server) -> str:
    host, port = server.sockets[0].getsockname()
    return f"{host}:{port}"


@pytest.mark.parametrize("proxy", [closes, answers_garbage, refuses, breaks_the_tls, hangs])
@pytest.mark.parametrize("scheme", ["http", "socks"])
async def test_what_fails_at_the_proxy_was_not_sent_and_the_variable_is_named(
    scheme: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_connection, "TO_BEGIN_S", 0.5)
    async with await asyncio.start_server(proxy, "127.0.0.1") as server:
        monkeypatch.setenv("all_proxy", f" {scheme}://{address_of(server)}\n")
        connection = ServiceConnection(REMOTE)
        async with aclosing(connection):
            with pytest.raises(RequestNotSent) as caught:
                await connection.send(connection.get("/api/v1/user/info"))
    assert type(caught.value) is RequestNotSent
    assert caught.value.problem.variable == "all_proxy"
    assert "all_proxy" in explain_problem(caught.value.problem).text


@pytest.mark.parametrize("answer", [b"", b"garbage"])
@pytest.mark.parametrize("scheme", ["http", "socks"])
async def test_the_connection_to_a_proxy_that_fails_is_closed(
    scheme: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_connection, "TO_BEGIN_S", 0.5)
    is_left = asyncio.Event()

    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await hangs(reader, writer)
        is_left.set()
        writer.close()

    async with await asyncio.start_server(fail, "127.0.0.1") as server:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://{address_of(server)}")
        connection = ServiceConnection(REMOTE)
        async with aclosing(connection):
            with pytest.raises(RequestNotSent):
                await connection.send(connection.get("/"))
            async with asyncio.timeout(10):
                await is_left.wait()


@pytest.mark.parametrize("is_proxy", [True, False])
async def test_a_cancelled_request_tells_whether_it_had_begun_to_leave(
    is_proxy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reached = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        is_reached.set()
        await hangs(reader, writer)

    async with await asyncio.start_server(hang, "127.0.0.1") as server:
        monkeypatch.setenv("https_proxy", f"http://{address_of(server)}")
        connection = ServiceConnection(REMOTE if is_proxy else f"http://{address_of(server)}")
        sending = asyncio.create_task(connection.send(connection.get("/")))
        await is_reached.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await sending
    assert (UNSENT in caught.value.args) is is_proxy


@pytest.mark.parametrize("server", [closes, answers_garbage, hangs])
async def test_what_fails_at_the_service_may_have_been_sent(
    server: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_connection, "READ_S", 0.2)
    async with await asyncio.start_server(server, "127.0.0.1") as listening:
        connection = ServiceConnection(f"http://{address_of(listening)}")
        async with aclosing(connection):
            with pytest.raises(ResponseLost):
                await connection.send(connection.get("/"))


async def test_every_phase_has_a_time_limit_and_redirects_are_off() -> None:
    async with ServiceConnection(REMOTE).http() as http:
        timeouts = http.timeout
        assert None not in (timeouts.connect, timeouts.read, timeouts.write, timeouts.pool)
        assert not http.follow_redirects
        assert not http.trust_env


async def test_no_cookie_is_kept() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "sid=abc; Path=/"}, json={})

    async with ServiceConnection(REMOTE, transport=httpx.MockTransport(answer)).http() as client:
        for _ in range(2):
            await client.get("/")
    assert sent == [None, None]
