"""The link probe: what each response means, and what is never sent."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.link_probe import (
    ProbeResponse,
    ProbeStatus,
    classify_response,
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


def test_every_status_has_a_text() -> None:
    for status in ProbeStatus:
        check = classify_response(FILE, ProbeResponse(FILE, 200))
        assert link_check_text(replace(check, status=status))
