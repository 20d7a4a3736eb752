"""Real engines that are killed: their screens start them again, three times a minute at most."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from pan123_tui.bootstrap import AppContext, engine_client, load_context
from pan123_tui.client.starter import MAX_STARTS
from pan123_tui.client.updates import AttachmentState
from pan123_tui.domain.commands import AddTasks, StopEngine
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.system.process import is_running
from tests.engine.remote.stage import TIMEOUT_S, Screen
from tests.engine_stage import load_stored
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


def screen_of(context: AppContext) -> Screen:
    """Return a screen that starts the engine where none runs."""
    screen = Screen(context.paths.data_dir)
    screen.client = engine_client(context)
    return screen


def pid_of(screen: Screen) -> int:
    assert screen.client.engine is not None
    return screen.client.engine.pid


async def has_ended(pid: int) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while is_running(pid):
            reap(pid)
            await asyncio.sleep(0.01)


def reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


async def test_screens_start_a_killed_engine_again_and_no_link_is_lost_or_there_twice(
    context: AppContext,
) -> None:
    added: list[str] = []

    async def add(screen: Screen) -> None:
        added.append(f"https://example.com/{len(added)}.bin")
        await screen.client.call(AddTasks((DownloadRequest(added[-1]),)))

    async with AsyncExitStack() as stack:
        screens = [await stack.enter_async_context(screen_of(context)) for _ in range(2)]
        await asyncio.gather(*map(add, screens))
        killed: set[int] = set()
        for _ in range(MAX_STARTS - 1):
            killed.add(pid := pid_of(screens[0]))
            os.kill(pid, signal.SIGKILL)
            await asyncio.gather(*map(add, screens))
            assert pid_of(screens[0]) == pid_of(screens[1])
            assert pid_of(screens[0]) not in killed
        last = pid_of(screens[0])
        for screen in screens:
            await screen.sees(lambda model: len(model.tasks) == len(added))
            links = sorted(task.url for task in screen.model.tasks.values())
            assert links == sorted(added)
        await screens[0].client.call(StopEngine())
        for screen in screens:
            await screen.sees(lambda model: model.attachment.state is AttachmentState.ENDED)
    for pid in (last, *killed):
        await has_ended(pid)
    stored = load_stored(context.paths.data_dir)
    assert sorted(task.url for task in stored.values()) == sorted(added)


async def test_an_engine_that_is_killed_again_and_again_is_left_alone(
    context: AppContext,
) -> None:
    async with screen_of(context) as screen:
        for _ in range(MAX_STARTS):
            await screen.sees(lambda model: model.attachment.is_reachable)
            pid = pid_of(screen)
            os.kill(pid, signal.SIGKILL)
            await screen.sees(lambda model: not model.attachment.is_reachable)
            reap(pid)
        await screen.sees(lambda model: model.attachment.trouble)
        assert screen.model.attachment.state is AttachmentState.LOST
        assert screen.model.attachment.trouble is not None
        assert screen.model.attachment.trouble.kind is ProblemKind.ENGINE_NOT_STARTED
