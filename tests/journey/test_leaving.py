"""Leaving: the engine goes on, however the screen ends, until it is told to end or has no work."""

import os
import re
import signal
from collections import Counter
from contextlib import ExitStack
from typing import Any

import pytest

from pan123_tui.system.folder_lock import read_holder
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.service.server import SimulatorServer
from tests.shell import Shell

LINKS = [f"https://example.com/10min/part-{number:02}.iso" for number in range(15)]
SERVICE_SPEED = 1.0


def close_terminal(terminal: Terminal) -> None:
    """Close the terminal's window, or lose the line to it."""
    process: Any = terminal.process
    process.ptyproc.fileobj.close()


def hang_up(terminal: Terminal) -> None:
    """Send what a shell sends to all that it has started, when its user logs out."""
    assert terminal.process.pid is not None
    os.killpg(terminal.process.pid, signal.SIGHUP)


def kill(terminal: Terminal) -> None:
    terminal.process.kill(signal.SIGKILL)


def _running(terminal: Terminal) -> int:
    """Return how many running tasks the status bar counts."""
    counted = re.search(r"running (\d+)", terminal.text)
    return int(counted[1]) if counted else 0


@pytest.mark.long
def test_however_screens_end_all_links_are_sent(shell: Shell, service: SimulatorServer) -> None:
    shell.configure("service.create_per_s = 0.5\n")
    with ExitStack() as stack:
        screens = [stack.enter_context(Terminal(environ=shell.environ)) for _ in range(5)]
        for terminal in screens:
            terminal.sees("logged in")
        left, *gone, stopped = screens
        left.add(*LINKS)
        left.sees("running", "part-00.iso")
        left.sees("queued", "part-14.iso")
        engine = read_holder(shell.data).pid
        assert engine is not None
        stopped.process.kill(signal.SIGSTOP)
        for end, terminal in zip((close_terminal, hang_up, kill), gone, strict=True):
            end(terminal)
        left.press("q")
        assert left.ends(within_s=5) == 0
        last = left.last_words()
        assert re.fullmatch(
            r"The engine carries on with \d+ downloads? and \d+ links?\."
            r" “pan123-tui” shows the list; “pan123-tui stop” ends the engine\.",
            last,
        ), last
        shell.wait_until(lambda: not any(is_alive(it.process.pid or 0) for it in gone))
        sent = len(service.world.tasks())
        shell.wait_until(lambda: len(service.world.tasks()) > sent)
        since = rf"The engine \(pid {engine}\), since \d\d:\d\d:\d\d, version "
        assert re.search(since, shell.call("status").out)
        stopped.process.kill(signal.SIGCONT)
        stopped.waits(lambda: _running(stopped) > sent, f"not more than {sent} running")
        stopped.press("Q")
        assert stopped.ends(within_s=20) == 0
        last = stopped.last_words()
    shell.wait_until(lambda: not is_alive(engine))
    sent = len(service.world.tasks())
    told = re.fullmatch(
        r"Not sent yet: (\d+) links\. Sending continues when “pan123-tui” runs again\."
        r" (\d+) downloads go on at 123pan and are watched again at the next start\.",
        last,
    )
    assert told, last
    waiting, running = map(int, told.groups())
    assert waiting + running == len(LINKS)
    assert sent - running in (0, 1), "one may have been on its way"
    assert shell.call("status", "--json").json["running"] is False
    assert not list(shell.data.glob("*.sock"))
    (shell.folder / "config" / "config.toml").write_text("service.create_per_s = 50\n")
    with Terminal(environ=shell.environ) as terminal:  # and it does run again
        terminal.sees("running 15")
    assert Counter(task.request.url for task in service.world.tasks()) == Counter(LINKS)
