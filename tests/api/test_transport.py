"""The HTTP client: proxies of the environment, except for loopback, TLS and time-outs."""

import httpx
import pytest

from pan123_tui.api.connection import ServiceConnection, create_http_client
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


PROXY = "http://p:3128"


@pytest.mark.parametrize(
    ("base_url", "environ", "proxy"),
    [
        (REMOTE, {}, None),
        (REMOTE, {"https_proxy": PROXY}, PROXY),
        (REMOTE, {"HTTPS_PROXY": PROXY, "all_proxy": "http://p:2"}, PROXY),
        (REMOTE, {"all_proxy": PROXY, "http_proxy": "http://p:2"}, PROXY),
        (REMOTE, {"https_proxy": "p:3128"}, PROXY),
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
    monkeypatch.setattr("httpx.AsyncHTTPTransport", Recorded)
    create_http_client(base_url, None)
    assert Recorded.options["proxy"] == proxy
    # Plain http is for loopback, and needs no certificates.
    assert Recorded.options["verify"] is base_url.startswith("https")
    assert Recorded.options.keys() == {"limits", "proxy", "verify"}


def test_a_renewal_address_is_verified_although_the_service_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("httpx.AsyncHTTPTransport", Recorded)
    connection = ServiceConnection("http://127.0.0.1:9")
    for base_url, is_verified in (("", False), ("https://b.example/?t={refresh_token}", True)):
        connection.http(base_url)
        assert Recorded.options["verify"] is is_verified


@pytest.mark.parametrize("proxy", ["socks://u:pw@127.0.0.1:1080", "ftp://u:pw@x", "http://[u:pw"])
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(SettingsInvalid, match="https_proxy") as caught:
        create_http_client(REMOTE, None)
    assert "pw" not in str(caught.value)


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
