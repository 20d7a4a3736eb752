"""A screen and an engine of different versions: the older of the two gives way."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pan123_tui.client.protocol import PROTOCOL
from pan123_tui.system.folder_lock import is_listening
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
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
NEWER = "The engine and this program are different versions."


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
def test_a_screen_asks_an_older_engine_to_end_and_starts_its_own(shell: Shell) -> None:
    with other_engine(shell, PROTOCOL - 1) as older, Terminal(environ=shell.environ) as terminal:
        terminal.sees("running", "first.zip")
        terminal.sees("logged in")
        assert older.wait(10) == 0
        status = shell.call("status", "--json").json
        assert status["program"] == "engine"
        assert status["pid"] != older.pid


def test_a_screen_leaves_a_newer_engine_alone_and_says_what_helps(shell: Shell) -> None:
    with other_engine(shell, PROTOCOL + 98) as newer:
        with Terminal(environ=shell.environ) as terminal:
            assert terminal.ends(within_s=30) == 4
            last = terminal.last_words()
        assert last.startswith(f"pan123-tui: {NEWER} Start this program again"), last
        ran = shell.call("add", "https://example.com/second.zip")
        assert (ran.code, ran.out) == (4, "")
        assert NEWER in ran.err
        assert is_alive(newer.pid)
        ran = shell.call("stop")  # which ends an engine of any version
        assert (ran.code, newer.wait(10)) == (0, 0)
        assert f"The engine (pid {newer.pid}) has ended." in ran.err
