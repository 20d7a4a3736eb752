"""Where the user's folders are, and that nobody else can read them."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pan123_tui.config.paths import AppPaths, locate
from pan123_tui.domain.errors import ProfileMissing, SettingsInvalid


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def paths_in(folder: Path) -> AppPaths:
    return AppPaths(folder / "config", folder / "data", folder / "state")


def test_the_variables_name_the_folders_and_the_state_follows_the_data(tmp_path: Path) -> None:
    environ = {
        "PAN123_CONFIG_DIR": str(tmp_path / "c"),
        "PAN123_DATA_DIR": str(tmp_path / "d"),
    }
    assert locate(environ) == AppPaths(tmp_path / "c", tmp_path / "d", tmp_path / "d" / "state")


def test_a_profile_is_three_folders_below_those_of_the_default_one(tmp_path: Path) -> None:
    environ = {
        "PAN123_CONFIG_DIR": str(tmp_path / "c"),
        "PAN123_DATA_DIR": str(tmp_path / "d"),
    }
    default = locate(environ)
    work = locate(environ | {"PAN123_PROFILE": "work"})
    assert work.folders == tuple(folder / "profiles" / "work" for folder in default.folders)
    assert default.all_profiles() == [default]
    with pytest.raises(ProfileMissing, match=r"“work”.* Existing profiles: default\."):
        work.require_profile()
    (default.state_dir / "profiles" / "home").mkdir(parents=True)
    (default.config_dir / "profiles" / "no name").mkdir(parents=True)
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


def test_without_variables_the_system_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = locate({"PAN123_DATA_DIR": ""})
    folders = (found.config_dir, found.data_dir, found.state_dir)
    assert all(folder.is_relative_to(tmp_path) for folder in folders)
    assert all("pan123-tui" in folder.parts for folder in folders)
    assert found.config_dir != found.data_dir


def test_missing_folders_are_created_private_without_a_report(tmp_path: Path) -> None:
    app_paths = paths_in(tmp_path / "deep")
    assert app_paths.ensure_directories() == []
    assert [mode(f) for f in (app_paths.config_dir, app_paths.data_dir, app_paths.state_dir)] == [
        0o700
    ] * 3


def test_wrong_modes_are_fixed_and_reported(tmp_path: Path) -> None:
    app_paths = paths_in(tmp_path)
    assert app_paths.ensure_directories() == []
    credentials = app_paths.config_dir / "credentials.toml"
    opened = [app_paths.data_dir, credentials, app_paths.token_cache]
    for path, bits in zip(opened, (0o755, 0o644, 0o644), strict=True):
        if path is not app_paths.data_dir:
            path.touch()
        path.chmod(bits)
    found = app_paths.ensure_directories()
    assert found == [
        f"{path} was open to others (mode {bits}); only you can open it now."
        for path, bits in zip(opened, ("0755", "0644", "0644"), strict=True)
    ]
    assert app_paths.ensure_directories() == []


@pytest.mark.parametrize(("name", "bits"), [("tmp", 0o1777), ("home", 0o755)])
def test_a_shared_folder_and_the_home_are_reported_and_left_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, bits: int
) -> None:
    shared = tmp_path / name
    shared.mkdir()
    shared.chmod(bits)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (told,) = AppPaths(tmp_path / "c", shared, tmp_path / "s").ensure_directories()
    assert told.startswith(f"{shared} is open to others (mode {bits:04o}): choose a folder")
    assert mode(shared) == bits


def test_settings_and_paths_are_read_without_anything_heavy() -> None:
    heavy = ("httpx", "textual", "rich", "platformdirs", "tomllib", "asyncio", "starlette")
    program = (
        "import sys, os\n"
        "from pathlib import Path\n"
        "from pan123_tui.config import credentials, paths, settings\n"
        "app_paths = paths.locate(os.environ)\n"
        "settings.load(os.environ, app_paths.config_dir)\n"
        "credentials.load_credentials(os.environ, app_paths.config_dir)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    environ = {"PAN123_CONFIG_DIR": "/nonexistent", "PAN123_DATA_DIR": "/nonexistent"}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_the_state_follows_the_data_also_where_only_that_has_a_variable(tmp_path: Path) -> None:
    found = locate({"PAN123_DATA_DIR": str(tmp_path / "d")})
    assert found.folders[1:] == (tmp_path / "d", tmp_path / "d" / "state")
    assert found.config_dir == locate({}).config_dir
