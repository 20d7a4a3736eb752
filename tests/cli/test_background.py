"""Going on in the background: who starts, who is quicker, and how it ends."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from pan123_tui.bootstrap import AppContext
from pan123_tui.cli import background
from pan123_tui.cli.errors import ExitCode
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Settings
from pan123_tui.simulator.server import SimulatorServer
from tests.engine_stage import generous_world
from tests.shell import Shell

URLS = [f"https://example.com/slow/{number}.iso" for number in range(4)]


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world(speed=50)) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Iterator[Shell]:
    made = Shell(tmp_path, service.base_url, extra_environ={"PATH": tools(tmp_path)})
    made.configure("[service]\ncreate_per_s = 50\n")
    yield made
    if (pid := made.call("status", "--json").json["pid"]) is not None:
        os.kill(pid, signal.SIGKILL)


def tools(folder: Path, **scripts: str) -> str:
    """Return a PATH whose only tools are these scripts."""
    (folder / "bin").mkdir(exist_ok=True)
    for name, script in scripts.items():
        tool = folder / "bin" / name
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    return str(folder / "bin")


def start(shell: Shell, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "pan123_tui", *arguments],
        env=shell.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_watch_goes_on_detached_says_so_and_is_stopped(shell: Shell) -> None:
    ran = shell.call("add", *URLS)
    ran = shell.run("watch", "--detach")
    assert (ran.code, ran.out) == (0, "")
    found = shell.call("status", "--json")
    assert found.code == 0
    pid = found.json["pid"]
    assert f"pan123-tui watch (pid {pid}) goes on with " in ran.err
    assert os.getsid(pid) == pid != os.getsid(0)
    assert found.json["program"] == "watch"
    assert found.json["terminal"] is None
    assert sum(found.json["tasks"].values()) == len(URLS)
    ran = shell.run("watch", "--detach")
    assert ran.code == 4
    assert ran.err.startswith("Nothing was started: this data folder is in use already. ")
    assert f"pan123-tui watch (pid {pid}) goes on" in ran.err
    ran = shell.call("stop")
    assert ran.code == 0
    assert f"pan123-tui watch (pid {pid}) has ended." in ran.err
    assert shell.call("status").code == 1
    assert shell.call("stop").code == 0


def test_of_many_starters_at_once_one_goes_on_and_each_link_is_sent_once(
    shell: Shell, service: SimulatorServer
) -> None:
    shell.call("add", *URLS)
    starters = [start(shell, "watch", "--detach") for _ in range(2)]
    with shell.running("watch"):
        said = [starter.communicate(timeout=60)[1] for starter in starters]
        pid = shell.call("status", "--json").json["pid"]
        assert all(f"(pid {pid}) goes on with" in text for text in said), said
        assert sorted(starter.returncode for starter in starters) in ([0, 4], [4, 4])
        shell.wait_until(lambda: len(service.world.stats.creates) == len(URLS))
    assert shell.call("stop").code == 0
    assert dict(service.world.stats.creates) == dict.fromkeys(URLS, 1)


def test_another_starter_that_was_quicker_has_as_long_to_listen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=seconds.__next__, sleep=abs))
    monkeypatch.setattr(background, "is_listening", lambda _context: next(seconds) > 10)
    child = cast("subprocess.Popen[bytes]", SimpleNamespace(poll=lambda: ExitCode.LOCKED))
    context = AppContext(AppPaths(tmp_path, tmp_path, tmp_path), Settings(), {})
    assert background._wait_until_listening(context, child) is ExitCode.LOCKED


def test_the_failure_of_a_start_is_reported(shell: Shell) -> None:
    shell.token = ""
    assert shell.run("watch", "--detach").code == 3
    assert shell.run("watch", "--detach", "--until-done").code == 2
    (shell.folder / "bin" / "sitecustomize.py").write_text(
        "import sys\nif '--quiet' in sys.argv: raise SystemExit('broken')\n"
    )
    shell.token = "x"
    shell.extra_environ["PYTHONPATH"] = str(shell.folder / "bin")
    ran = shell.run("watch", "--detach")
    assert ran.code == 1
    assert "could not be started in the background" in ran.err


def test_an_enabled_unit_is_started_instead_and_log_out_is_mentioned_once(shell: Shell) -> None:
    unit = f"PAN123_ACCESS_TOKEN={shell.token} PAN123_BASE_URL={shell.base_url} {sys.executable}"
    asked = shell.folder / "asked"
    shell.extra_environ["PATH"] = tools(
        shell.folder,
        systemctl=f'echo "$@" >> {asked}; [ "$2" = is-enabled ] && echo enabled && exit\n'
        f"{unit} -m pan123_tui watch --quiet >/dev/null 2>&1 &",
        loginctl="echo Linger=no",
    )
    home = {"HOME": str(shell.folder), "XDG_DATA_HOME": str(shell.folder), "PAN123_LANG": "en"}
    bare = {name: "" for name in shell.environ if name.startswith("PAN123_")}
    user = Shell(shell.folder, token="", extra_environ=bare | home | {"PATH": tools(shell.folder)})
    credentials = shell.folder / ".config" / "pan123-tui" / "credentials.toml"
    credentials.parent.mkdir(parents=True)
    credentials.write_text(f'access_token = "{shell.token}"\n')
    credentials.chmod(0o600)
    try:
        ran = user.run("watch", "--detach")
        assert ran.code == 0, ran.err
        assert "is running. “pan123-tui” opens the dashboard on it" in ran.err
        assert "loginctl enable-linger" in ran.err
        assert asked.read_text().splitlines() == [
            "--user is-enabled pan123-tui",
            "--user start pan123-tui",
        ]
        assert user.call("stop").code == 0
        assert "enable-linger" not in user.run("watch", "--detach").err
    finally:
        with suppress(TypeError):
            os.kill(user.call("status", "--json").json["pid"], signal.SIGKILL)


@pytest.mark.long
def test_a_stopped_holder_is_said_not_to_answer_and_what_ends_it(shell: Shell) -> None:
    shell.run("watch", "--detach")
    pid = shell.call("status", "--json").json["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        running = [start(shell, *words) for words in (["stop"], ["watch"], ["watch", "--detach"])]
        for process in running:
            error = process.communicate(timeout=30)[1]
            assert f"pan123-tui watch (pid {pid}) does not answer" in error
            assert f"kill {pid}" in error
            assert "goes on with" not in error
            assert "Traceback" not in error
            assert process.returncode == 4
    finally:
        os.kill(pid, signal.SIGCONT)
