"""Where the socket is, and that it comes back."""

import asyncio
import os
import stat
import tempfile
import threading
from pathlib import Path

import pytest

from pan123_tui.client.socket_file import bind_socket, short_path
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.store.lock import LOCK_NAME
from pan123_tui.system.lock_holder import SOCKET_NAME
from tests.engine.remote.stage import TIMEOUT_S, Screen, serving_engine, socket_path
from tests.engine_stage import until


@pytest.fixture
def short_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder whose path fits, whatever pytest's own is."""
    monkeypatch.chdir(tmp_path)
    return Path("data")


def test_the_socket_is_in_the_data_folder_and_private(short_folder: Path) -> None:
    short_folder.mkdir(0o700)
    bound, path = bind_socket(short_folder)
    bound.close()
    assert path == short_folder / SOCKET_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of temporary files, with a short path."""
    monkeypatch.chdir(tmp_path)
    Path("t").mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "t")
    return Path("t")


def test_too_long_a_path_is_replaced_by_a_private_one(tmp_path: Path, temporary: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    bound, path = bind_socket(folder)
    bound.close()
    assert path.parent == temporary / f"pan123-tui-{os.getuid()}"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path == short_path(folder)
    assert path != short_path(tmp_path)


def test_a_file_system_that_refuses_sockets_is_avoided(short_folder: Path, temporary: Path) -> None:
    (short_folder / SOCKET_NAME).mkdir(parents=True)  # it cannot be unlinked or bound
    bound, path = bind_socket(short_folder)
    bound.close()
    assert path.parent.parent == temporary


@pytest.mark.parametrize("fault", ["open to others", "of another user", "a link"])
def test_a_short_folder_that_is_not_private_to_this_user_is_not_used(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, fault: str
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
        bind_socket(tmp_path / ("long" * 30))


async def test_a_deleted_socket_is_bound_again_and_connections_stay(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as former:
        await former.equals(engine)
        path = await socket_path(tmp_path)
        path.unlink()
        async with Screen(tmp_path) as later:
            await later.equals(engine)
        await former.equals(engine)
    assert not path.exists()


async def test_an_engine_that_ends_while_it_binds_its_socket_leaves_none(tmp_path: Path) -> None:
    bound, goes_on = list[Path](), threading.Event()

    def note(path: Path) -> None:
        bound.append(path)
        goes_on.wait(TIMEOUT_S)

    server = ScreenServer(tmp_path, program="engine", on_bound=note)
    serving = asyncio.create_task(server._serve())
    await until(lambda: bool(bound))
    serving.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.wait({serving})
    assert serving.cancelled()
    assert not bound[0].exists()


async def test_the_socket_of_whoever_came_after_stays_at_the_end(tmp_path: Path) -> None:
    async with serving_engine(tmp_path, check_interval_s=TIMEOUT_S):
        path = await socket_path(tmp_path)
        successor, again = bind_socket(tmp_path)
        assert again == path
    with successor:
        assert path.exists()
    path.unlink()


async def test_a_deleted_socket_is_left_to_whoever_has_the_lock_by_now(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_engine(tmp_path):
        path = await socket_path(tmp_path)
        (tmp_path / LOCK_NAME).unlink()
        path.unlink()
        await until(lambda: f"no socket for screens: {tmp_path / LOCK_NAME}" in caplog.text)
        assert not path.exists()
