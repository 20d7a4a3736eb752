"""Screens on one engine, each in a terminal of its own, over the engine's death and its end."""

import os
import signal

import pytest

from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.shell import Shell

SERVICE_SPEED = 0.01
ENDED = "The engine was ended, so nothing is sent or checked. f5 or any change starts it."
LOST = "The background process was lost and is being restarted."


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


@pytest.mark.long
def test_screens_go_on_over_the_engines_death_and_its_end(shell: Shell) -> None:
    assert shell.run("resume").code == 0  # each screen may start three within a minute
    with dashboard(shell) as one, dashboard(shell) as other:
        one.sees("logged in")
        other.sees("logged in")
        add(one, "of-one.zip")
        other.sees("of-one.zip")
        add(other, "of-other.zip")
        one.sees("of-other.zip")
        survive_a_kill(shell, one, other)
        wait_for_a_start(shell, one, other)
        go_on_with_watch(shell, one, other)
        one.press("Q")
        assert one.ends(within_s=20) == 0
        other.sees(ENDED)
        other.press("q")
        assert other.ends(within_s=5) == 0
        assert "4 downloads go on at 123pan and are watched again at the next start." in other.text
    assert len(shell.tasks()) == 4


@pytest.mark.long
def test_a_setting_that_waits_for_a_create_disturbs_no_screen(
    service: SimulatorServer, shell: Shell
) -> None:
    with dashboard(shell) as one, dashboard(shell) as other:
        one.sees("logged in")
        add(one, "first.zip")
        other.sees("running", "first.zip")
        pid = engine_pid(shell)
        one.press("v")
        one.sees("│*", "first.zip")
        service.world.faults.add(FaultKind.SLOW, "create", seconds=5)
        other.add("https://example.com/slow.zip")
        other.sees("queued 1")
        other.paste("https://example.com/third.zip")
        other.sees("1 link to queue")
        one.press(",", *["down"] * 5, "enter", "1", "enter")
        one.sees("Saved.")
        one.press("escape")
        one.sees("The change takes effect when the link being sent is answered.")
        one.sees("running", "slow.zip")
        other.press("ctrl+s")
        for screen in (one, other):
            screen.sees("third.zip", "limit reached, 2 running")
            assert b"lost" not in screen.heard
        one.sees("│*", "first.zip")
        assert engine_pid(shell) == pid
    assert sum(service.world.stats.creates.values()) == 2


def survive_a_kill(shell: Shell, *screens: Terminal) -> None:
    one, other = screens
    one.press("g", "d")
    other.misses("of-other.zip")
    killed = engine_pid(shell)
    os.kill(killed, signal.SIGKILL)
    shell.wait_until(lambda: shell.call("status", "--json").json["pid"] not in (None, killed))
    for screen in screens:
        screen.misses(LOST)
        screen.sees("logged in")
    started = engine_pid(shell)
    one.press("u")  # what was removed before
    for screen in screens:
        screen.sees("running", "of-other.zip")
        screen.sees("running", "of-one.zip")
    assert engine_pid(shell) == started


def wait_for_a_start(shell: Shell, *screens: Terminal) -> None:
    """Neither screen starts the engine that somebody has ended by itself."""
    ended = engine_pid(shell)
    assert shell.call("stop").code == 0
    for screen in screens:
        screen.sees(ENDED)
        screen.sees("of-one.zip")  # the rows stay
    assert not is_alive(ended)
    assert shell.call("status").code == 1
    screens[0].press("f5")
    for screen in screens:
        screen.misses(ENDED)
        screen.sees("logged in")


def go_on_with_watch(shell: Shell, *screens: Terminal) -> None:
    former = engine_pid(shell)
    with Terminal("watch", environ=shell.environ) as watch:
        watch.sees("The engine is running in this terminal")
        assert not is_alive(former)
        add(screens[0], "third.zip")
        for terminal in (watch, screens[1]):
            terminal.sees("third.zip")
        screens[1].misses(ENDED)
        assert engine_pid(shell, "watch") == watch.process.pid
        watch.press("\x03")
        watch.ends(within_s=60)
    screens[0].sees(ENDED)
    add(screens[1], "fourth.zip")  # a command starts the next
    screens[0].sees("fourth.zip")
