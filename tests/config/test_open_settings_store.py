"""The workshop on the real files."""

from pathlib import Path

from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings_store import SettingsStore
from pan123_tui.domain.credentials import AccessToken, AccountKind, AccountSource, ClientPair


def settings_store(folder: Path, **environ: str) -> SettingsStore:
    places = AppPaths(folder / "config", folder / "data", folder / "state")
    places.ensure_directories()
    return SettingsStore(places, environ)


def test_the_source_of_an_account_never_holds_the_secret(tmp_path: Path) -> None:
    shop = settings_store(tmp_path)
    assert shop.account() == AccountSource(AccountKind.NONE)
    shop.save_credentials(AccessToken("secret-abc"))
    assert shop.account() == AccountSource(AccountKind.TOKEN)
    shop.save_credentials(ClientPair("id", "secret-abc"))
    assert shop.account() == AccountSource(AccountKind.PAIR)
    assert "secret-abc" not in repr(shop.account())


def test_a_variable_is_named_even_if_the_file_holds_an_account_too(tmp_path: Path) -> None:
    settings_store(tmp_path).save_credentials(AccessToken("secret-abc"))
    shop = settings_store(tmp_path, PAN123_CLIENT_ID="id", PAN123_CLIENT_SECRET="s")
    assert shop.account() == AccountSource(AccountKind.PAIR, "PAN123_CLIENT_ID")


def test_half_a_pair_counts_as_no_account(tmp_path: Path) -> None:
    shop = settings_store(tmp_path, PAN123_CLIENT_ID="id")
    assert shop.account() == AccountSource(AccountKind.NONE, "PAN123_CLIENT_ID")


def test_a_forgotten_account_leaves_no_token_behind(tmp_path: Path) -> None:
    shop = settings_store(tmp_path)
    shop.save_credentials(ClientPair("id", "secret-abc"))
    cache = tmp_path / "state" / "token.json"
    cache.write_text("{}")
    shop.save_credentials(None)
    assert not cache.exists()
    assert not (tmp_path / "config" / "credentials.toml").exists()


def test_what_is_saved_is_given_back_as_it_is_in_force(tmp_path: Path) -> None:
    assert settings_store(tmp_path).save_settings({"notify.bell": False}).notify.bell is False
