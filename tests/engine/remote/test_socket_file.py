"""The socket comes back, and goes with its engine."""

from pathlib import Path

import pytest

from pan123_tui.system.folder_lock import LOCK_NAME, bind_socket, inode
from tests.engine.remote.stage import TIMEOUT_S, Screen, serving_engine, socket_path
from tests.engine_stage import until


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_a_socket_that_is_gone_or_replaced_is_bound_again_and_connections_stay(
    tmp_path: Path, *, is_replaced: bool
) -> None:
    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as former:
        await former.equals(engine)
        path = await socket_path(tmp_path)
        path.unlink()
        if is_replaced:
            other, _path = bind_socket(tmp_path)
            number = inode(path)
            await until(lambda: inode(path) not in (None, number))
            other.close()
        async with Screen(tmp_path) as later:
            await later.equals(engine)
        await former.equals(engine)
    assert not path.exists()


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
