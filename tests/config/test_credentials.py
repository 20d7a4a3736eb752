"""The account's credentials: where they come from, and where they never show."""

import stat
from pathlib import Path

import pytest

from pan123_tui.config.credentials import (
    account_source,
    has_account,
    load_credentials,
    login_digest,
    own_environ,
    save_credentials,
    token_file,
)
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.credentials import (
    AccessToken,
    AccountKind,
    AccountSource,
    ClientPair,
    Credentials,
    RefreshToken,
)
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.system.private_files import write_private

RENEW_URL = "https://broker.example/renew?token={refresh_token}"


@pytest.mark.parametrize(
    "credentials",
    [
        AccessToken("ey.a-b_c=="),
        ClientPair("id-1", 'se"cr\\et#[]'),
        AccessToken("'''\"\"\""),
        RefreshToken("re", client_id="app"),
        RefreshToken("re", client_id="app", client_secret="s"),
        RefreshToken("re", renew_url=RENEW_URL),
    ],
    ids=["token", "pair", "quotes", "app", "app with secret", "address"],
)
def test_what_was_saved_is_loaded_again(credentials: Credentials, tmp_path: Path) -> None:
    save_credentials(tmp_path / "config", credentials)
    assert load_credentials({}, tmp_path / "config") == credentials
    save_credentials(tmp_path / "config", None)
    assert load_credentials({}, tmp_path / "config") is None
    assert list((tmp_path / "config").iterdir()) == []


def test_the_file_is_private_and_stays_so(tmp_path: Path) -> None:
    save_credentials(tmp_path / "config", AccessToken("tok"))
    file = tmp_path / "config" / "credentials.toml"
    file.chmod(0o644)
    load_credentials({}, tmp_path / "config")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_environment_goes_before_file_and_token_before_what_renews_it(tmp_path: Path) -> None:
    assert load_credentials({"PAN123_ACCESS_TOKEN": " "}, tmp_path) is None
    save_credentials(tmp_path, AccessToken("from-file"))
    environ = {"PAN123_CLIENT_ID": "app", "PAN123_CLIENT_SECRET": "secret"}
    assert load_credentials(environ, tmp_path) == ClientPair("app", "secret")
    environ["PAN123_REFRESH_TOKEN"] = " re\n"
    assert load_credentials(environ, tmp_path) == RefreshToken("re", "app", "secret")
    environ["PAN123_ACCESS_TOKEN"] = " t\n"
    assert load_credentials(environ, tmp_path) == AccessToken("t")


def test_each_log_in_keeps_its_newest_token_in_a_file_of_its_own(tmp_path: Path) -> None:
    paths = AppPaths(tmp_path / "config", tmp_path / "data", tmp_path / "state")
    service = "https://a.example"
    first, again, other, elsewhere = (
        token_file(paths, RefreshToken(token, "app"), base_url=base_url)
        for token, base_url in (
            *(("re", service), ("re", service + "/"), ("re2", service)),
            ("re", "https://b.example"),
        )
    )
    assert first == again
    assert len({first, other, elsewhere}) == 3
    assert first.parent == paths.config_dir, "all data folders share it"
    assert "re" not in first.stem.removeprefix("login-").split("-")
    assert token_file(paths, ClientPair("id", "secret"), base_url=service) == paths.token_cache
    left = first.with_name(f".{first.name}.1-2.tmp")
    for file in (first, other, left):
        write_private(file, b"{}")
    first.chmod(0o644)
    assert str(first) in paths.ensure_directories()[-1]
    write_private(paths.token_cache, b"{}")
    write_private(paths.state_dir / "account.json", b"{}")  # of version 0.1.0
    paths.forget_tokens()
    assert list(paths.config_dir.iterdir()) == list(paths.state_dir.iterdir()) == []


PAIR_VARIABLES = {"PAN123_CLIENT_ID": "id", "PAN123_CLIENT_SECRET": "s3cret"}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PAN123_ACCESS_TOKEN": "s3cret two", **PAIR_VARIABLES}, "^PAN123_ACCESS_TOKEN: "),
        (PAIR_VARIABLES | {"PAN123_CLIENT_SECRET": "s3cret x"}, "^PAN123_CLIENT_ID, .*_SECRET: "),
        ({"PAN123_CLIENT_ID": "s3cret"}, "PAN123_CLIENT_SECRET"),
        ({"PAN123_CLIENT_SECRET": "s3cret"}, "PAN123_CLIENT_ID"),
        ({"PAN123_REFRESH_TOKEN": "s3cret"}, "PAN123_CLIENT_ID"),
        *(
            ({"PAN123_REFRESH_TOKEN": "s3cret", **client, "PAN123_RENEW_URL": url}, named)
            for client in ({}, {"PAN123_CLIENT_ID": "id"})
            for url, named in (
                ("https://broker.example/renew", "PAN123_RENEW_URL.*refresh_token"),
                ("http://broker.example/{refresh_token}", "PAN123_RENEW_URL.*https"),
            )
        ),
        (
            {"PAN123_REFRESH_TOKEN": "s3cret", "PAN123_CLIENT_ID": "an app"},
            "PAN123_REFRESH_TOKEN, PAN123_CLIENT_ID",
        ),
    ],
)
def test_what_is_no_account_is_refused_by_its_variables_without_its_secret(
    environ: dict[str, str], named: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsInvalid, match=named) as caught:
        load_credentials(environ, tmp_path)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_processes_know_by_a_digest_whether_they_have_the_same_account(tmp_path: Path) -> None:
    token, other = ({"PAN123_ACCESS_TOKEN": it} for it in ("s3cret", "other"))
    login = login_digest(token, tmp_path, "engine-1")
    assert login == login_digest(token, tmp_path, "engine-1")
    assert login not in (
        login_digest(other, tmp_path, "engine-1"),
        login_digest(token, tmp_path, "2"),
    )
    assert login_digest({"PAN123_CLIENT_ID": "half"}, tmp_path, "engine-1") == ""
    assert has_account(login, "engine-1")
    assert has_account("", "engine-1"), "not known"
    assert not has_account(login_digest({}, tmp_path, "engine-1"), "engine-1")
    assert own_environ(token, "") == token
    assert own_environ(token | {"A": "b"}, "work") == {"A": "b"}


@pytest.mark.parametrize(
    ("kept", "environ", "source"),
    [
        (None, {}, AccountSource(AccountKind.NONE)),
        (AccessToken("s3cret"), {}, AccountSource(AccountKind.TOKEN)),
        (ClientPair("id", "s3cret"), {}, AccountSource(AccountKind.PAIR)),
        (RefreshToken("s3cret", "app"), {}, AccountSource(AccountKind.REFRESH)),
        (
            AccessToken("s3cret"),
            PAIR_VARIABLES,
            AccountSource(AccountKind.PAIR, "PAN123_CLIENT_ID, PAN123_CLIENT_SECRET"),
        ),
        (None, {"PAN123_CLIENT_ID": "id"}, AccountSource(AccountKind.NONE, "PAN123_CLIENT_ID")),
    ],
)
def test_the_source_of_an_account_names_kind_and_variable_and_never_holds_the_secret(
    kept: Credentials | None, environ: dict[str, str], source: AccountSource, tmp_path: Path
) -> None:
    if kept is not None:
        save_credentials(tmp_path, kept)
        assert "s3cret" not in f"{kept!r} {kept}"
    found = account_source(environ, tmp_path)
    assert found == source
    assert "s3cret" not in repr(found)
