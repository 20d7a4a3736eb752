"""Where the user's folders are, and that nobody else can read them."""

import stat
from pathlib import Path
from unittest.mock import Mock

import pytest

from pan123_tui.config.paths import AppPaths, locate
from pan123_tui.domain.errors import ProfileMissing, SettingsInvalid


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def paths_in(folder: Path) -> AppPaths:
    return AppPaths(folder / "config", folder / "data", folder / "state")


def test_the_variables_name_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    usual = locate({"PAN123_DATA_DIR": ""})
    assert len(set(usual.folders)) == 3
    assert all("pan123-tui" in it.relative_to(tmp_path).parts for it in usual.folders)
    data = {"PAN123_DATA_DIR": str(tmp_path / "d")}
    named = AppPaths(usual.config_dir, tmp_path / "d", tmp_path / "d" / "state")
    assert locate(data) == named
    config = {"PAN123_CONFIG_DIR": str(tmp_path / "c")}
    assert locate(data | config) == named._replace(config_dir=tmp_path / "c")


def test_a_profile_is_three_folders_below_those_of_the_default_one(tmp_path: Path) -> None:
    environ = {"PAN123_CONFIG_DIR": str(tmp_path / "c"), "PAN123_DATA_DIR": str(tmp_path / "d")}
    default = locate(environ)
    work = locate(environ | {"PAN123_PROFILE": "work"})
    assert work.folders == tuple(folder / "profiles" / "work" for folder in default.folders)
    assert default.all_profiles() == [default]
    with pytest.raises(ProfileMissing, match=r"“work”.* Existing profiles: default\."):
        work.require_profile()
    (default.state_dir / "profiles" / "home").mkdir(parents=True)
    (default.config_dir / "profiles" / "no name").mkdir(parents=True)
    (default.data_dir / "profiles" / "default").mkdir(parents=True)  # nobody can choose it
    with pytest.raises(ProfileMissing, match=r"Existing profiles: default, home\."):
        work.require_profile()
    work.ensure_directories()
    work.require_profile()
    home = locate(environ | {"PAN123_PROFILE": "home"})
    assert default.all_profiles() == [default, home, work]
    assert locate(environ | {"PAN123_PROFILE": "default"}) == default
    with pytest.raises(SettingsInvalid, match="PAN123_PROFILE"):
        locate(environ | {"PAN123_PROFILE": "no name"})


def test_a_home_in_a_variable_is_expanded_and_a_relative_path_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = locate({"PAN123_CONFIG_DIR": "~/c", "PAN123_DATA_DIR": "d"})
    assert (found.config_dir, found.data_dir) == (tmp_path / "c", tmp_path / "d")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "set HOME, or set PAN123_CONFIG_DIR and PAN123_DATA_DIR to absolute"),
        ({"PAN123_DATA_DIR": "~nobody-of-that-name/x"}, "home folder cannot be found"),
        ({"PAN123_CONFIG_DIR": "/c", "PAN123_DATA_DIR": "/d\ne"}, "“/d\\ne” cannot be used"),
    ],
)
def test_folders_that_cannot_be_are_said_also_to_a_user_without_a_home(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: str
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", Mock(side_effect=KeyError))
    with pytest.raises(SettingsInvalid) as error:
        locate(environ)
    assert said in str(error.value)
    named = locate({"PAN123_CONFIG_DIR": "/c", "PAN123_DATA_DIR": "/d"})
    assert named.folders == (Path("/c"), Path("/d"), Path("/d/state"))


def test_files_that_are_open_to_others_are_closed_and_reported(tmp_path: Path) -> None:
    app_paths = paths_in(tmp_path / "deep")
    assert app_paths.ensure_directories() == []
    assert [mode(folder) for folder in app_paths.folders] == [0o700] * 3
    opened = [app_paths.config_dir / "credentials.toml", app_paths.token_cache]
    for path in opened:
        path.touch()
        path.chmod(0o644)
    found = app_paths.ensure_directories()
    assert found == [
        f"{path} was open to others (mode 0644); only you can open it now." for path in opened
    ]
    assert app_paths.ensure_directories() == []


@pytest.mark.parametrize("bits", [0o1777, 0o755])
def test_a_folder_that_was_there_is_reported_and_left_as_it_is(tmp_path: Path, bits: int) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(bits)
    (told,) = AppPaths(tmp_path / "c", shared, tmp_path / "s").ensure_directories()
    assert told.startswith(f"{shared} is open to others (mode {bits:04o}): choose a folder")
    assert mode(shared) == bits
