"""Accounts: what is none, and that no secret is told."""

import pytest

from pan123_tui.domain.credentials import (
    AccessToken,
    ClientPair,
    RefreshToken,
    digest,
    is_header_safe,
    secrets_of,
    without_account,
)


@pytest.mark.parametrize(
    ("secret", "is_safe"),
    [("a!~", True), ("", False), ("a b", False), ("a\n", False), ("密", False), ("\x7f", False)],
)
def test_a_secret_is_printable_ascii_without_blanks(secret: str, is_safe: bool) -> None:
    assert is_header_safe(secret) is is_safe
    if not is_safe:
        with pytest.raises(ValueError, match="printable"):
            AccessToken(secret)
        with pytest.raises(ValueError, match="printable"):
            ClientPair("id", secret)


@pytest.mark.parametrize(
    ("facts", "is_whole"),
    [
        ({}, False),
        ({"client_id": "id"}, True),
        ({"client_secret": "s"}, False),
        ({"renew_url": "https://a.b/?t={refresh_token}"}, True),
        ({"renew_url": "https://a.b/", "client_id": "id"}, False),
    ],
)
def test_a_refresh_token_needs_a_way_to_renew_it(facts: dict[str, str], is_whole: bool) -> None:
    if is_whole:
        assert set(secrets_of(RefreshToken("t", **facts))) == {"t", *facts.values()}
    else:
        with pytest.raises(ValueError, match="renews"):
            RefreshToken("t", **facts)


def test_no_text_of_an_account_tells_its_secrets() -> None:
    for account in (AccessToken("s3cret"), ClientPair("s3cret", "x"), RefreshToken("s3cret", "i")):
        assert str(account) == repr(account) == f"{type(account).__name__}()"
    assert digest("s3cret") == digest("s3cret") != digest("other")
    assert "s3cret" not in digest("s3cret")


def test_other_processes_get_no_account() -> None:
    account = ("ACCESS_TOKEN", "REFRESH_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "RENEW_URL")
    environ = dict.fromkeys((f"PAN123_{name}" for name in account), "s") | {"PAN123_LANG": "zh"}
    assert without_account(environ) == {"PAN123_LANG": "zh"}
