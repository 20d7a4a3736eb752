"""Files and pipes of any origin are read as text."""

import pytest

from pan123_tui.domain.sanitize import decode_text
from tests.domain.links.found import links_in

URL = "https://example.com/a.iso"


def test_text_of_any_origin_is_decoded() -> None:
    for codec in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        assert decode_text("链接：https://a.b/c".encode(codec)) == "链接：https://a.b/c"
    assert decode_text(b"\xff\xff\xfe")


def test_one_bad_byte_does_not_turn_a_text_into_another_encoding() -> None:
    text = "链接：https://a.b/c\n电影：https://a.b/d"
    for content in (text.encode()[:-1] + b"\xe9", text.encode().replace(b"\n", b"\xff\n")):
        decoded = decode_text(content)
        assert decoded.startswith("链接：https://a.b/c")
        assert "电影：https://a.b/" in decoded
    assert decode_text(b"caf\xe9s https://a.b/c").endswith("s https://a.b/c")


@pytest.mark.parametrize(
    "content",
    [
        f"看看这个 {URL}，密码 123\n".encode(),
        f"下载地址{URL}，密码".encode("gbk"),
        f"{URL}\r\n".encode("utf-16"),
        f"<a href='{URL}'>here</a>".encode(),
        f"[InternetShortcut]\r\nURL={URL}\r\n".encode(),
        f"{URL}\n{URL}\n".encode(),
        b'{"link": "https:\\/\\/example.com\\/a.iso"}',
    ],
    ids=["UTF-8", "GBK", "UTF-16", "page", "shortcut", "twice", "JSON"],
)
def test_a_whole_file_is_read_for_its_links(content: bytes) -> None:
    assert {row.text for row in links_in(decode_text(content))} == {URL}
