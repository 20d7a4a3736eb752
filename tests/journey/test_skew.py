"""A screen and an engine of different versions: the screen starts an engine of its own."""

import subprocess
import sys

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


@pytest.mark.long
def test_a_screen_asks_an_engine_of_another_version_to_end_and_starts_its_own(
    shell: Shell,
) -> None:
    shell.queue("https://example.com/first.zip")
    command = [sys.executable, "-c", ENGINE, str(PROTOCOL - 1), "engine"]
    other = subprocess.Popen(command, env=shell.environ)  # which ends with the journey
    shell.wait_until(lambda: is_listening(shell.data))
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("running", "first.zip")
        terminal.sees("logged in")
        assert other.wait(10) == 0
        status = shell.call("status", "--json").json
        assert status["program"] == "engine"
        assert status["pid"] != other.pid
