"""`wait` and `add --wait` show a line that moves."""

from pathlib import Path

from tests.journey.terminal import Terminal
from tests.service.server import SimulatorServer
from tests.shell import Shell

SOON, LATE = "https://example.com/3s/a.iso", "https://example.com/2h/b.iso"


def test_it_shows_at_once_how_far_the_tasks_are(service: SimulatorServer, tmp_path: Path) -> None:
    shell = Shell(tmp_path, service.base_url)
    with Terminal("add", SOON, LATE, "--wait", environ=shell.environ, columns=100) as terminal:
        terminal.sees("0 of 2 ended")
        terminal.sees("1 of 2 ended, 50%")
        shell.call("pause")
        shell.call("add", "https://example.com/c.iso")
        with Terminal("wait", "3", environ=shell.environ, columns=100) as other:
            other.sees("0 of 1 ended, 0%, Sending is paused")
