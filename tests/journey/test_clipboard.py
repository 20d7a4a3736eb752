"""The clipboard in real terminals: over SSH, in tmux and in GNU screen."""

import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journey.terminal import PROGRAM, Terminal

LINKS = "电影 https://a.example/one.zip\nhttp://b.example/two.zip"
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22", "SSH_TTY": "/dev/pts/9"}


@pytest.fixture
def tmux() -> Iterator[tuple[str, ...]]:
    """A separate tmux server with default settings."""
    command = ("tmux", "-L", f"pan123-{uuid4().hex}", "-f", "/dev/null")
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True)


class OuterTerminal(Terminal):
    """The terminal outside tmux."""

    def copied(self) -> list[str]:
        """The texts copied to its clipboard."""
        parts = self.heard.split(b"\x1b]52;")[1:]
        texts = [part.partition(b"\x07")[0].partition(b"\x1b")[0] for part in parts]
        data = [text.partition(b";")[2] for text in texts]
        return [b64decode(text).decode() for text in data if text != b"?"]


@pytest.mark.needs("tmux")
def test_tmux_copies(environ: dict[str, str], tmux: tuple[str, ...]) -> None:
    program = (*tmux, "new-session", *PROGRAM)
    with OuterTerminal(environ=environ | SSH, program=program) as terminal:
        terminal.sees("No downloads yet")
        terminal.press("p")
        terminal.sees("press your terminal's paste key")
        terminal.paste(LINKS)
        terminal.sees("2 links to queue")
        terminal.sees("new", "two.zip")
        terminal.press("ctrl+s")
        terminal.sees("queued", "one.zip")
        terminal.press("y")
        terminal.sees("sent to the terminal's clipboard")
        terminal.waits(lambda: bool(terminal.copied()), "nothing was copied")
        assert set(terminal.copied()) == {"http://b.example/two.zip"}
        terminal.press("y")
        terminal.sees("Select with the mouse")
        terminal.sees("http://b.example/two.zip")


@pytest.mark.needs("screen")
def test_gnu_screen_copies(environ: dict[str, str], tmp_path: Path) -> None:
    links = [f"https://a.example/{number}-{'x' * 60}.zip" for number in range(20)]
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    program = ("screen", "-c", os.devnull, "-U", *PROGRAM)
    environ |= SSH | {"SCREENDIR": str(sockets)}
    with OuterTerminal(environ=environ, program=program) as terminal:
        terminal.sees("No downloads yet")
        terminal.paste("\n".join(links))
        terminal.sees("20 links to queue")
        terminal.press("ctrl+s")
        terminal.sees("queued", "19-")
        terminal.press("*", "y")
        terminal.sees("sent to the terminal's clipboard")
        terminal.waits(lambda: bool(terminal.copied()), "nothing was copied")
        assert sorted(terminal.copied()[0].split()) == sorted(links)
        # It would go on without its terminal.
        subprocess.run(["screen", "-X", "quit"], env=os.environ | environ, check=True)
