"""The clipboard of a real display, read by the real tools."""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import Mock

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.system import clipboard
from pan123_tui.system.clipboard import (
    ClipboardFailure,
    ClipboardReader,
    ClipboardResult,
    read_local,
    write_local,
)
from pan123_tui.system.processes import LIMIT_BYTES, start_command
from pan123_tui.ui.clipboard import ClipboardController
from tests.display import Display, display

LINKS = "下载 https://a.example/电影.zip，密码 1\nhttp://b.example/2.zip"
PATIENCE_S = 20

pytestmark = pytest.mark.needs("Xvfb", "xclip", "xsel")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The processes that have been started to read."""
    processes: list[Process] = []

    async def start(*words: Any, **options: Any) -> Process:
        processes.append(await start_command(*words, **options))
        return processes[-1]

    monkeypatch.setattr(clipboard, "start_command", start)
    return processes


@pytest.fixture(scope="module")
def screen() -> Iterator[Display]:
    with display() as shown:
        yield shown


def tools(*names: str, folder: Path) -> str:
    """Return a PATH with only the tools called `names`."""
    for name in names:
        found = [Path(part) / name for part in os.environ["PATH"].split(":")]
        (folder / name).symlink_to(next(tool for tool in found if tool.exists()))
    return str(folder)


async def test_xclip_is_found_and_read(screen: Display) -> None:
    screen.copy(LINKS.encode(), target="UTF8_STRING")
    controller = ClipboardController(Mock(), screen.environ, Clipboard(), terminal=Mock())
    assert await controller.read_machine() == ClipboardResult(LINKS)


async def test_xsel_is_used_where_there_is_no_xclip(screen: Display, tmp_path: Path) -> None:
    screen.copy(LINKS.encode(), target="UTF8_STRING")
    environ = {**screen.environ, "PATH": tools("xsel", folder=tmp_path)}
    assert await read_local(environ) == ClipboardResult(LINKS)


async def test_without_a_tool_a_watch_ends_after_asking_one_process(
    screen: Display, tmp_path: Path, started: list[Process]
) -> None:
    app, environ = Mock(), {**screen.environ, "PATH": str(tmp_path)}
    quick = Clipboard(interval_s=0.01)
    await ClipboardController(app, environ, quick, terminal=Mock()).watch()
    assert "No clipboard tool was found" in app.notify.call_args.args[0]
    assert [process.returncode is not None for process in started] == [True]


async def test_a_watch_that_is_stopped_leaves_no_process(
    screen: Display, started: list[Process]
) -> None:
    screen.copy(b"before")
    controller = ClipboardController(Mock(), screen.environ, Clipboard(), terminal=Mock())
    polled, collected = asyncio.Event(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        polled.set()
        await asyncio.sleep(0.01)

    controller.watcher._sleep = sleep

    def changed() -> None:
        if controller.watcher.collected:
            collected.set()

    controller.on_change = changed
    watch = asyncio.create_task(controller.watch())
    async with asyncio.timeout(PATIENCE_S):
        await polled.wait()
        screen.copy(LINKS.encode(), target="UTF8_STRING")
        await collected.wait()
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    assert [process.returncode is not None for process in started] == [True]


async def test_without_text_the_clipboard_is_empty(screen: Display) -> None:
    screen.clear()
    screen.copy(b"https://secret.example/", selection="primary")
    assert await read_local(screen.environ) == ClipboardResult(failure=ClipboardFailure.EMPTY)


async def test_a_frozen_owner_blocks_nothing_and_the_next_one_is_read(
    screen: Display, started: list[Process]
) -> None:
    screen.copy(b"https://a.example/")
    screen.freeze_owner()
    async with aclosing(ClipboardReader(screen.environ, timeout_s=1)) as reader:
        began = monotonic()
        assert await reader.read() == ClipboardResult(failure=ClipboardFailure.BROKEN)
        assert monotonic() - began < PATIENCE_S
        screen.copy(LINKS.encode(), target="UTF8_STRING")
        reader._timeout_s = PATIENCE_S
        assert await reader.read() == ClipboardResult(LINKS)
    assert [process.returncode is not None for process in started] == [True, True]


async def test_a_picture_is_no_text(screen: Display) -> None:
    screen.copy(b"\x89PNG\r\n\x1a\n\x00\x00", target="image/png")
    assert await read_local(screen.environ) == ClipboardResult(failure=ClipboardFailure.EMPTY)


async def test_a_huge_text_is_cut_after_a_whole_line(screen: Display) -> None:
    line = "https://a.example/file.zip"
    screen.copy("\n".join([line] * (LIMIT_BYTES // len(line))).encode(), target="UTF8_STRING")
    result = await read_local(screen.environ, timeout_s=PATIENCE_S)
    assert set(result.text.split("\n")) == {line}
    assert len(result.text) <= LIMIT_BYTES


async def test_what_is_written_is_there_for_others(screen: Display) -> None:
    assert await write_local(LINKS, screen.environ)
    await asyncio.to_thread(screen.wait_for, LINKS.encode(), target="UTF8_STRING")
