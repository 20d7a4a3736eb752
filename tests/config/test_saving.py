"""Saving keeps the rest of `config.toml` and writes nothing invalid."""

from pathlib import Path

import pytest

from pan123_tui.config.settings import Changes, load, save
from pan123_tui.domain.errors import SettingsInvalid

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


def saved(folder: Path, before: str | None, changes: Changes) -> str:
    file = folder / "config.toml"
    if before is not None:
        file.write_bytes(before.encode())
    save(changes, {}, folder)
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


def test_dotted_keys_inline_tables_and_line_ends_stay_what_they_are(tmp_path: Path) -> None:
    windows = saved(tmp_path, '[ui]\r\ntheme = "a"\r\n', {"ui.theme": "b"})
    assert windows == '[ui]\r\ntheme = "b"\r\n'
    before = 'ui.theme = "nord" # blue\nservice = {create_per_s = 2} # two\n'
    after = saved(
        tmp_path, before, {"ui.theme": "dracula", "ui.language": "zh", "service.create_per_s": 3.0}
    )
    assert after == (
        'ui.theme = "dracula" # blue\nui.language = "zh"\nservice = {create_per_s = 3.0} # two\n'
    )


def test_quotes_and_line_ends_in_a_name_are_read_back_as_they_were(tmp_path: Path) -> None:
    name = '电"影\\\n\t[x] # y'
    saved(tmp_path, HAND_WRITTEN, {"defaults.folder_name": name})
    assert load({}, tmp_path).defaults.folder_name == name


@pytest.mark.parametrize(
    ("before", "changes", "named"),
    [
        (HAND_WRITTEN, {"service.create_per_s": 0.0}, "create_per_s"),
        (HAND_WRITTEN, {"ui.language": "fr"}, "ui.language"),
        (HAND_WRITTEN, {"defaults.folder_id": 0}, "folder_id"),
        (HAND_WRITTEN, {"defaults.callback_url": "nowhere"}, "callback_url"),
        ("[ui\n", {}, "cannot be read"),
        ("a = 1\na = 2\n", {}, "cannot be read"),
        ("ui = 1\n", {}, "ui"),
    ],
)
def test_what_cannot_be_used_or_changed_is_named_and_the_file_stays_as_it_is(
    tmp_path: Path, before: str, changes: Changes, named: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(before)
    with pytest.raises(SettingsInvalid, match=named):
        save({"ui.theme": "gruvbox", **changes}, {}, tmp_path)
    assert file.read_text() == before


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(HAND_WRITTEN)
    (tmp_path / "config.toml").symlink_to(real)
    save({"ui.theme": "gruvbox"}, {}, tmp_path)
    assert (tmp_path / "config.toml").is_symlink()
    assert 'theme = "gruvbox"' in real.read_text()
