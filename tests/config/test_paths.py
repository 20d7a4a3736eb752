"""Where things are, and that nobody else can look into them."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pan123_tui.config import paths
from pan123_tui.config.paths import AppPaths, InsecurePermissions, locate, stylesheet


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def places_in(folder: Path) -> AppPaths:
    return AppPaths(folder / "config", folder / "data", folder / "state")


def test_the_variables_name_the_folders_and_the_state_follows_the_data(tmp_path: Path) -> None:
    environ = {
        "PAN123_CONFIG_DIR": str(tmp_path / "c"),
        "PAN123_DATA_DIR": str(tmp_path / "d"),
    }
    assert locate(environ) == AppPaths(tmp_path / "c", tmp_path / "d", tmp_path / "d" / "state")


def test_a_home_in_a_variable_is_expanded_and_a_relative_path_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = locate({"PAN123_CONFIG_DIR": "~/c", "PAN123_DATA_DIR": "d"})
    assert (found.config_dir, found.data_dir) == (tmp_path / "c", tmp_path / "d")


def test_without_variables_the_system_says_where(
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


def test_missing_folders_are_made_private_without_a_word(tmp_path: Path) -> None:
    places = places_in(tmp_path / "deep")
    assert places.ensure_directories() == []
    assert [mode(f) for f in (places.config_dir, places.data_dir, places.state_dir)] == [0o700] * 3


def test_wrong_modes_are_mended_and_told(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    places.ensure_directories()
    credentials = places.config_dir / "credentials.toml"
    for file in (credentials, places.token_cache):
        file.touch()
        file.chmod(0o644)
    places.data_dir.chmod(0o755)
    found = places.ensure_directories()
    assert found == [
        InsecurePermissions(places.data_dir, 0o755, is_fixed=True),
        InsecurePermissions(credentials, 0o644, is_fixed=True),
        InsecurePermissions(places.token_cache, 0o644, is_fixed=True),
    ]
    assert "0644" in str(found[1])
    assert str(credentials) in str(found[1])
    assert places.ensure_directories() == []


def test_a_shared_folder_is_reported_and_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    found = AppPaths(tmp_path / "c", shared, tmp_path / "s").ensure_directories()
    assert found == [InsecurePermissions(shared, 0o1777, is_fixed=False)]
    assert mode(shared) == 0o1777


def test_the_home_folder_is_never_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    found = AppPaths(tmp_path / "c", tmp_path, tmp_path / "s").ensure_directories()
    assert found == [InsecurePermissions(tmp_path, 0o755, is_fixed=False)]
    assert mode(tmp_path) == 0o755


def test_the_stylesheet_of_the_package_goes_before_the_checkouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pan123_tui"
    package.mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "config" / "paths.py"))
    with pytest.raises(FileNotFoundError):
        stylesheet()
    (tmp_path / "styles.tcss").touch()
    assert stylesheet() == tmp_path / "styles.tcss"
    (package / "styles.tcss").touch()
    assert stylesheet() == package / "styles.tcss"


def test_the_stylesheet_is_found_where_the_program_is() -> None:
    assert stylesheet().read_text("utf-8")


def test_settings_and_places_are_read_without_anything_heavy() -> None:
    heavy = ("httpx", "textual", "rich", "platformdirs", "tomllib", "asyncio", "starlette")
    program = (
        "import sys, os\n"
        "from pathlib import Path\n"
        "from pan123_tui import credentials_file, paths, settings\n"
        "places = paths.find_places(os.environ)\n"
        "settings.load(os.environ, places.config_dir)\n"
        "credentials_file.load_credentials(os.environ, places.config_dir)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    environ = {"PAN123_CONFIG_DIR": "/nonexistent", "PAN123_DATA_DIR": "/nonexistent"}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
