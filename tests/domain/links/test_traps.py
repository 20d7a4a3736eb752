"""Texts that look whole and are not: the rows that come of them, and what is said of each."""

import pytest

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import judge
from tests.domain.links.found import SIGNS

AMZ = "X-Amz-Date=20200101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=ab"
TRAPS: list[tuple[str, list[str]]] = [
    # signed links that have expired
    (f"https://a.b/c.zip?{AMZ}", [f"? https://a.b/c.zip?{AMZ} expired"]),
    ("https://a.b/c?e=1577836800&token=x", ["? https://a.b/c?e=1577836800&token=x expired"]),
    ("https://a.b/c?e=1577836800&page=2", ["√ https://a.b/c?e=1577836800&page=2"]),
    ("https://a.b/c?e=4102444800&token=x", ["√ https://a.b/c?e=4102444800&token=x"]),
    # passwords
    ("https://me:x@a.b/c.zip", ["? https://me:x@a.b/c.zip password"]),
    ("http://:x@a.b/c.zip", ["? http://:x@a.b/c.zip password"]),
    ("https://a.b/c.zip?to=me:x@a.b", ["√ https://a.b/c.zip?to=me:x@a.b"]),
    # lists
    ("https://a.b/tv.m3u8?k=1", ["? https://a.b/tv.m3u8?k=1 list"]),
    ("https://a.b/C.TORRENT", ["? https://a.b/C.TORRENT list"]),
    ("看 https://a.b/c.metalink，好", ["? https://a.b/c.metalink list"]),
    ("https://a.b/c.zip.meta4", ["? https://a.b/c.zip.meta4 list"]),
    ("https://a.b/get?file=c.torrent.zip", ["√ https://a.b/get?file=c.torrent.zip"]),
    # names of a chat
    ("https://a.b/c.zip@bob", ["? https://a.b/c.zip end"]),
    ("看 https://a.b/c.zip@小王 快下", ["? https://a.b/c.zip end"]),
    ("@bob https://a.b/c.zip @ann", ["√ https://a.b/c.zip"]),
    # sizes beside a link
    ("https://a.b/get?id=4,1.2GB", ["√ https://a.b/get?id=4"]),
    ("see https://a.b/get/4;300MB and more", ["√ https://a.b/get/4"]),
    ("https://a.b/c.zip;300MB and more", ["√ https://a.b/c.zip"]),
    ("下载 https://a.b/get?id=4, 1.2 GiB。", ["√ https://a.b/get?id=4"]),
    ("https://a.b/get?id=4\t300 MB ok", ["√ https://a.b/get?id=4"]),
    ("https://a.b/x,4GB.zip", ["√ https://a.b/x,4GB.zip"]),
    ("https://a.b/x,4GB/c.zip", ["√ https://a.b/x,4GB/c.zip"]),
    ("https://a.b/get?ids=4,12b", ["√ https://a.b/get?ids=4,12b"]),
    # tags
    ("https://a.b/x[/tag]", ["? https://a.b/x%5B/tag%5D end"]),
    ("https://a.b/x<tag>", ["? https://a.b/x%3Ctag%3E end"]),
    ("https://a.b/x\n[/tag]", ["? https://a.b/x wrapped"]),
    ("https://a.b/c.zip\n<tag>", ["√ https://a.b/c.zip", "- <tag> no_link_in_line"]),
    # a blank behind the scheme
    ("https:// a.b/c.zip", ["? https://a.b/c.zip scheme"]),
    ("看 http://  1.2.3.4:81/c.zip 好", ["? http://1.2.3.4:81/c.zip scheme"]),
    ("https:// www.a.org", ["? https://www.a.org page"]),
    ("https:// is a scheme", ["× https:// bad_host"]),
    ("https:// https://a.b/c.zip", ["√ https://a.b/c.zip", "× https:// bad_host"]),
    # options of an aria2 list that 123pan is not told
    *(
        (
            f"https://a.b/c.zip\n  {it}=x\nhttps://a.b/d",
            ["? https://a.b/c.zip command", "√ https://a.b/d"],
        )
        for it in ("header", "referer", "user-agent", "load-cookies", "http-user", "http-passwd")
    ),
    # pages of GitHub and Hugging Face
    ("https://github.com/o/r/issues/4", ["? https://github.com/o/r/issues/4 page"]),
    ("https://github.com/o/r/blob/main/c.zip", ["? https://github.com/o/r/blob/main/c.zip page"]),
    ("https://huggingface.co/o/m", ["? https://huggingface.co/o/m page"]),
    ("https://huggingface.co/o/m/resolve/main/c", ["√ https://huggingface.co/o/m/resolve/main/c"]),
]


@pytest.mark.parametrize(("text", "rows"), TRAPS, ids=ascii)
def test_what_looks_whole_and_is_not_is_told(text: str, rows: list[str]) -> None:
    found = judge(extract(text), {})
    assert [
        f"{SIGNS[it.verdict]} {it.text} {it.doubt or it.reason or ''}".rstrip() for it in found
    ] == rows
