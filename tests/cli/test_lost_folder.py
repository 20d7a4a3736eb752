"""Somebody deletes the lock or moves the data folder while the engine runs."""

import subprocess
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from pan123_tui.bootstrap import ExitCode
from pan123_tui.system.folder_lock import HOLDER_NAME, LOCK_NAME, SOCKET_NAME
from tests.engine_stage import load_stored
from tests.service.server import SimulatorServer
from tests.shell import PATIENCE_S, Shell

pytestmark = pytest.mark.long
URLS = [f"https://example.com/good/{number}.iso" for number in range(8)]
LATE = "https://example.com/good/late.iso"
LOST = "Files in the data folder were moved, deleted or replaced: nothing is sent or saved."


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    made = Shell(tmp_path, service.base_url)
    send_at(made, 1)
    assert made.call("add", *URLS).code == 0
    assert made.call("stop").code == 0
    return made


def send_at(shell: Shell, links_per_s: int) -> None:
    """Let the engines that start from now on send so many links a second."""
    folder = shell.folder / "config"
    folder.mkdir(0o700, parents=True, exist_ok=True)
    settings = f"service.create_per_s = {links_per_s}\narrival.check = false\n"
    (folder / "config.toml").write_text(settings)


def sent(service: SimulatorServer) -> "Counter[str]":
    return Counter(task.request.url for task in service.world.tasks())


def wait_until_some_are_sent(shell: Shell, service: SimulatorServer) -> None:
    shell.wait_until(lambda: len(sent(service)) >= 2)


def wait_until_it_says_so(engine: "subprocess.Popen[str]") -> None:
    assert engine.stderr is not None
    timer = threading.Timer(PATIENCE_S, engine.kill)
    timer.start()
    try:
        assert any(LOST in line for line in engine.stderr)
    finally:
        timer.cancel()


def test_a_second_program_leaves_the_links_to_an_engine_whose_lock_is_deleted(
    shell: Shell, service: SimulatorServer
) -> None:
    with shell.watching() as engine:
        wait_until_some_are_sent(shell, service)
        (shell.data / LOCK_NAME).unlink()
        assert shell.call("watch", "--until-done").code == ExitCode.LOCKED
        added = shell.call("add", LATE)
        assert (added.code, added.out) == (ExitCode.SOME_FAILED, "")
        assert LOST in added.err
        assert "queued" not in added.err
        wait_until_it_says_so(engine)
        assert shell.call("status", "--json").json["pid"] == engine.pid
        before = sent(service)
        assert len(before) < len(URLS)
        assert shell.call("stop").code == 0
        assert engine.wait() == 0
        assert sent(service) == before
    send_at(shell, 50)
    shell.call("watch", "--until-done")
    assert sent(service) == Counter(URLS)


def test_an_engine_sends_and_saves_nothing_beside_a_program_that_has_its_place(
    shell: Shell, service: SimulatorServer
) -> None:
    with shell.watching() as engine:
        wait_until_some_are_sent(shell, service)
        for name in (LOCK_NAME, HOLDER_NAME, SOCKET_NAME):
            with suppress(FileNotFoundError):  # the path of the socket may be another one
                (shell.data / name).unlink()
        send_at(shell, 50)
        shell.call("watch", "--until-done")
        wait_until_it_says_so(engine)
        assert engine.poll() is None
        saved = (shell.data / "tasks.json").read_bytes()
    assert (shell.data / "tasks.json").read_bytes() == saved
    assert max(sent(service).values()) == 1
    assert {task.url for task in load_stored(shell.data).values()} == set(URLS)
