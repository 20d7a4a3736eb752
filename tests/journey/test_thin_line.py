"""Slow and stalled connections: the bytes sent, and what continues when none are read."""

import sys
import time
from pathlib import Path

import pyte
import pytest
from tinydb import TinyDB

from tests.bench import stock
from tests.bench.service import ServiceProcess
from tests.bench.watched import COLUMNS, ROWS, Watched
from tests.service.accounts import ACCESS_TOKEN
from tests.service.server import SimulatorServer
from tests.service.world import World

PROGRAM = [sys.executable, "-m", "pan123_tui"]
PATIENCE_S = 40.0
CTRL_L = "\x0c"
"""Repaints all."""


def account(service: SimulatorServer) -> dict[str, str]:
    return {"PAN123_BASE_URL": service.base_url, "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}


def write_sizes(program: Watched, count: int) -> list[int]:
    """Return the sizes of the program's next `count` writes."""
    begun = len(program.chunks)
    deadline = time.monotonic() + PATIENCE_S
    while len(program.chunks) < begun + count and time.monotonic() < deadline:
        time.sleep(0.02)
    return [len(chunk.data) for chunk in program.chunks[begun : begun + count]]


def await_rest(program: Watched) -> None:
    """Wait until the program has written nothing for longer than its paints are apart."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < min(deadline, program.chunks[-1].at + 1.5):
        time.sleep(0.05)


def screen_text(program: Watched) -> str:
    """Return the text of the screen."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for chunk in list(program.chunks):
        stream.feed(chunk.data)
    return "\n".join(screen.display)


@pytest.mark.long
def test_a_hundred_moving_tasks_send_a_few_cells_at_a_time(
    environ: dict[str, str], tmp_path: Path
) -> None:
    stock.fill(tmp_path / "data", active=100)
    with ServiceProcess() as service, Watched(PROGRAM, {**service.environ, **environ}) as program:
        program.wait_for(stock.NEWEST)
        program.wait_for("online")
        write_sizes(program, 5)  # on a busy machine the whole is still being drawn
        sizes = write_sizes(program, 7)
    assert len(sizes) == 7
    # A repaint of all takes eight thousand bytes, a new percentage two hundred.
    assert sorted(sizes)[3] < 1000, sizes


@pytest.mark.long
def test_ended_tasks_send_nothing_at_all(environ: dict[str, str], tmp_path: Path) -> None:
    stock.fill(tmp_path / "data", ended=2000)
    with ServiceProcess() as service, Watched(PROGRAM, {**service.environ, **environ}) as program:
        program.wait_for(stock.NEWEST)
        program.wait_for("done 2,000")
        program.wait_for("online")
        await_rest(program)
        written = program.written
        at = time.monotonic()
        while time.monotonic() < at + 4.0 and program.written == written:
            time.sleep(0.05)
        assert program.written == written


@pytest.mark.long
def test_while_the_terminal_takes_nothing_the_engine_goes_on(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with SimulatorServer(World(speed=30)) as service:
        environ |= account(service)
        with Watched(PROGRAM, environ) as program:
            program.wait_for("online")
            program.is_reading = False
            # Full paints, until the terminal's buffer and Textual's queue of 30 writes are full.
            for _ in range(60):
                program.send(CTRL_L)
                time.sleep(0.02)
            links = [f"https://example.com/good/{number}.bin" for number in range(3)]
            add = Watched([*PROGRAM, "add", *links], environ)
            with add:
                deadline = time.monotonic() + PATIENCE_S
                while states(tmp_path) != ["succeeded"] * 3 and time.monotonic() < deadline:
                    time.sleep(0.1)
            assert states(tmp_path) == ["succeeded"] * 3
            program.is_reading = True
            deadline = time.monotonic() + PATIENCE_S
            text = ""
            while "2.bin" not in text or "done 3" not in text:
                assert time.monotonic() < deadline, text
                time.sleep(0.1)
                text = screen_text(program)


def states(folder: Path) -> list[str]:
    """Return the stored states."""
    if not (folder / "data" / "tasks.json").exists():
        return []
    with TinyDB(folder / "data" / "tasks.json", access_mode="r") as db:
        return [str(document["state"]) for document in db.table("tasks").all()]
