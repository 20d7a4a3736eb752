"""The link probe: what each response means, and what is never sent."""

import pytest

from pan123_tui.domain.link_probe import (
    ProbeResponse,
    ProbeStatus,
    classify_response,
    is_loopback,
    is_private,
)

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
        ("https://a.example/get", 200, HTML, b"<html>", V.LOGIN_PAGE),
        ("https://a.example/get", 200, {}, b"", V.REACHABLE),
        (FILE, 410, {}, b"", V.NOT_FOUND),
        *((FILE, 400, {}, words, V.EXPIRED) for words in (b"url_expire", b"Timeout of URL")),
        (FILE, 404, {}, b"has expired", V.NOT_FOUND),
        (FILE, 451, {}, b"", V.FORBIDDEN),
        (FILE, 407, {}, b"", V.LOGIN_PAGE),
        (FILE, 499, {}, b"", V.UNEXPECTED),
        (FILE, 429, {}, b"", V.SERVER_ERROR),
        (FILE, 500, HTML, b"<html>", V.SERVER_ERROR),
    ],
)
def test_each_answer_has_its_meaning(
    url: str, http_status: int, headers: dict[str, str], body: bytes, status: ProbeStatus
) -> None:
    response = ProbeResponse(url, http_status, headers, body)
    assert classify_response(url, response).status is status


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
def test_the_size_is_that_of_the_whole_file(
    http_status: int, headers: dict[str, str], size: int | None
) -> None:
    known = {"content-type": "Text/Plain; charset=x"} | headers
    result = classify_response(FILE, ProbeResponse("https://b.example/c", http_status, known))
    assert (result.size, result.http_status) == (size, http_status)
    assert (result.content_type, result.host) == ("text/plain", "b.example")


@pytest.mark.parametrize(
    ("url", "private"),
    [
        *(("http://192.168.1.7/a", True), ("http://10.0.0.1/a", True), ("http://[::1]/a", True)),
        *(("http://169.254.169.254/a", True), ("http://nas/a", True), ("http://NAS.local/a", True)),
        *(("http://a.lan/a", True), ("http://a.internal/a", True), ("http://localhost:8/a", True)),
        *(("http://8.8.8.8/a", False), ("http://[2606:4700::1]/a", False), (FILE, False)),
    ],
)
def test_a_private_host_is_known_by_address_and_name(url: str, private: bool) -> None:
    assert is_private(url) is private


@pytest.mark.parametrize(
    ("host", "loops"),
    [("LOCALHOST", True), ("127.1.2.3", True), ("::1", True), ("128.0.0.1", False), ("a.b", False)],
)
def test_a_loopback_host_is_this_machine(host: str, loops: bool) -> None:
    assert is_loopback(host) is loops
