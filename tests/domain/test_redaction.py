"""Redaction removes secrets from a text and keeps the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.sanitize import add_secrets, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing here", "nothing here"),
        ("https://a.example/f?sign=x&t=1 failed", "https://a.example/f?… failed"),
        ('"HTTP://a.example/f?x#y"', '"HTTP://a.example/f?…"'),
        ("http://me@proxy:1 and https://u:p@b/?q", "http://…@proxy:1 and https://…@b/?…"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJ1aWQ.sig-1 is bad", "token … is bad"),
        ("解析失败：https://例.example/文?签名=1。", "解析失败：https://例.example/文?…"),
    ],
)
def test_urls_lose_what_signs_them_and_tokens_go(text: str, expected: str) -> None:
    assert redact(text) == expected


@given(st.text(alphabet="abcdef0123456789", min_size=8), st.text(), st.text())
def test_a_given_secret_never_stays(secret: str, before: str, after: str) -> None:
    assert secret not in redact(f"{before}{secret}{after}", [secret])


def test_what_is_learned_later_is_removed_too_and_an_address_as_its_parts() -> None:
    add_secrets("s3cret-of-later")
    add_secrets("https://broker.example/renew?secret=x")
    text = "s3cret-of-later went to https://broker.example/renew?secret=x"
    assert redact(text) == "… went to https://broker.example/renew?…"


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
