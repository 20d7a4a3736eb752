"""The HTTP client: proxies of the environment, except for loopback, TLS and time-outs."""

import httpx
import pytest

from pan123_tui.api.connection import create_http_client
from pan123_tui.domain.errors import SettingsInvalid

REMOTE = "https://open-api.123pan.com"
VARIABLES = [f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")]


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


def proxy_for(base_url: str, monkeypatch: pytest.MonkeyPatch, **environ: str) -> object:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("httpx.AsyncHTTPTransport", Recorded)
    create_http_client(base_url, None)
    return Recorded.options["proxy"]


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_the_proxy_of_the_environment_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for(REMOTE, monkeypatch, **{name: "http://p:3128"}) == "http://p:3128"


def test_a_proxy_without_a_scheme_means_http(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for(REMOTE, monkeypatch, https_proxy="p:3128") == "http://p:3128"


def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"https_proxy": "http://p:1", "no_proxy": ".123pan.com"}
    assert proxy_for(REMOTE, monkeypatch, **environ) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"])
def test_this_machine_is_reached_without_a_proxy(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"http_proxy": "http://p:1", "all_proxy": "http://p:2"}
    assert proxy_for(f"http://{host}:8000", monkeypatch, **environ) is None


@pytest.mark.parametrize("proxy", ["socks://u:pw@127.0.0.1:1080", "ftp://u:pw@x", "http://[u:pw"])
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(SettingsInvalid, match="https_proxy") as caught:
        create_http_client(REMOTE, None)
    assert "pw" not in str(caught.value)


def test_tls_is_verified_as_httpx_does_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for(REMOTE, monkeypatch) is None
    assert Recorded.options.keys() == {"limits", "proxy", "verify"}
    assert Recorded.options["verify"] is True


def test_on_plain_http_which_is_for_loopback_no_certificates_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert proxy_for("http://127.0.0.1:8", monkeypatch) is None
    assert Recorded.options["verify"] is False


async def test_every_phase_has_a_time_limit_and_redirects_are_off() -> None:
    async with create_http_client(REMOTE, None) as http:
        timeouts = http.timeout
        assert None not in (timeouts.connect, timeouts.read, timeouts.write, timeouts.pool)
        assert not http.follow_redirects
        assert not http.trust_env


async def test_no_cookie_is_kept() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "sid=abc; Path=/"}, json={})

    async with create_http_client(REMOTE, httpx.MockTransport(answer)) as client:
        for _ in range(2):
            await client.get("/")
    assert sent == [None, None]
