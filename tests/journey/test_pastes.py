"""Pastes into a real terminal, bracketed and not, and bytes that are not text."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.terminal import PATIENCE_S, Terminal
from tests.leftovers import end_engines

LINKS = [f"https://a.example/files/part-{n}.zip" for n in (1, 2, 3)]


def places(folder: Path) -> dict[str, str]:
    return {
        "PAN123_DATA_DIR": str(folder / "data"),
        "PAN123_CONFIG_DIR": str(folder / "config"),
    }


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("shared")
    with Terminal(environ=places(folder)) as terminal:
        yield terminal
    end_engines(folder)


@pytest.fixture
def terminal(opened: Terminal) -> Iterator[Terminal]:
    """The module's only program, without a link; what a test pastes is discarded after it."""
    opened.sees("No downloads yet")
    yield opened
    opened.press("ctrl+x", "escape")
    opened.sees("No downloads yet")


def send(terminal: Terminal, data: bytes) -> None:
    """Send raw bytes while reading the output, so that neither side blocks."""
    for at in range(0, len(data), 1024):
        os.write(terminal.process.child_fd, data[at : at + 1024])
        terminal.read_output(0.001)


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_three_lines_open_the_review_with_three_links(terminal: Terminal, line_end: str) -> None:
    terminal.paste(line_end.join(LINKS))
    terminal.sees("3 links to queue")
    for link in LINKS:
        terminal.sees("new", link.rpartition("/")[2])


def test_five_thousand_lines_arrive_whole(terminal: Terminal) -> None:
    lines = "\r".join(f"https://a.example/files/{n}.zip" for n in range(5_000))
    send(terminal, f"\x1b[200~{lines}\x1b[201~".encode())
    terminal.sees("5,000 links to queue")


def test_chinese_around_the_links_stays_out_of_them(terminal: Terminal) -> None:
    terminal.paste(
        "电影：链接：https://a.example/电影.mkv，解压密码 123\r下载地址https://b.example/2.zip。"
    )
    terminal.sees("2 links to queue")
    terminal.sees("new", "2.zip")


def test_a_gbk_terminal_pastes_links_too(terminal: Terminal) -> None:
    send(
        terminal, b"\x1b[200~" + "链接：https://a.example/1.zip，电影".encode("gbk") + b"\x1b[201~"
    )
    terminal.sees("1 link to queue")
    terminal.press("enter")
    terminal.sees("链接：https://a.example/1.zip，电影")
    terminal.press("escape")
    terminal.misses("Edit the link")


@pytest.mark.parametrize("size", [60, 1024])  # few writes: a busy machine holds up any of them
def test_a_paste_without_brackets_opens_the_review_and_fires_no_key(
    terminal: Terminal, size: int
) -> None:
    data = "\r".join(LINKS).encode()
    for at in range(0, len(data), size):
        os.write(terminal.process.child_fd, data[at : at + size])
    terminal.sees("3 links to queue")
    terminal.sees("new", "part-3.zip")
    terminal.misses("leave")


def test_a_key_after_a_paste_without_brackets_is_a_key_again(terminal: Terminal) -> None:
    os.write(terminal.process.child_fd, LINKS[0].encode())
    terminal.sees("1 link to queue")
    terminal.press("escape")
    terminal.sees("Kept as a draft: a opens it.")
    terminal.press("a")
    terminal.sees("1 link to queue")


def test_an_answer_that_nobody_asked_for_fires_no_key(terminal: Terminal) -> None:
    send(terminal, b"\x1b]52;c;cXFxcXE=\x1b\\\x1bP>|qqq?a\x1b\\\x1b[?62;4;22c")
    terminal.press("?")
    terminal.sees("Actions and keys")
    terminal.press("escape")
    terminal.misses("Actions and keys")
    terminal.paste(LINKS[0])
    terminal.sees("1 link to queue")


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    with Terminal(environ=places(tmp_path)) as terminal:
        terminal.sees("No downloads yet")
        for n, junk in enumerate([b"\xff", b"\xc4\xe3\xba\xc3", b"\xe4\xbd", b"\x80\x80\x80"]):
            send(terminal, junk)
            terminal.press("?")
            terminal.sees("Actions and keys")
            terminal.press("escape")
            terminal.misses("Actions and keys")
            send(terminal, b"\x1b[200~" + junk + f" https://a.example/{n}.zip\x1b[201~".encode())
            terminal.sees("new", f"{n}.zip")
            terminal.press("ctrl+s")
            terminal.misses(" to queue")


def block_hangup_signal() -> None:
    """Block SIGHUP, so that only the end of the input shows that the terminal is gone."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})


@pytest.mark.parametrize("before", [None, block_hangup_signal])
def test_the_program_leaves_when_its_terminal_has_gone(
    tmp_path: Path, before: Callable[[], None] | None
) -> None:
    with Terminal(environ=places(tmp_path), before=before) as terminal:
        terminal.sees("No downloads yet")
        assert os.WIFEXITED(hang_up(terminal))


def hang_up(terminal: Terminal) -> int:
    """Close the terminal and return the program's wait status."""
    process: Any = terminal.process
    process.ptyproc.fileobj.close()
    process.ptyproc.closed = process.closed = True
    deadline = time.monotonic() + PATIENCE_S
    while not (ended := os.waitpid(process.pid, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            process.kill(signal.SIGKILL)
        time.sleep(0.01)
    process.ptyproc.terminated = True
    return ended[1]
