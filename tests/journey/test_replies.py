"""What a shell finds after the program: no replies in its line, and no dashboard above it."""

import os
from pathlib import Path
from threading import Timer

import pytest

from tests.journey.terminal import PROGRAM, Terminal

ROUND_TRIP_S = 0.2
QUERY, CLIPBOARD = b"\x1b]52;c;?", b"\x1b]52;c;a2l0dHk=\x1b\\"
QUERY_DEVICE, DEVICE = b"\x1b[c", b"\x1b[?62;22c"
CLEARS = b"\x1b[H\x1b[2J"
SHELL = ("sh", "-c", '"$@"; echo back in the shell; sleep 1', "sh", *PROGRAM)


class FarTerminal(Terminal):
    """A terminal whose replies are still on their way when the program leaves."""

    def on_output(self, drawn: bytes) -> None:
        if CLEARS in drawn:
            self._reply(CLIPBOARD, ROUND_TRIP_S / 2)
        if QUERY_DEVICE in drawn:
            self._reply(DEVICE, ROUND_TRIP_S)

    def _reply(self, data: bytes, after_s: float) -> None:
        Timer(after_s, os.write, (self.process.child_fd, data)).start()


@pytest.mark.needs("screen")
def test_gnu_screen_which_has_no_second_screen_does_not_keep_the_dashboard(
    environ: dict[str, str], tmp_path: Path
) -> None:
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    program = ("screen", "-c", os.devnull, "-U", *SHELL)
    with Terminal(environ=environ | {"SCREENDIR": str(sockets)}, program=program) as terminal:
        terminal.sees("No downloads yet")
        terminal.press("q")
        terminal.sees("back in the shell")
        assert terminal.text.split() == ["back", "in", "the", "shell"]


def test_replies_within_a_round_trip_of_the_exit_are_not_echoed(environ: dict[str, str]) -> None:
    environ |= {"SSH_TTY": "/dev/pts/9", "LC_TERMINAL": "kitty"}
    with FarTerminal(environ=environ, program=SHELL) as terminal:
        terminal.sees("No downloads yet")
        terminal.press("p")
        terminal.waits(lambda: QUERY in terminal.heard, "no query")
        terminal.press("q")
        terminal.sees("back in the shell")
        terminal.ends(within_s=60)
    after = terminal.heard.rpartition(b"back in the shell")[2]
    assert b"a2l0" not in after
    assert b"62;" not in after
