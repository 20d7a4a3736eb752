"""A screen and an engine of different versions: the older of the two gives way."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pan123_tui.client.protocol import PROTOCOL
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.shell import Shell

OTHER_ENGINE = """
import asyncio, os, sys
from contextlib import suppress
from pathlib import Path
from pan123_tui.client import protocol as wire
from pan123_tui.client.socket_file import bind_socket
from pan123_tui.system.lock_holder import add_socket
from pan123_tui.domain.commands import StopEngine
from pan123_tui.store.lock import StoreLock

async def serve(folder, protocol):
    ended = asyncio.Event()
    hello = wire.Hello(id="1", protocol=protocol, program="engine", pid=os.getpid())

    async def talk(reader, writer):
        with suppress(EOFError, OSError):
            await wire.read_message(reader, wire.decode_hello)
            writer.write(wire.to_frame(hello))
            while True:
                message = await wire.read_message(reader, wire.decode_screen_message)
                command = getattr(message, "command", b"")
                if bytes(command) == bytes(wire.to_raw(StopEngine())):
                    ended.set()

    bound, path = bind_socket(folder)
    add_socket(folder, path)
    await asyncio.start_unix_server(talk, sock=bound)
    await ended.wait()
    path.unlink()

folder = Path(sys.argv[1])
with StoreLock(folder, program="engine"):
    asyncio.run(serve(folder, int(sys.argv[2])))
"""
"""An engine that understands only what never changes: a hello and the command to end."""
SERVICE_SPEED = 0.01
NEWER = "The engine and this program are different versions."


@pytest.fixture(autouse=True)
def _link(shell: Shell) -> None:
    """The list has one link."""
    shell.queue("https://example.com/first.zip")


@contextmanager
def other_engine(shell: Shell, protocol: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", OTHER_ENGINE, str(shell.data), str(protocol)]
    with subprocess.Popen(command) as process:
        shell.wait_until((shell.data / "engine.sock").exists)
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.long
def test_a_screen_asks_an_older_engine_to_end_and_starts_its_own(shell: Shell) -> None:
    with (
        other_engine(shell, PROTOCOL - 1) as older,
        Terminal(environ=shell.environ) as terminal,
    ):
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
