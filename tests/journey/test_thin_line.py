"""Slow and stalled connections: the bytes sent, and what continues when none are read."""

import time
from pathlib import Path

import pytest

from tests.bench import stock
from tests.bench.service import ServiceProcess
from tests.bench.watched import Watched
from tests.journey.terminal import PROGRAM
from tests.shell import Shell

PATIENCE_S = 40.0
CTRL_L = "\x0c"
"""Repaints all."""


def write_sizes(program: Watched, count: int, within_s: float = PATIENCE_S) -> list[int]:
    """Return the sizes of the program's next `count` writes."""
    begun = len(program.chunks)
    program.take(within_s, at_most=count)
    return [len(chunk.data) for chunk in program.chunks[begun:]]


@pytest.mark.long
def test_moving_tasks_send_a_few_cells(environ: dict[str, str], tmp_path: Path) -> None:
    Shell(tmp_path).configure("notify.title = false\n")
    stock.fill(tmp_path / "data", active=100, ended=500)
    with ServiceProcess() as service, Watched(PROGRAM, {**service.environ, **environ}) as program:
        program.wait_for(stock.NEWEST)
        program.wait_for("logged in")
        program.send("2")
        write_sizes(program, 3)  # on a busy machine the whole is still being drawn
        sizes = write_sizes(program, 5)
        program.send("4")
        # Longer than its paints are apart; it may still paint the other view.
        assert any(not write_sizes(program, 1, within_s=1.5) for _ in range(40))
        assert write_sizes(program, 1, within_s=3.0) == []
    assert len(sizes) == 5
    # A repaint of all takes eight thousand bytes, a new percentage two hundred.
    assert sorted(sizes)[2] < 1000, sizes


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
