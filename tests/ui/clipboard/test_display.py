"""The clipboard of a real display, read by the real tools."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from unittest.mock import Mock

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.system.clipboard import ClipboardFailure, ClipboardResult, read_local, write_local
from pan123_tui.system.processes import LIMIT_BYTES
from pan123_tui.ui.clipboard import ClipboardController
from tests.display import Display, display

LINKS = "下载 https://a.example/电影.zip，密码 1\nhttp://b.example/2.zip"
PATIENCE_S = 20

pytestmark = pytest.mark.needs("Xvfb", "xclip", "xsel")


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
    clipboard = ClipboardController(Mock(), screen.environ, Clipboard(), terminal=Mock())
    assert await clipboard.read_machine() == ClipboardResult(LINKS)


async def test_xsel_is_used_where_there_is_no_xclip(screen: Display, tmp_path: Path) -> None:
    screen.copy(LINKS.encode(), target="UTF8_STRING")
    environ = {**screen.environ, "PATH": tools("xsel", folder=tmp_path)}
    assert await read_local(environ) == ClipboardResult(LINKS)


async def test_without_a_tool_the_result_names_it(screen: Display, tmp_path: Path) -> None:
    environ = {**screen.environ, "PATH": str(tmp_path)}
    assert await read_local(environ) == ClipboardResult(failure=ClipboardFailure.NO_TOOL)


async def test_without_text_the_clipboard_is_empty(screen: Display) -> None:
    screen.clear()
    screen.copy(b"https://secret.example/", selection="primary")
    assert await read_local(screen.environ) == ClipboardResult(failure=ClipboardFailure.EMPTY)


async def test_a_frozen_owner_blocks_nothing(screen: Display) -> None:
    screen.copy(b"https://a.example/")
    screen.freeze_owner()
    began = monotonic()
    result = await read_local(screen.environ, timeout_s=1)
    assert result == ClipboardResult(failure=ClipboardFailure.BROKEN)
    assert monotonic() - began < PATIENCE_S


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
