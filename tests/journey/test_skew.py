"""A screen and an engine of different versions: the screen starts an engine of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pan123_tui.client.protocol import PROTOCOL
from pan123_tui.system.folder_lock import is_listening
from tests.journey.terminal import Terminal
from tests.shell import Shell

ENGINE = """
import sys
from functools import partial
from pan123_tui.cli.main import main
from pan123_tui.engine.remote import connection, server
connection.PROTOCOL = int(sys.argv.pop(1))
server.Hello = partial(server.Hello, protocol=connection.PROTOCOL)
main()
"""
"""A program whose engine has another protocol."""
SERVICE_SPEED = 0.01


@pytest.fixture(autouse=True)
def _link(shell: Shell) -> None:
    """The list has one link."""
    shell.queue("https://example.com/first.zip")


@contextmanager
def other_engine(shell: Shell, protocol: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", ENGINE, str(protocol), "engine"]
    with subprocess.Popen(command, env=shell.environ) as process:
        shell.wait_until(lambda: is_listening(shell.data))
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.long
def test_a_screen_asks_an_engine_of_another_version_to_end_and_starts_its_own(
    shell: Shell,
) -> None:
    with other_engine(shell, PROTOCOL - 1) as other, Terminal(environ=shell.environ) as terminal:
        terminal.sees("running", "first.zip")
        terminal.sees("logged in")
        assert other.wait(10) == 0
        status = shell.call("status", "--json").json
        assert status["program"] == "engine"
        assert status["pid"] != other.pid


def test_an_engine_of_any_version_can_be_ended(shell: Shell) -> None:
    with other_engine(shell, PROTOCOL + 98) as newer:
        ran = shell.call("stop")
        assert (ran.code, newer.wait(10)) == (0, 0)
        assert f"The engine (pid {newer.pid}) has ended." in ran.err
