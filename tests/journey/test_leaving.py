"""Leaving with unsent links: another program goes on, and nothing is lost or sent twice."""

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.service import Simulator
from tests.journey.terminal import Terminal
from tests.shell import Shell

LINKS = [f"https://example.com/2min/part-{number}.iso" for number in range(6)]


@pytest.fixture
def service() -> Iterator[Simulator]:
    with Simulator(speed=50) as simulator:
        yield simulator


@pytest.fixture
def shell(service: Simulator, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path, service.base_url, token=service.token)
    made.configure("[service]\ncreate_per_s = 1\n")
    yield made
    if (pid := made.call("status", "--json").json["pid"]) is not None:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.long
def test_q_with_unsent_links_leaves_them_to_another_program_that_sends_each_once(
    shell: Shell, service: Simulator
) -> None:
    shell.call("add", *LINKS)
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("running", "part-0.iso")
        terminal.sees("queued", "part-5.iso")
        terminal.press("q")
        terminal.sees("links wait for its next start.")
        terminal.press("l")
        assert terminal.ends(within_s=30) == 0
        last = terminal.text
    assert len(service.tasks()) < len(LINKS)
    status = shell.call("status", "--json").json
    assert re.search(rf"pan123-tui watch \(pid {status['pid']}\) goes on with \d tasks", last)
    assert "opens the dashboard on it" in " ".join(last.split())
    assert status["terminal"] is None
    shell.wait_until(lambda: len(service.tasks()) == len(LINKS))
    assert shell.call("stop").code == 0
    assert not {"queued", "unconfirmed"} & {task["state"] for task in shell.tasks()}
    assert Counter(task["url"] for task in service.tasks()) == Counter(LINKS)


def test_status_names_the_terminal_and_stop_closes_the_dashboard_and_restores_the_terminal(
    shell: Shell,
) -> None:
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("No downloads yet")
        terminal.sees("online")
        tty = Path(f"/proc/{terminal.process.pid}/fd/0").readlink()
        assert re.search(
            rf"The dashboard \(pid \d+\), {tty}, since \d\d:\d\d:\d\d,", shell.call("status").out
        )
        ran = shell.call("stop")
        assert ran.code == 0
        assert terminal.ends(within_s=60) == 0
    assert "has ended." in ran.err
