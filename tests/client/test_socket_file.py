"""Where an engine's socket is: in its data folder or a private one, and for this user only."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from pan123_tui.client.socket_file import MAX_PATH_BYTES, bind_socket, short_path
from pan123_tui.system.lock_holder import SOCKET_NAME

LONG = Path("x" * MAX_PATH_BYTES)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside the folder of temporary files, so that paths are short."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "t")
    for folder in ("t", "data"):
        Path(folder).mkdir(0o700)
    return Path("t")


def test_it_is_in_the_data_folder_or_in_a_private_one_and_private_itself(temporary: Path) -> None:
    for folder, parent in ((Path("data"), "data"), (LONG, f"pan123-tui-{os.getuid()}")):
        bound, path = bind_socket(folder)
        bound.close()
        assert path.parent.name == parent
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.parent.parent == temporary
    assert path == short_path(LONG) != short_path(Path("data"))


def test_a_file_system_that_refuses_sockets_is_avoided(temporary: Path) -> None:
    (Path("data") / SOCKET_NAME).mkdir()  # it cannot be unlinked or bound
    bound, path = bind_socket(Path("data"))
    bound.close()
    assert path.parent.parent == temporary


@pytest.mark.parametrize("fault", ["open to others", "of another user", "a link"])
def test_a_short_folder_that_is_not_private_to_this_user_is_not_used(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    user = os.getuid() + (fault == "of another user")
    monkeypatch.setattr(os, "getuid", lambda: user)
    folder = temporary / f"pan123-tui-{user}"
    if fault == "a link":
        (temporary / "elsewhere").mkdir(0o700)
        folder.symlink_to("elsewhere")
    else:
        folder.mkdir(0o755 if fault == "open to others" else 0o700)
    with pytest.raises(PermissionError):
        bind_socket(LONG)
