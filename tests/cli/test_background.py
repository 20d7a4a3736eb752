"""The engine in the background: who starts it, how, and how it ends."""

import os
import signal
import stat
import time
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from pan123_tui.client import engine_client, starter
from pan123_tui.client.starter import START_TIMEOUT_S
from pan123_tui.domain.task import TaskState
from tests.leftovers import processes_of
from tests.samples import a_task
from tests.service.accounts import ACCESS_TOKEN, OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.shell import Shell

URLS = [f"https://example.com/slow/{number}.iso" for number in range(4)]


def engine_pid(shell: Shell) -> int:
    pid: int = shell.call("status", "--json").json["pid"]
    return pid


# How it runs


def test_the_engine_that_a_command_leaves_has_its_own_session_and_a_private_report(
    shell: Shell, service: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = shell.folder / "here" / "pan123_tui"
    trap.mkdir(parents=True)
    (trap / "__init__.py").write_text("raise SystemExit('imported from the working directory')")
    shell.extra_environ["PYTHONSAFEPATH"] = "1"  # of the command itself
    monkeypatch.chdir(trap.parent)
    ran = shell.run("add", URLS[0])
    assert (ran.code, ran.out, ran.err) == (0, "1\n", "1 link queued as 1.\n")
    found = shell.call("status", "--json").json
    assert (found["program"], found["answers"]) == ("engine", True)
    pid = found["pid"]
    assert os.getsid(pid) == pid != os.getsid(0)
    os.kill(pid, signal.SIGHUP)  # as of a terminal that is closed
    report = shell.data / "state" / starter.REPORT_NAME
    assert (stat.S_IMODE(report.stat().st_mode), report.read_text()) == (0o600, "")
    shell.wait_until(lambda: service.world.stats.creates[URLS[0]] == 1)
    ran = shell.call("stop")
    assert ran.code == 0
    assert ran.err.startswith(f"The engine (pid {pid}) has ended.\n")
    assert shell.call("stop").err == "No engine is running.\n"
    assert not (shell.data / "engine.sock").exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("add https://example.com/new.iso", 0),
        ("retry 1", 0),
        ("remove 1", 0),
        ("confirm 2", 0),
        ("resume", 0),
        ("wait 3", 3),
        ("wait 1", 1),
    ],
)
def test_a_command_that_changes_or_waits_starts_it(idle: Shell, command: str, code: int) -> None:
    idle.store(
        a_task(1, TaskState.FAILED),
        a_task(2, TaskState.UNCONFIRMED),
        a_task(3, TaskState.QUEUED, folder_id=7),
    )
    ran = idle.call(*command.split())
    assert ran.code == code, ran.err
    status = idle.call("status", "--json")
    assert (status.code, status.json["program"]) == ((0, "engine") if code != 2 else (1, None))


@pytest.mark.parametrize("program", ["engine", "watch"])
def test_a_login_is_used_by_the_same_process_once_the_create_under_way_is_answered(
    shell: Shell, service: SimulatorServer, program: str
) -> None:
    shell.token = ""
    assert shell.call("login", "--token", stdin=ACCESS_TOKEN).code == 0
    service.world.faults.add(FaultKind.SLOW, "create", seconds=4)
    with shell.watching() if program == "watch" else nullcontext():
        assert shell.run("add", *URLS[:2]).code == 0
        shell.wait_until(lambda: service.world.stats.creates[URLS[0]] == 1)
        former = shell.call("status", "--json").json
        socket = shell.data.joinpath("engine.sock").stat().st_ino
        ran = shell.call("login", "--token", stdin=OTHER_ACCESS_TOKEN)
        assert "The change takes effect when the link being sent is answered." in ran.err
        shell.wait_until(lambda: [it["state"] for it in shell.tasks()] == ["running"] * 2)
        found = shell.call("status", "--json").json
        assert (found["program"], found["pid"]) == (program, former["pid"])
        assert shell.data.joinpath("engine.sock").stat().st_ino == socket
    assert [service.world.stats.creates[url] for url in URLS[:2]] == [1, 1]
    assert len({task.client_id for task in service.world.tasks()}) == 2


LOOKS = """list; list --json; list --links; status; status --all-profiles; doctor; stop; wait 99;
retry 99; retry state:failed; add https://a.b/c --dry-run; add nothing; completions bash"""


@pytest.mark.parametrize("command", LOOKS.split(";"))
def test_a_command_that_looks_starts_nothing_and_leaves_no_file(idle: Shell, command: str) -> None:
    idle.call(*command.split())
    assert not idle.data.exists()
    idle.queue(URLS[0])
    before = {path: path.stat().st_mtime_ns for path in idle.data.rglob("*")}
    idle.call(*command.split())
    assert {path: path.stat().st_mtime_ns for path in idle.data.rglob("*")} == before
    assert idle.call("status").code == 1


def test_a_pause_without_an_engine_starts_none(shell: Shell, service: SimulatorServer) -> None:
    shell.queue(*URLS)
    ran = shell.call("pause")
    assert (ran.code, ran.err) == (0, "Sending is paused: “pan123-tui resume” resumes it.\n")
    assert shell.call("status").code == 1
    assert shell.call("list", "--json").json[0]["note"] == "paused"
    assert shell.call("add", "https://example.com/slow/9.iso").code == 0
    shell.wait_until(lambda: shell.call("status", "--json").json["connection"] == "online")
    assert not service.world.stats.creates
    shell.call("resume")
    shell.wait_until(lambda: service.world.stats.creates.total() == len(URLS) + 1)


# Who is quicker, and who dies


def test_of_two_adds_at_the_same_time_one_starts_the_engine_and_both_are_sent_once(
    shell: Shell, service: SimulatorServer
) -> None:
    with shell.running("add", URLS[0]) as one, shell.running("add", URLS[1]) as other:
        said = [process.communicate(timeout=60) for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), said
    assert sorted(out for out, _err in said) == ["1\n", "2\n"]
    shell.wait_until(lambda: service.world.stats.creates.total() == 2)
    # A second one that starts slowly would take the place of the first once that has ended.
    shell.wait_until(lambda: len(processes_of(shell.folder)) <= 1)
    pid = engine_pid(shell)
    assert shell.call("stop").err.startswith(f"The engine (pid {pid}) has ended.\n")
    assert shell.call("status").code == 1, "there was one"
    assert dict(service.world.stats.creates) == dict.fromkeys(URLS[:2], 1)


def test_a_watch_takes_the_place_of_the_engine_and_of_no_other_watch(idle: Shell) -> None:
    idle.token = "x"
    idle.call("pause")
    idle.call("add", *URLS)
    assert idle.call("status", "--json").json["program"] == "engine"
    with idle.watching() as watch:
        idle.wait_until(lambda: idle.call("status").code == 0)
        found = idle.call("status", "--json").json
        assert (found["program"], found["pid"]) == ("watch", watch.pid)
        assert found["tasks"]["queued"] == len(URLS)
        ran = idle.call("watch")
        assert (ran.code, ran.out) == (4, "")
        assert f"(pid {watch.pid}) is using this data folder" in ran.err


def test_a_stopped_engine_does_not_answer(idle: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    idle.run("add", URLS[0])
    pid = engine_pid(idle)
    idle.token = "x"  # for the watch
    monkeypatch.setattr(engine_client, "PATIENCE_S", 0.1)
    monkeypatch.setattr(engine_client, "HANDSHAKE_TIMEOUT_S", 0.3)
    os.kill(pid, signal.SIGSTOP)
    for words in (["stop"], ["watch"], ["add", URLS[1]], ["wait", "1"]):
        ran = idle.call(*words)
        assert ran.code == 4, words
        assert f"he engine (pid {pid}) does not answer. “kill {pid}” ends it" in ran.err
        assert "Traceback" not in ran.err
    listed = idle.call("list", "--json")
    assert listed.err.endswith("resumes it. This is what was saved last.\n")
    assert "No engine is running" not in idle.call("list").err
    assert [task["url"] for task in listed.json] == [URLS[0]]
    asked = idle.call("status", "--json")
    assert (asked.code, asked.json["answers"], asked.json["counts"]["all"]) == (4, False, 1)
    monkeypatch.setattr(engine_client, "HANDSHAKE_TIMEOUT_S", 20.0)
    os.kill(pid, signal.SIGCONT)
    assert idle.call("status").code == 0
    assert [it["url"] for it in idle.tasks()] == [URLS[0]]


# How a start fails


def a_lock_in_the_way(shell: Shell) -> None:
    shell.data.mkdir(0o700)
    (shell.data / "tasks.lock").mkdir()


def a_program_that_crashes(shell: Shell) -> None:
    (shell.folder / "broken").mkdir()
    (shell.folder / "broken" / "sitecustomize.py").write_text(
        "import sys\nif 'engine' in sys.orig_argv: raise SystemExit('it is broken')\n"
    )
    shell.extra_environ["PYTHONPATH"] = str(shell.folder / "broken")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (a_lock_in_the_way, "The data folder cannot be used, so nothing was done: "),
        (a_program_that_crashes, "it is broken"),
    ],
)
def test_a_start_that_fails_shows_the_last_words_of_the_engine_and_a_next_step(
    idle: Shell, break_it: Callable[[Shell], None], words: str
) -> None:
    break_it(idle)
    began = time.monotonic()
    ran = idle.run("add", URLS[0])
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("pan123-tui: The engine, which sends the links, could not be started")
    assert "What was saved is kept. “pan123-tui doctor” shows where the log is" in ran.err
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert time.monotonic() - began < START_TIMEOUT_S, "it does not wait for what has ended"
    assert idle.tasks() == []
