"""Pastes into a real terminal, bracketed and not, and bytes that are not text."""

import fcntl
import os
import signal
import termios
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journey.terminal import PATIENCE_S, Terminal
from tests.leftovers import end_engines

LINKS = [f"https://a.example/files/part-{n}.zip" for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("shared")
    places = {f"PAN123_{name}_DIR": str(folder / name) for name in ("DATA", "CONFIG")}
    with Terminal(environ=places) as terminal:
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


def test_three_lines_open_the_review_with_three_links(terminal: Terminal) -> None:
    terminal.paste("\r\n".join(LINKS))
    terminal.sees("3 links to queue")
    for link in LINKS:
        terminal.sees("new", link.rpartition("/")[2])


def test_five_thousand_lines_arrive_whole(terminal: Terminal) -> None:
    lines = "\r".join(f"https://a.example/files/{n}.zip" for n in range(5_000))
    send(terminal, f"\x1b[200~{lines}\x1b[201~".encode())
    terminal.sees("5,000 links to queue")


def test_a_paste_without_brackets_opens_the_review_and_fires_no_key(terminal: Terminal) -> None:
    data = "\r".join(LINKS).encode()
    for part in (data[:60], data[60:]):  # few writes: a busy machine holds up any of them
        os.write(terminal.process.child_fd, part)
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


def leave_session() -> None:
    """Give up the terminal's control, so that its end sends no SIGHUP, only no more input."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # this sends one
    fcntl.ioctl(0, termios.TIOCNOTTY)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_the_program_leaves_when_its_terminal_has_gone(environ: dict[str, str]) -> None:
    with Terminal(environ=environ, before=leave_session) as terminal:
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
