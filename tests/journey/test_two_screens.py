"""Screens on one engine, each in a terminal of its own, over the engine's death and its end."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.service.server import SimulatorServer
from tests.shell import Shell

SERVICE_SPEED = 0.01
ENDED = "The engine was ended, so nothing is sent or checked. f5 or any change starts it."
LOST = "The engine was lost and is being restarted."


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    return Shell(tmp_path, service.base_url)


@pytest.fixture
def screens(shell: Shell) -> Iterator[tuple[Terminal, Terminal]]:
    """Two screens on one engine, both with its two tasks, one added from each."""
    with dashboard(shell) as one, dashboard(shell) as other:
        one.sees("online")
        other.sees("online")
        add(one, "of-one.zip")
        other.sees("of-one.zip")
        add(other, "of-other.zip")
        one.sees("of-other.zip")
        yield one, other


def dashboard(shell: Shell) -> Terminal:
    return Terminal(environ=shell.environ, columns=150, rows=20)


def add(terminal: Terminal, name: str) -> None:
    """Add a link by a paste."""
    terminal.add(f"https://example.com/{name}")
    terminal.sees("running", name)


def engine_pid(shell: Shell, program: str = "engine") -> int:
    status = shell.call("status", "--json").json
    assert status["program"] == program
    return int(status["pid"])


def names(shell: Shell) -> list[str]:
    return sorted(task["url"].rpartition("/")[2] for task in shell.tasks())


@pytest.mark.long
def test_an_engine_that_dies_is_started_again_and_one_that_somebody_ends_when_a_screen_asks(
    shell: Shell, screens: tuple[Terminal, Terminal]
) -> None:
    one, other = screens
    one.press("g", "d")
    other.misses("of-other.zip")
    killed = engine_pid(shell)
    os.kill(killed, signal.SIGKILL)
    shell.wait_until(lambda: shell.call("status", "--json").json["pid"] not in (None, killed))
    for screen in screens:
        screen.misses(LOST)
        screen.sees("online")
    started = engine_pid(shell)
    one.press("u")  # what was removed before
    for screen in screens:
        screen.sees("running", "of-other.zip")
        screen.sees("running", "of-one.zip")
    assert engine_pid(shell) == started

    assert shell.call("stop").code == 0
    for screen in screens:
        screen.sees(ENDED)
        screen.sees("of-one.zip")  # the rows stay
    other.read_output(2.0)  # neither starts it again by itself
    assert not is_alive(started)
    assert shell.call("status").code == 1
    one.press("f5")
    for screen in screens:
        screen.misses(ENDED)
        screen.sees("online")

    one.press("Q")
    assert one.ends(within_s=20) == 0
    other.sees(ENDED)
    add(other, "third.zip")  # a command starts it too
    other.misses(ENDED)
    assert names(shell) == ["of-one.zip", "of-other.zip", "third.zip"]
    assert shell.call("stop").code == 0
    other.sees(ENDED)
    other.press("q")
    assert other.ends(within_s=5) == 0
    assert "3 downloads go on at 123pan and are watched again at the next start." in other.text


@pytest.mark.long
def test_screens_go_on_with_watch_after_it_and_after_a_time_in_which_no_engine_can_start(
    shell: Shell, screens: tuple[Terminal, Terminal]
) -> None:
    former = engine_pid(shell)
    with Terminal("watch", environ=shell.environ) as watch:
        watch.sees("The engine is running in this terminal")
        assert not is_alive(former)
        add(screens[0], "third.zip")
        for terminal in (watch, screens[1]):
            terminal.sees("third.zip")
        screens[1].misses(ENDED)
        assert engine_pid(shell, "watch") == watch.process.pid
        watch.process.kill(signal.SIGKILL)
        watch.ends(within_s=60)
    add(screens[1], "fourth.zip")
    screens[0].sees("fourth.zip")

    report = shell.data / "state" / "engine.err"
    report.unlink()
    report.mkdir()  # so nothing can be started
    os.kill(engine_pid(shell), signal.SIGKILL)
    for screen in screens:
        screen.sees("The engine cannot be started: Is a directory")
        screen.sees("of-one.zip")  # the rows stay
    ran = shell.run("add", "https://example.com/fifth.zip")
    assert ran.code == 4
    assert "could not be started" in ran.err
    assert "Is a directory" in ran.err
    report.rmdir()
    assert shell.run("add", "https://example.com/fifth.zip").code == 0
    for screen in screens:
        screen.misses("The engine cannot be started")
        screen.sees("fifth.zip")
    assert names(shell) == ["fifth.zip", "fourth.zip", "of-one.zip", "of-other.zip", "third.zip"]
