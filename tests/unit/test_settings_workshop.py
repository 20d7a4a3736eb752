"""The workshop on the real files."""

from pathlib import Path

from pan123_tui.domain.credentials import AccessToken, AccountKind, AccountSource, ClientPair
from pan123_tui.paths import Places
from pan123_tui.settings_workshop import Workshop


def workshop(folder: Path, **environ: str) -> Workshop:
    places = Places(folder / "config", folder / "data", folder / "state")
    places.prepare()
    return Workshop(places, environ)


def test_the_source_of_an_account_never_holds_the_secret(tmp_path: Path) -> None:
    shop = workshop(tmp_path)
    assert shop.account() == AccountSource(AccountKind.NONE)
    shop.save_credentials(AccessToken("secret-abc"))
    assert shop.account() == AccountSource(AccountKind.TOKEN)
    shop.save_credentials(ClientPair("id", "secret-abc"))
    assert shop.account() == AccountSource(AccountKind.PAIR)
    assert "secret-abc" not in repr(shop.account())


def test_a_variable_is_named_even_if_the_file_holds_an_account_too(tmp_path: Path) -> None:
    workshop(tmp_path).save_credentials(AccessToken("secret-abc"))
    shop = workshop(tmp_path, PAN123_CLIENT_ID="id", PAN123_CLIENT_SECRET="s")
    assert shop.account() == AccountSource(AccountKind.PAIR, "PAN123_CLIENT_ID")


def test_half_a_pair_counts_as_no_account(tmp_path: Path) -> None:
    shop = workshop(tmp_path, PAN123_CLIENT_ID="id")
    assert shop.account() == AccountSource(AccountKind.NONE, "PAN123_CLIENT_ID")


def test_a_forgotten_account_leaves_no_token_behind(tmp_path: Path) -> None:
    shop = workshop(tmp_path)
    shop.save_credentials(ClientPair("id", "secret-abc"))
    cache = tmp_path / "state" / "token.json"
    cache.write_text("{}")
    shop.save_credentials(None)
    assert not cache.exists()
    assert not (tmp_path / "config" / "credentials.toml").exists()


def test_what_is_saved_is_given_back_as_it_is_in_force(tmp_path: Path) -> None:
    assert workshop(tmp_path).save_settings({"notify.bell": False}).notify.bell is False
