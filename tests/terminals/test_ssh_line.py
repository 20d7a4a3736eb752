"""How long the dashboard takes over ssh, on lines with a delay and with few bytes a second."""

import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from tests.bench import stock
from tests.journey.terminal import PROGRAM, Terminal
from tests.terminals.conftest import Table
from tests.terminals.probed import ROOT
from tests.terminals.remote import SlowLine, SshServer

UNLIMITED = 1e12
LETTERS = "nineletts"


class Line(Struct, frozen=True):
    """A line and how ssh is called."""

    name: str
    round_trip_s: float
    bytes_per_s: float = UNLIMITED
    options: tuple[str, ...] = ()


LINES = (
    Line("0 ms", 0.0),
    Line("100 ms", 0.1),
    Line("300 ms", 0.3),
    Line("100 ms, 9.6 kB/s", 0.1, 9_600),
    Line("100 ms, 9.6 kB/s, ssh -C", 0.1, 9_600, ("-C",)),
)


class RemoteTerminal(Terminal):
    """Counts the bytes that were drawn."""

    drawn = 0

    def on_output(self, drawn: bytes) -> None:
        self.drawn += len(drawn)

    def time_until(self, is_true: Callable[[], bool]) -> float:
        """Return the seconds until `is_true`."""
        begun = time.monotonic()
        self.waits(is_true, "it never came")
        return time.monotonic() - begun

    def time_of(self, *words: str) -> float:
        """Return the seconds until a line with all `words` is shown."""
        return self.time_until(lambda: self.line_with(*words) is not None)


def remote_program(folder: Path) -> list[str]:
    """Return a program that waits for a line, so that the login is not measured."""
    environ = {
        "PYTHONPATH": ROOT,
        "LANG": "C.UTF-8",
        "PAN123_LANG": "en",
        "PAN123_DATA_DIR": folder / "data",
        "PAN123_CONFIG_DIR": folder / "config",
        "XDG_STATE_HOME": folder / "state",
        "PAN123_ACCESS_TOKEN": "no-such-token",
        "PAN123_BASE_URL": "http://127.0.0.1:9",
    }
    program = ["env", *(f"{name}={value}" for name, value in environ.items()), *PROGRAM]
    return ["sh", "-c", f"echo logged in; read -r line; exec {shlex.join(program)}"]


@pytest.mark.slow
@pytest.mark.needs("sshd")
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name.replace(" ", "-"))
def test_a_line(line: Line, server: SshServer, lines: Table, tmp_path: Path) -> None:
    stock.fill(tmp_path / "data", ended=60)
    with SlowLine(
        server.port, round_trip_s=line.round_trip_s, bytes_per_s=line.bytes_per_s
    ) as slow:
        ssh = server.command(remote_program(tmp_path), *line.options, port=slow.port)
        environ = {"TERM": "xterm-256color", "COLORTERM": ""}
        with RemoteTerminal(program=ssh, environ=environ) as terminal:
            terminal.sees("logged in")
            before = slow.received
            terminal.press("enter")
            frame_s = terminal.time_of("state", "progress")
            rows_s = frame_s + terminal.time_of(stock.NEWEST)
            terminal.sees("offline")
            terminal.press("?")
            help_s = terminal.time_of("esc closes")
            terminal.press("escape")
            terminal.misses("esc closes")
            terminal.press("a")
            terminal.sees("Callback")
            terminal.press(*LETTERS)
            letters_s = terminal.time_of(LETTERS)
            drawn, sent = terminal.drawn, slow.received - before
            terminal.press("escape")
            terminal.misses(LETTERS)
            terminal.press("q")
            assert terminal.ends(within_s=60) == 0
    seconds = (f"{taken:.2f} s" for taken in (frame_s, rows_s, help_s, letters_s))
    lines.add(line.name, *seconds, f"{drawn:,}", f"{sent:,}")


@pytest.mark.slow
@pytest.mark.needs("sshd")
def test_a_command_of_ssh_without_a_terminal_is_told_of_the_option(
    server: SshServer, tmp_path: Path
) -> None:
    environ = {"PYTHONPATH": ROOT, "LANG": "C.UTF-8", "PAN123_LANG": "en", "HOME": tmp_path}
    program = ["env", *(f"{name}={value}" for name, value in environ.items()), *PROGRAM]
    ran = subprocess.run(
        server.command(program, is_terminal=False),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 2
    assert "ssh -t" in ran.stderr
