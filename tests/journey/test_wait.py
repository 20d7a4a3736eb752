"""`wait` and `add --wait`: a line that moves in a terminal, and nothing in a pipe."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_stage import generous_world
from tests.journey.terminal import Terminal
from tests.service.server import SimulatorServer
from tests.shell import Shell

SOON, LATE = "https://example.com/3s/a.iso", "https://example.com/2h/b.iso"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with SimulatorServer(generous_world()) as server:
        yield Shell(tmp_path, server.base_url)


def test_in_a_terminal_it_shows_at_once_how_far_the_tasks_are(shell: Shell) -> None:
    with Terminal("add", SOON, LATE, "--wait", environ=shell.environ, columns=100) as terminal:
        terminal.sees("0 of 2 ended")
        terminal.sees("1 of 2 ended, 50%")
        shell.call("pause")
        shell.call("add", "https://example.com/c.iso")
        with Terminal("wait", "3", environ=shell.environ, columns=100) as other:
            other.sees("0 of 1 ended, 0%, Sending is paused")


def test_in_a_pipe_it_is_silent_and_its_end_can_be_read(shell: Shell) -> None:
    shell.call("add", SOON, LATE)
    ran = shell.run("wait", "1")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    ran = shell.run("wait", "1-2", "--timeout", "0.2", "--json")
    assert (ran.code, ran.err) == (1, "Time is up: not all tasks have ended.\n")
    assert [task["shown"] for task in ran.json] == ["done", "running"]
