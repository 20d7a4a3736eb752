"""The account's credentials: where they come from, and where they never show."""

import stat
from pathlib import Path

import pytest

from pan123_tui.config.credentials import load_credentials, save_credentials
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.errors import SettingsInvalid


def test_without_credentials_none_are_loaded(tmp_path: Path) -> None:
    assert load_credentials({}, tmp_path) is None
    assert load_credentials({"PAN123_ACCESS_TOKEN": " "}, tmp_path) is None


@pytest.mark.parametrize(
    "credentials",
    [AccessToken("ey.a-b_c=="), ClientPair("id-1", 'se"cr\\et#[]'), AccessToken("'''\"\"\"")],
    ids=["token", "pair", "quotes"],
)
def test_what_was_saved_is_loaded_again(credentials: Credentials, tmp_path: Path) -> None:
    save_credentials(tmp_path / "config", credentials)
    assert load_credentials({}, tmp_path / "config") == credentials


def test_saving_replaces_the_file_and_none_deletes_it(tmp_path: Path) -> None:
    save_credentials(tmp_path, ClientPair("id", "secret"))
    save_credentials(tmp_path, AccessToken("tok"))
    assert load_credentials({}, tmp_path) == AccessToken("tok")
    save_credentials(tmp_path, None)
    save_credentials(tmp_path, None)
    assert load_credentials({}, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private_and_stays_so(tmp_path: Path) -> None:
    save_credentials(tmp_path / "config", AccessToken("tok"))
    file = tmp_path / "config" / "credentials.toml"
    file.chmod(0o644)
    load_credentials({}, tmp_path / "config")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    save_credentials(tmp_path, AccessToken("from-file"))
    assert load_credentials({"PAN123_ACCESS_TOKEN": " tok\n"}, tmp_path) == AccessToken("tok")
    pair = {"PAN123_CLIENT_ID": "id", "PAN123_CLIENT_SECRET": "secret"}
    assert load_credentials(pair, tmp_path) == ClientPair("id", "secret")


def test_a_ready_token_goes_before_a_client_id(tmp_path: Path) -> None:
    environ = {
        "PAN123_ACCESS_TOKEN": "tok",
        "PAN123_CLIENT_ID": "id",
        "PAN123_CLIENT_SECRET": "secret",
    }
    assert load_credentials(environ, tmp_path) == AccessToken("tok")


@pytest.mark.parametrize("given", ["PAN123_CLIENT_ID", "PAN123_CLIENT_SECRET"])
def test_half_a_pair_names_the_other_half(given: str, tmp_path: Path) -> None:
    missing = {"PAN123_CLIENT_ID", "PAN123_CLIENT_SECRET"} - {given}
    with pytest.raises(SettingsInvalid, match=missing.pop()) as caught:
        load_credentials({given: "s3cret"}, tmp_path)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "environ",
    [
        {"PAN123_ACCESS_TOKEN": "s3cret two"},
        {"PAN123_ACCESS_TOKEN": "s3cret\r\nX-Evil: 1"},
        {"PAN123_ACCESS_TOKEN": "s3cret令牌"},
        {"PAN123_CLIENT_ID": "id", "PAN123_CLIENT_SECRET": "s3cret x"},
    ],
)
def test_a_value_that_no_header_can_hold_is_refused_without_repeating_it(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_credentials(environ, tmp_path)
    assert next(iter(environ)) in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_damaged_file_is_named_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "credentials.toml").write_text('access_token = "s3cret')
    with pytest.raises(SettingsInvalid, match="credentials") as caught:
        load_credentials({}, tmp_path)
    assert "s3cret" not in str(caught.value)


def test_no_repr_shows_a_secret() -> None:
    for credentials in (AccessToken("s3cret"), ClientPair("s3cret-id", "s3cret")):
        assert "s3cret" not in f"{credentials!r} {credentials}"


@pytest.mark.parametrize("bad", ["", "a b", "a\n", "ü", "a\x00", "a\x7f"])
def test_credentials_that_cannot_be_sent_cannot_be_created(bad: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        AccessToken(bad)
    with pytest.raises(ValueError, match="printable"):
        ClientPair("id", bad)
