"""The link probe: what each response means, and what is never sent."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from msgspec.structs import replace

from pan123_tui.api.link_probe import probe_link
from pan123_tui.domain.link_probe import (
    ProbeResponse,
    ProbeStatus,
    classify_response,
    is_private,
)
from pan123_tui.wording.outcomes import link_check_text

V = ProbeStatus
FILE = "https://files.example.com/a.iso"
HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("url", "http_status", "headers", "body", "status"),
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
        (FILE, 429, {}, b"", V.SERVER_ERROR),
        (FILE, 500, {}, b"", V.SERVER_ERROR),
        (FILE, 418, {}, b"", V.UNEXPECTED),
    ],
)
def test_each_answer_has_its_meaning(
    url: str, http_status: int, headers: dict[str, str], body: bytes, status: ProbeStatus
) -> None:
    response = ProbeResponse(url, http_status, headers, body)
    assert classify_response(url, response).status is status


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.7/a",
        "http://[::1]/a",
        "http://169.254.169.254/latest",
        "http://nas/a",
        "http://nas.local/a",
    ],
)
async def test_an_address_of_a_private_network_is_never_asked(url: str) -> None:
    assert is_private(url)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    probe = partial(probe_link, transport=httpx.MockTransport(refuse))
    assert (await probe(url)).status is V.PRIVATE


async def test_the_first_kilobyte_is_asked_for_without_any_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"x" * 5000)

    check = await probe_link(FILE, transport=httpx.MockTransport(answer))
    assert (check.status, check.size, check.host) == (V.REACHABLE, 5000, "files.example.com")
    (request,) = seen
    assert request.headers["Range"] == "bytes=0-1023"
    assert "authorization" not in request.headers
    assert "Chrome/124.0.0.0" in request.headers["User-Agent"]
    assert "pan123" not in str(request.headers)


async def test_redirects_are_followed_a_few_times_and_never_into_a_private_network() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        targets = {
            "/a.iso": "/login?next=a",
            "/inside.iso": "http://192.168.0.1/a",
            "/loop.iso": "/loop.iso",
            "/file.iso": "file:///etc/passwd",
        }
        if target := targets.get(request.url.path):
            return httpx.Response(302, headers={"location": target})
        return httpx.Response(200, headers=HTML, content=b"<html>")

    probe = partial(probe_link, transport=httpx.MockTransport(answer))
    base = "https://files.example.com"
    assert (await probe(f"{base}/a.iso")).status is V.LOGIN_PAGE
    assert (await probe(f"{base}/inside.iso")).status is V.PRIVATE
    assert (await probe(f"{base}/loop.iso")).status is V.UNEXPECTED
    assert (await probe(f"{base}/file.iso")).status is V.UNEXPECTED


class Unread(httpx.AsyncByteStream):
    """A body that may have no end."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        raise AssertionError("it was read")


async def test_of_a_redirect_nothing_but_its_headers_is_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/b.iso":
            return httpx.Response(200, content=b"x")
        return httpx.Response(302, headers={"location": "/b.iso"}, stream=Unread())

    probe = partial(probe_link, transport=httpx.MockTransport(answer))
    assert (await probe(FILE)).status is V.REACHABLE


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ReadTimeout("slow"), V.NOT_CONNECTED),
        (httpx.ConnectError("refused"), V.NOT_CONNECTED),
        (httpx.RemoteProtocolError("cut"), V.NOT_CONNECTED),
    ],
)
async def test_a_connection_error_is_a_status(error: Exception, status: ProbeStatus) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    assert (await probe_link(FILE, transport=httpx.MockTransport(fail))).status is status


async def test_a_host_that_does_not_exist_is_told_apart() -> None:
    check = await probe_link("https://no-such-host.invalid/a.iso")
    assert check.status in (V.NO_SUCH_HOST, V.NOT_CONNECTED)


def test_every_status_has_a_text() -> None:
    for status in ProbeStatus:
        check = classify_response(FILE, ProbeResponse(FILE, 200))
        assert link_check_text(replace(check, status=status))
