"""A stalled connection: what continues when nothing is read."""

import time

import pytest

from tests.bench.watched import Watched
from tests.journey.terminal import PROGRAM
from tests.shell import Shell

CTRL_L = "\x0c"
"""Repaints all."""


@pytest.mark.long
def test_while_the_terminal_takes_nothing_the_engine_goes_on(shell: Shell) -> None:
    with Watched(PROGRAM, shell.environ) as program:
        program.wait_for("logged in")
        # Full paints, until the terminal's buffer and Textual's queue of 30 writes are full.
        for _ in range(60):
            program.send(CTRL_L)
            time.sleep(0.02)
        links = [f"https://example.com/good/{number}.bin" for number in range(3)]
        assert shell.call("add", *links, "--wait").code == 0
        program.wait_for("2.bin")
        program.wait_for("done 3")
