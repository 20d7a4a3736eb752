"""Saving keeps the rest of `config.toml`, writes nothing invalid, and never returns a secret."""

from pathlib import Path

import pytest

from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Changes, load
from pan123_tui.domain.credentials import (
    AccessToken,
    AccountKind,
    AccountSource,
    ClientPair,
    RefreshToken,
)
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.ui.settings.store import SettingsStore

HAND_WRITTEN = """\
# My own settings
[ui]   # the look
theme = "nord"  # blue
# ascii = true

# How fast
[service]
create_per_s = 2 # two

[keys]
"tasks.retry" = "r,ctrl+r"
"""


def settings_store(folder: Path, **environ: str) -> SettingsStore:
    """A store whose files are all in `folder`."""
    return SettingsStore(AppPaths(folder, folder, folder), environ)


def saved(folder: Path, before: str | None, changes: Changes) -> str:
    file = folder / "config.toml"
    if before is not None:
        file.write_bytes(before.encode())
    settings_store(folder).save_settings(changes)
    return file.read_bytes().decode()


def test_a_changed_value_keeps_its_place_and_every_comment(tmp_path: Path) -> None:
    after = saved(tmp_path, HAND_WRITTEN, {"ui.theme": "gruvbox", "service.create_per_s": 1.5})
    expected = HAND_WRITTEN.replace('"nord"', '"gruvbox"').replace("= 2 #", "= 1.5 #")
    assert after == expected


def test_a_new_key_stands_under_the_last_one_of_its_table(tmp_path: Path) -> None:
    after = saved(tmp_path, HAND_WRITTEN, {"ui.language": "zh"})
    assert after == HAND_WRITTEN.replace("# blue\n", '# blue\nlanguage = "zh"\n')


def test_a_new_table_comes_last_and_the_file_is_made_if_there_is_none(tmp_path: Path) -> None:
    assert saved(tmp_path, None, {"defaults.folder_id": 7, "notify.title": False}) == (
        "[defaults]\nfolder_id = 7\n\n[notify]\ntitle = false\n"
    )
    after = saved(tmp_path, HAND_WRITTEN, {"notify.title": False})
    assert after == HAND_WRITTEN + "\n[notify]\ntitle = false\n"


def test_a_reset_to_the_default_removes_the_line(tmp_path: Path) -> None:
    after = saved(tmp_path, HAND_WRITTEN, {"ui.theme": None, "defaults.folder_id": None})
    assert after == HAND_WRITTEN.replace('theme = "nord"  # blue\n', "")


def test_dotted_keys_and_inline_tables_stay_what_they_are(tmp_path: Path) -> None:
    before = 'ui.theme = "nord" # blue\nservice = {create_per_s = 2} # two\n'
    after = saved(
        tmp_path,
        before,
        {"ui.theme": "dracula", "ui.language": "zh", "service.create_per_s": 3.0},
    )
    assert after == (
        'ui.theme = "dracula" # blue\nui.language = "zh"\nservice = {create_per_s = 3.0} # two\n'
    )


def test_the_line_ends_of_another_system_stay(tmp_path: Path) -> None:
    assert saved(tmp_path, '[ui]\r\ntheme = "a"\r\n', {"ui.theme": "b"}) == (
        '[ui]\r\ntheme = "b"\r\n'
    )


def test_quotes_and_line_ends_in_a_name_are_read_back_as_they_were(tmp_path: Path) -> None:
    name = '电"影\\\n\t[x] # y'
    saved(tmp_path, HAND_WRITTEN, {"defaults.folder_name": name})
    assert load({}, tmp_path).defaults.folder_name == name


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"service.create_per_s": 0.0}, "create_per_s"),
        ({"ui.language": "fr"}, "ui.language"),
        ({"defaults.folder_id": 0}, "folder_id"),
        ({"defaults.callback_url": "nowhere"}, "callback_url"),
    ],
)
def test_what_cannot_be_used_is_not_written_and_is_named(
    tmp_path: Path, changes: Changes, word: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(HAND_WRITTEN)
    with pytest.raises(SettingsInvalid, match=word):
        settings_store(tmp_path).save_settings({"ui.theme": "gruvbox", **changes})
    assert file.read_text() == HAND_WRITTEN


@pytest.mark.parametrize("before", ["[ui\n", "a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_stays_as_it_is(tmp_path: Path, before: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(before)
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        settings_store(tmp_path).save_settings({"ui.theme": "gruvbox"})
    assert file.read_text() == before


def test_a_value_where_a_table_belongs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("ui = 1\n")
    with pytest.raises(SettingsInvalid, match="ui"):
        settings_store(tmp_path).save_settings({"ui.theme": "gruvbox"})


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(HAND_WRITTEN)
    (tmp_path / "config.toml").symlink_to(real)
    settings_store(tmp_path).save_settings({"ui.theme": "gruvbox"})
    assert (tmp_path / "config.toml").is_symlink()
    assert 'theme = "gruvbox"' in real.read_text()


def test_what_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(HAND_WRITTEN)
    before = file.stat().st_ino
    settings_store(tmp_path).save_settings({"ui.theme": "nord"})
    assert file.stat().st_ino == before


def test_saving_returns_the_settings_with_the_variables_applied(tmp_path: Path) -> None:
    settings = settings_store(tmp_path, PAN123_LANG="en").save_settings({"ui.language": "zh"})
    assert settings.ui.language == "en"
    assert settings.overridden_by("ui.language") == "PAN123_LANG"
    assert load({}, tmp_path).ui.language == "zh"


def test_the_source_of_an_account_never_holds_the_secret(tmp_path: Path) -> None:
    store = settings_store(tmp_path)
    assert store.account() == AccountSource(AccountKind.NONE)
    store.save_credentials(AccessToken("secret-abc"))
    assert store.account() == AccountSource(AccountKind.TOKEN)
    store.save_credentials(ClientPair("id", "secret-abc"))
    assert store.account() == AccountSource(AccountKind.PAIR)
    store.save_credentials(RefreshToken("secret-abc", "app"))
    assert store.account() == AccountSource(AccountKind.REFRESH)
    assert "secret-abc" not in repr(store.account())


def test_a_variable_is_named_even_if_the_file_holds_an_account_too(tmp_path: Path) -> None:
    settings_store(tmp_path).save_credentials(AccessToken("secret-abc"))
    store = settings_store(tmp_path, PAN123_CLIENT_ID="id", PAN123_CLIENT_SECRET="s")
    assert store.account() == AccountSource(
        AccountKind.PAIR, "PAN123_CLIENT_ID, PAN123_CLIENT_SECRET"
    )


def test_half_a_pair_counts_as_no_account(tmp_path: Path) -> None:
    store = settings_store(tmp_path, PAN123_CLIENT_ID="id")
    assert store.account() == AccountSource(AccountKind.NONE, "PAN123_CLIENT_ID")


def test_deleting_the_account_deletes_its_token(tmp_path: Path) -> None:
    store = settings_store(tmp_path)
    store.save_credentials(ClientPair("id", "secret-abc"))
    cache = tmp_path / "token.json"
    cache.write_text("{}")
    store.save_credentials(None)
    assert not cache.exists()
    assert not (tmp_path / "credentials.toml").exists()


def test_saving_returns_the_settings_in_force(tmp_path: Path) -> None:
    assert settings_store(tmp_path).save_settings({"notify.title": False}).notify.title is False
