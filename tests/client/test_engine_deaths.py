"""Real engines that are killed: their screens start them again, three times a minute at most."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from pan123_tui.bootstrap import AppContext, engine_client, load_context
from pan123_tui.client.starter import MAX_STARTS
from pan123_tui.client.updates import AttachmentState
from pan123_tui.domain.errors import ProblemKind
from tests.engine.remote.stage import Screen
from tests.service.accounts import ACCESS_TOKEN


@pytest.fixture
def context(tmp_path: Path) -> AppContext:
    """Return the context of a user whose engines are processes."""
    own = {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "PAN123_BASE_URL": "http://127.0.0.1:9",
        "PAN123_ACCESS_TOKEN": ACCESS_TOKEN,
    }
    made = load_context({**os.environ, **own})
    made.paths.ensure_directories()
    return made


def reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


async def test_an_engine_that_is_killed_again_and_again_is_left_alone(
    context: AppContext,
) -> None:
    async with Screen(context.paths.data_dir, client=engine_client(context)) as screen:
        for _ in range(MAX_STARTS):
            await screen.sees(lambda model: model.attachment.is_reachable)
            assert screen.client.engine is not None
            pid = screen.client.engine.pid
            os.kill(pid, signal.SIGKILL)
            await screen.sees(lambda model: not model.attachment.is_reachable)
            reap(pid)
        await screen.sees(lambda model: model.attachment.trouble)
        assert screen.model.attachment.state is AttachmentState.LOST
        assert screen.model.attachment.trouble is not None
        assert screen.model.attachment.trouble.kind is ProblemKind.ENGINE_NOT_STARTED
