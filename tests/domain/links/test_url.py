"""The check of one link, the key that identifies duplicates, and hosts that no service reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.links.url import (
    RejectionReason,
    check_url,
    duplicate_key,
    expired_at,
    is_loopback,
    is_private,
    percent_encoded,
)

FILE = "https://files.example.com/a.iso"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        *(
            (f"http://{rest}", None)
            for rest in [
                "a.b/c",
                "[::1]/c",
                "[fe80::1%25eth0]/c",
                "a.b:/c",
                "a_b.c/d",
                "a.b:0080/c",
                "a.b./c",
            ]
        ),
        *(
            (f"https://{rest}", RejectionReason.BAD_HOST)
            for rest in ["", "[::1]x/", "[::1/c", "a<b/", "a.b:65536/", "a.b:²/", "a." * 130 + "b/"]
        ),
        ("", RejectionReason.NO_SCHEME),
        ("a.b/c", RejectionReason.NO_SCHEME),
        ("ftp://a.b", RejectionReason.NOT_HTTP),
        ("https://a.b/c d", RejectionReason.HAS_BLANKS),
        ("https://a.b/\x1b[31m", RejectionReason.HAS_BLANKS),
        (f"https://{'a' * 64}.b/", RejectionReason.BAD_HOST),
        ("https://a.b/\udc80", RejectionReason.BAD_ENCODING),
    ],
)
def test_a_link_is_judged_by_its_parts(url: str, reason: RejectionReason | None) -> None:
    assert check_url(url) is reason


SAME, OTHER = True, False


@pytest.mark.parametrize(
    ("one", "is_same", "other"),
    [
        ("HTTPS://A.B/c", SAME, "https://a.b/c"),
        ("https://a.b:443/c", SAME, "https://a.b/c"),
        ("http://a.b:80/c", SAME, "http://a.b/c"),
        ("http://a.b:080/c", SAME, "http://a.b/c"),
        ("https://a.b/c#part", SAME, "https://a.b/c"),
        ("https://a.b\\c", SAME, "https://a.b/c"),
        ("https://a.b", SAME, "https://a.b/"),
        ("https://BÜCHER.example/x", SAME, "https://xn--bcher-kva.example/x"),
        ("https://例子.测试/x", SAME, "https://xn--fsqu00a.xn--0zwm56d/x"),
        ("https://a.b/x?a=1&b=2", OTHER, "https://a.b/x?b=2&a=1"),
        ("https://a.b/电影.zip", SAME, "https://a.b/%E7%94%B5%E5%BD%B1.zip"),
        ("https://a.b/x?a=%2f", SAME, "https://a.b/x?a=%2F"),
        ("https://a.b/%7Eme/%41-b%2ezip", SAME, "https://a.b/~me/A-b.zip"),
        ("https://a.b?a=1", SAME, "https://a.b/?a=1"),
        ("https://a.b./c", SAME, "https://a.b/c"),
        ("http://[0:0::01]/c", SAME, "http://[::1]/c"),
        ("https://a.b/100%.zip", SAME, "https://a.b/100%25.zip"),
        *((f"https://a.b/{sign}", SAME, f"https://a.b/%{ord(sign):x}") for sign in "^{}|[]!'()*"),
        *((f"https://a.b/?{sign}", SAME, f"https://a.b/?%{ord(sign):x}") for sign in "^{}|[]!'()*"),
        *((f"https://a.b/{sign}", SAME, f"https://a.b/%{ord(sign):X}") for sign in "$&,:;=@"),
        *((f"https://a.b/?{sign}", OTHER, f"https://a.b/?%{ord(sign):X}") for sign in "&=+;"),
        ("https://a.b/c", OTHER, "https://a.b/c/"),
        ("https://a.b/c%2Fd", OTHER, "https://a.b/c/d"),
        ("https://a.b//c", OTHER, "https://a.b/c"),
        ("https://a.b/x?a=/./b", OTHER, "https://a.b/x?a=/b"),
        ("https://a.b/C", OTHER, "https://a.b/c"),
        ("http://a.b/", OTHER, "https://a.b/"),
        ("https://a.b:8443/", OTHER, "https://a.b/"),
        ("https://me@a.b/", OTHER, "https://you@a.b/"),
        ("http://a.b:443/", OTHER, "http://a.b/"),
    ],
)
def test_only_spellings_of_one_link_have_one_key(one: str, is_same: bool, other: str) -> None:
    assert (duplicate_key(one) == duplicate_key(other)) is is_same


@given((st.text() | st.text("%./37Ee~?#:[]a电")).map("https://".__add__) | st.text())
def test_any_text_can_be_checked_and_the_key_of_a_link_is_its_own(text: str) -> None:
    key = duplicate_key(text)
    assert check_url(text) or duplicate_key(key) == key


@pytest.mark.parametrize(
    ("url", "encoded"),
    [
        ("https://a.example/%E9%9B%AA?a=b&c=%2f#x", "https://a.example/%E9%9B%AA?a=b&c=%2f#x"),
        ("https://a.example/a b?雪=雪&c=%2f", "https://a.example/a b?%E9%9B%AA=%E9%9B%AA&c=%2f"),
        ("http://雪@例子.example:81/雪", "http://%E9%9B%AA@xn--fsqu00a.example:81/%E9%9B%AA"),
        ("http://[::1]:81/雪", "http://[::1]:81/%E9%9B%AA"),
        ("雪", "雪"),
    ],
)
def test_only_what_is_not_ascii_is_percent_encoded(url: str, encoded: str) -> None:
    assert percent_encoded(url) == encoded


@pytest.mark.parametrize(
    ("url", "private"),
    [
        *(("http://192.168.1.7/a", True), ("http://10.0.0.1/a", True), ("http://[::1]/a", True)),
        *(("http://169.254.169.254/a", True), ("http://nas/a", True), ("http://NAS.local/a", True)),
        *(("http://127.1/a", True), ("http://0x7f.0.0.1/a", True), ("http://134744072/a", False)),
        *(("http://a.lan/a", True), ("http://a.internal/a", True), ("http://localhost:8/a", True)),
        *(("http://8.8.8.8/a", False), ("http://[2606:4700::1]/a", False), (FILE, False)),
    ],
)
def test_a_private_host_is_known_by_address_and_name(url: str, private: bool) -> None:
    assert is_private(url) is private


SIGNED_UNTIL_2020 = [
    "X-Amz-Date=20191231T230000Z&X-Amz-Expires=3600&X-Amz-Signature=ab",
    "X-Goog-Signature=ab&X-Goog-Expires=3600&X-Goog-Date=20191231T230000Z",
    "x-oss-date=20191231T230000Z&x-oss-expires=3600&x-oss-signature=ab",
    "Expires=1577836800&Signature=ab&Key-Pair-Id=K",
    "e=1577836800&token=ab",
    "sv=2019&se=2020-01-01T00%3A00%3A00Z&sig=ab",
    "se=2020-01-01&sig=ab",
    "se=2020-01-01T01:00:00%2B01:00&sig=ab",
    "expire=1577836800&sig=ab#part",
    "q-sign-time=1577800000;1577836800&q-signature=ab",
    "auth_key=1577836800-0-0-0123456789abcdef0123456789abcdef",
    "wsSecret=0123456789abcdef&wsTime=1577836800",
    "wsSecret=0123456789abcdef&wsTime=5e0be100",
    "x-expires=1577836800&x-signature=ab",
]
NOT_SURELY_EXPIRED = [
    "e=1577836800",
    "expires=8h&sign=ab",
    "Expires=4102444800&Signature=ab",
    "X-Amz-Date=20200101T000000Z&X-Amz-Expires=4000000000&X-Amz-Signature=ab",
    "X-Amz-Expires=3600&X-Amz-Signature=ab",
    "X-Amz-Date=20209901T000000Z&X-Amz-Expires=3600&X-Amz-Signature=ab",
    "e=20200101&token=ab",
    "e=4&token=ab",
    "se=2999-01-01&sig=ab",
    "name=1577836800&token=ab",
    "Expires=1577836800&Signature=",
]


@pytest.mark.parametrize("query", SIGNED_UNTIL_2020)
def test_a_signature_says_until_when_it_was_valid(query: str) -> None:
    assert expired_at(f"https://a.b/c.zip?{query}") == 1_577_836_800


@pytest.mark.parametrize("query", NOT_SURELY_EXPIRED)
def test_only_a_plausible_past_time_beside_a_signature_is_an_end(query: str) -> None:
    assert expired_at(f"https://a.b/c.zip?{query}") == 0


@pytest.mark.parametrize(
    ("host", "loops"),
    [("LOCALHOST", True), ("127.1.2.3", True), ("::1", True), ("128.0.0.1", False), ("a.b", False)],
)
def test_a_loopback_host_is_this_machine(host: str, loops: bool) -> None:
    assert is_loopback(host) is loops
