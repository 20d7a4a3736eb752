"""Leaving: the engine goes on, however the screen ends, until it is told to end or has no work."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.task import DownloadRequest, TaskState, new_task
from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.system.lock_holder import read_holder
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.service.server import SimulatorServer
from tests.shell import Shell

LINKS = [f"https://example.com/10min/part-{number:02}.iso" for number in range(15)]
SERVICE_SPEED = 1.0
UNUSED_S = 0.3
ENGINE_SOON_UNUSED = f"""
from pan123_tui.programs import engine as engine_process
engine_process.UNUSED_S, engine_process.CHECK_INTERVAL_S = {UNUSED_S}, 0.1
engine_process.run_background_engine()
"""
"""An engine that ends by itself sooner than after a minute."""


@pytest.fixture
def shell(service: SimulatorServer, tmp_path: Path) -> Shell:
    made = Shell(tmp_path, service.base_url)
    made.configure("[service]\ncreate_per_s = 3\n")
    return made


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


def stop(terminal: Terminal) -> None:
    terminal.process.kill(signal.SIGSTOP)


def open_with_links(shell: Shell) -> Terminal:
    """Return a screen with the links pasted, of which the first are sent."""
    terminal = Terminal(environ=shell.environ)
    terminal.sees("online")
    terminal.add(*LINKS)
    terminal.sees("running", "part-00.iso")
    terminal.sees("queued", "part-14.iso")
    return terminal


def engine_pid(shell: Shell) -> int:
    pid, program = read_holder(shell.data)
    assert pid is not None
    assert program == "engine"
    return pid


@pytest.mark.long
def test_however_screens_end_the_links_not_yet_sent_are_sent_once(
    shell: Shell, service: SimulatorServer
) -> None:
    with ExitStack() as stack:
        screens = [stack.enter_context(Terminal(environ=shell.environ)) for _ in range(4)]
        for terminal in screens:
            terminal.sees("online")
        left = stack.enter_context(open_with_links(shell))
        engine = engine_pid(shell)
        for end, terminal in zip((close_terminal, hang_up, kill, stop), screens, strict=True):
            end(terminal)
        left.press("q")
        assert len(service.world.tasks()) < len(LINKS)
        assert left.ends(within_s=5) == 0
        last = left.last_words()
        assert re.fullmatch(
            r"The engine carries on with \d+ downloads? and \d+ links?\."
            r" “pan123-tui” shows the list; “pan123-tui stop” ends the engine\.",
            last,
        ), last
        *gone, stopped = screens
        shell.wait_until(lambda: not any(is_alive(it.process.pid or 0) for it in gone))
        shell.wait_until(lambda: len(service.world.tasks()) == len(LINKS))
        shell.wait_until(lambda: {task["state"] for task in shell.tasks()} == {"running"})
        assert shell.call("status", "--json").json["pid"] == engine
        stopped.process.kill(signal.SIGCONT)
        stopped.misses("queued", "part-")
        stopped.sees("running 15")
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("running 15")
        assert engine_pid(shell) == engine
        since = rf"The engine \(pid {engine}\), since \d\d:\d\d:\d\d, version "
        assert re.search(since, shell.call("status").out)
        ran = shell.run("stop")
        assert (ran.code, ran.err.partition("\n")[0]) == (
            0,
            f"The engine (pid {engine}) has ended.",
        )
        terminal.sees(
            "The engine was ended, so nothing is sent or checked. f5 or any change starts it."
        )
        assert not is_alive(engine)
    assert Counter(task.request.url for task in service.world.tasks()) == Counter(LINKS)


@pytest.mark.long
def test_q_with_shift_ends_the_engine_too_and_says_what_waits(
    shell: Shell, service: SimulatorServer
) -> None:
    with open_with_links(shell) as terminal:
        engine = engine_pid(shell)
        terminal.press("Q")
        assert terminal.ends(within_s=20) == 0
        last = terminal.last_words()
    shell.wait_until(lambda: not is_alive(engine))
    sent = len(service.world.tasks())
    assert 0 < sent < len(LINKS)
    assert last == (
        f"Not sent yet: {len(LINKS) - sent} links. Sending continues when “pan123-tui” runs again."
        f" {sent} download{'s' * (sent > 1)}"
        f" go{'es' * (sent == 1)} on at 123pan"
        f" and {'is' if sent == 1 else 'are'} watched again at the next start."
    )
    assert shell.call("status", "--json").json["running"] is False
    assert not list(shell.data.glob("*.sock"))
    with Terminal(environ=shell.environ) as terminal:  # and it does run again
        terminal.sees("running 15")
    assert Counter(task.request.url for task in service.world.tasks()) == Counter(LINKS)


@pytest.mark.long
def test_an_engine_ends_by_itself_once_it_has_no_work_and_its_last_screen_has_gone(
    shell: Shell, service: SimulatorServer
) -> None:
    at_service = service.world.add_task(CreateRequest(url=LINKS[0])).id
    sent = replace(
        new_task(DownloadRequest(LINKS[0]), task_id=1, at=1.0),
        state=TaskState.RUNNING,
        task_id=at_service,
        sent_at=1.0,
    )
    shell.store(sent)
    (shell.data / "state").mkdir(mode=0o700)
    socket = shell.data / "engine.sock"
    command = [sys.executable, "-c", ENGINE_SOON_UNUSED]
    with subprocess.Popen(command, env=shell.environ) as engine, ExitStack() as at_last:
        at_last.callback(engine.kill)  # or a failure would wait for it
        shell.wait_until(socket.exists)
        with pytest.raises(subprocess.TimeoutExpired):  # it has something to check
            engine.wait(10 * UNUSED_S)
        with Terminal(environ=shell.environ) as terminal:
            terminal.sees("running 1")
            service.world.finish(at_service)
            terminal.press("f5")
            terminal.sees("done 1")
            with pytest.raises(subprocess.TimeoutExpired):  # somebody looks
                engine.wait(10 * UNUSED_S)
            terminal.leaves(within_s=5)
            assert not terminal.last_words()
        assert engine.wait(30.0) == 0
    assert read_holder(shell.data) == (None, "")
    assert not socket.exists()
    log = (shell.data / "state" / "pan123-tui.log").read_text(encoding="utf-8")
    assert "the engine ends: no screen for a minute, and nothing left to do" in log
