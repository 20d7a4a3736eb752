"""Commands that meet an engine that begins, ends, was ended or has no place for them."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli import remote, wait
from pan123_tui.cli.remote import wait_for_socket
from pan123_tui.cli.selection import Known, load_known
from pan123_tui.client.starter import EngineStarter
from pan123_tui.domain.commands import RemoveTasks
from pan123_tui.domain.errors import EngineNotStarted
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.programs.engine_process import is_idle
from pan123_tui.system.folder_lock import FolderLock, bind_socket
from pan123_tui.wording.notes import NoteContext
from tests.engine_thread import EngineThread, end_engines
from tests.samples import a_task
from tests.shell import PATIENCE_S, Shell

URL, OTHER = "https://example.com/slow/1.iso", "https://example.com/slow/2.iso"
LOOKS = Status()
UNUSED_ENGINE = """
from pan123_tui.programs import engine_process
engine_process.UNUSED_S, engine_process.CHECK_INTERVAL_S = 2.0, 0.1
engine_process.run_background_engine()
"""


class Holder:
    """Holds the data folder as an engine does; `meanwhile` happens where a command waits."""

    def __init__(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        self.context: AppContext = load_context(shell.environ)
        self.meanwhile: Callable[[], None] = lambda: None
        self.lock = FolderLock(shell.data, program="engine").acquire()
        clock = SimpleNamespace(
            monotonic=time.monotonic, time=time.time, sleep=lambda _s: self.meanwhile()
        )
        monkeypatch.setattr(remote, "time", clock)

    def listen(self) -> Path:
        self.bound, path = bind_socket(self.context.paths.data_dir)
        self.lock.add_socket(path)
        return path

    def hide(self) -> None:
        """Do as an engine that ends, but has still to save."""
        path = self.listen()
        self.bound.close()
        path.unlink()


@pytest.fixture
def holder(idle: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holder]:
    made = Holder(idle, monkeypatch)
    yield made
    made.lock.release()


def test_an_engine_that_begins_is_waited_for(holder: Holder) -> None:
    holder.meanwhile = lambda: cast("None", holder.listen())
    assert wait_for_socket(holder.context)[:2] == (os.getpid(), "engine")
    holder.bound.close()


def test_a_second_stop_waits_for_the_end_of_the_first(idle: Shell, holder: Holder) -> None:
    holder.hide()
    holder.meanwhile = holder.lock.release
    ran = idle.call("stop")
    assert (ran.code, ran.err) == (0, f"The engine (pid {os.getpid()}) has ended.\n")


def test_an_engine_that_does_not_end_in_time_is_named(
    idle: Shell, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.hide()
    for name in ("cli.remote.START", "cli.remote.STOP", "client.starter.START"):
        monkeypatch.setattr(f"pan123_tui.{name}_TIMEOUT_S", 0.0)
    ran = idle.call("stop")
    assert (ran.code, f"“kill {os.getpid()}”" in ran.err) == (4, True), ran.err


def test_a_wait_ends_with_its_engine(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(_task: Task, _status: Status) -> bool:
        end_engines()
        monkeypatch.setattr(remote, "START_TIMEOUT_S", 0.3)
        # It tries to reach another one meanwhile, which must not begin the wait anew.
        monkeypatch.setattr("pan123_tui.client.engine_client.LONGEST_PAUSE_S", 0.01)
        return False

    shell.store(a_task(1, url=URL), is_paused=True)
    monkeypatch.setattr(wait, "has_ended", end)
    ran = shell.call("wait", "1", "--timeout", "10")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.endswith(f"The engine (pid {os.getpid()}) has ended.\n")
    assert shell.call("status").code == 1


def test_a_task_that_is_removed_meanwhile_is_named_and_counts_as_not_done(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(task: Task, _status: Status) -> bool:
        remote.carry_out(load_context(shell.environ), RemoveTasks((task.id,)))
        return False

    shell.store(a_task(1, url=URL), is_paused=True)
    monkeypatch.setattr(wait, "has_ended", remove)
    ran = shell.call("wait", "1")
    assert (ran.code, ran.err.splitlines()[-1]) == (1, "Task 1 was removed.")


def test_a_batch_is_waited_for_by_its_name_without_those_that_contain_it(shell: Shell) -> None:
    shell.store(a_task(1, batch="night"), a_task(2, batch="night 2"), is_paused=True)
    for batch, names in (("night", [1]), ("nigh", [1, 2])):
        said = shell.call("wait", f"batch:{batch}", "--timeout", "0.001").err
        assert [number for number in (1, 2) if f"file-{number}.iso" in said] == names


def test_a_wait_goes_on_with_the_next_engine(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(task: Task, status: Status) -> bool:
        if not replaced:
            end_engines()
            replaced.append(EngineThread(load_context(shell.environ).paths, shell.environ))
        return has_ended(task, status)

    replaced: list[EngineThread] = []
    has_ended = wait.has_ended
    monkeypatch.setattr(wait, "has_ended", replace)
    ran = shell.call("add", "https://example.com/1min/a.iso", "--wait")
    assert (ran.code, len(replaced)) == (0, 1), ran.err


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGSTOP, "(pid {pid}) does not answer"), (signal.SIGKILL, "it is broken")],
)
def test_who_waits_is_told_that_the_engine_is_silent_or_why_the_next_cannot_be_started(
    offline: Shell, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, words: str
) -> None:
    async def fail(_starter: EngineStarter) -> None:
        raise EngineNotStarted("it is broken")

    def hit(_task: Task, _status: Status) -> bool:
        monkeypatch.setattr(EngineStarter, "_start", fail)
        process.send_signal(number)
        return False

    monkeypatch.setattr("pan123_tui.client.engine_client.PING_INTERVAL_S", 0.05)
    monkeypatch.setattr(wait, "has_ended", hit)
    offline.queue(URL)
    with offline.watching() as process:
        ran = offline.call("wait", "1")
        process.kill()
    assert (ran.code, words.format(pid=process.pid) in ran.err) == (4, True), ran.err


def test_a_wait_counts_what_has_failed_as_ended() -> None:
    running = a_task(1, TaskState.RUNNING, url=URL, percent=50.0)
    failed = replace(running, id=2, state=TaskState.FAILED, percent=10.0)
    bar = wait._progress()
    wait._show(bar, [running, failed], NoteContext())
    assert bar.tasks[0].completed == 75.0
    assert bar.tasks[0].description == "1 of 2 ended, 75%, 1 failed"


def test_a_wait_says_what_a_link_waits_for_in_the_words_of_the_list() -> None:
    bar = wait._progress()
    notes = NoteContext(status=Status(missing_folders=(7,)), folder_names={7: "影视"})
    for folder_id, why in ((7, ", waits for folder 影视"), (None, ", in line")):
        wait._show(bar, [a_task(1, folder_id=folder_id)], notes)
        assert bar.tasks[0].description == f"0 of 1 ended, 0%{why}"


def test_what_is_to_be_retried_by_itself_is_waited_for() -> None:
    failed = a_task(1, TaskState.FAILED, url="https://example.com/a")
    planned = replace(failed, auto_retry=AutoRetry(0, 1, 9.0))
    assert wait.has_ended(failed, LOOKS)
    assert not wait.has_ended(planned, LOOKS)
    assert is_idle(TaskCollection([failed]), is_paused=False)
    assert not is_idle(TaskCollection([planned]), is_paused=False)


def done_task(**facts: Any) -> Task:
    """A task that has just succeeded, and whose file was not looked for yet."""
    done = a_task(1, TaskState.SUCCEEDED, url=URL, task_id=7)
    return replace(done, **({"finished_at": time.time()} | facts))


def test_a_done_task_is_waited_for_until_its_file_was_looked_for_but_not_for_long() -> None:
    just, long_ago = time.time() - 5, time.time() - wait.LOOK_TIMEOUT_S
    found = ArrivalCheck(ArrivalStatus.FOUND, 1.0, "1.iso", 9)
    assert not wait.has_ended(done_task(finished_at=just), LOOKS)
    assert wait.has_ended(done_task(finished_at=just), Status(looks_for_files=False))
    assert wait.has_ended(done_task(finished_at=just, arrival=found), LOOKS)
    assert wait.has_ended(done_task(finished_at=just, url=""), LOOKS), "adopted"
    assert wait.has_ended(done_task(finished_at=long_ago), LOOKS)


def test_a_wait_says_nothing_of_tasks_before_all_have_come(idle: Shell) -> None:
    idle.store(*(done_task(id=number, finished_at=1.0) for number in range(1, 400)))
    ran = idle.call("wait", "all", "--timeout", "0.001")
    assert (ran.code, ran.err.splitlines()[-1]) == (0, "399 done")


def test_a_file_that_was_not_looked_for_in_time_counts_as_not_done(shell: Shell) -> None:
    shell.store(done_task())
    ran = shell.call("wait", "1", "--timeout", "0.5")
    assert (ran.code, ran.out) == (1, "")
    over, line = ran.err.splitlines()
    assert over == "Time is up: not all tasks have ended."
    assert "(finding the file)" in line


def test_of_many_that_have_not_ended_the_first_are_named_and_failures_before_them(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = [a_task(number, url=URL) for number in range(1, 21)]
    shell.store(*queued, replace(queued[0], id=21, state=TaskState.FAILED), is_paused=True)
    resumed = Mock()
    monkeypatch.setattr(wait, "resume_collection", resumed)
    ran = shell.call("wait", "all", "--timeout", "0.5")
    _over, counts, first, *others, more = ran.err.splitlines()
    assert counts == "1 failed, 20 queued"
    assert (first.split()[0], len(others), more) == ("21", 19, "and 1 more")
    resumed.assert_called_with()


def test_add_with_wait_waits_for_the_task_that_has_the_link_already(shell: Shell) -> None:
    url = "https://example.com/3s/fail/a.iso"
    shell.call("add", url)
    ran = shell.call("add", url, "--wait")
    assert ran.code == 1
    skipped, failed = ran.err.splitlines()
    assert "same as task 1" in skipped
    assert "failed" in failed


def test_files_are_said_to_be_looked_for_if_the_running_engine_does_so(idle: Shell) -> None:
    idle.start_engine()
    idle.configure("arrival.check = false\n")  # by hand: the engine is not told
    context = load_context(idle.environ)
    assert load_known(context).status.looks_for_files
    end_engines()
    assert not load_known(context).status.looks_for_files


def test_a_disk_that_refuses_is_reported_though_the_engine_has_the_link(
    offline: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pan123_tui.engine.repository.SAVE_INTERVAL_S", 0.1)
    ran = offline.call("add", URL)
    assert (ran.code, "The tasks cannot be saved" in ran.err) == (0, False), ran.err
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        full.setattr("pan123_tui.cli.remote.NEXT_SAVE_S", 0.3)
        ran = offline.call("add", OTHER)
        assert (ran.code, ran.out, "The tasks cannot be saved" in ran.err) == (1, "2\n", True)
        assert [task["url"] for task in offline.tasks()] == [URL, OTHER]
        ran = offline.call("add", OTHER)  # a duplicate of what is not on disk
        assert (ran.code, "The tasks cannot be saved" in ran.err) == (1, True), ran.err
        offline.call("pause")
        ran = offline.call("stop")
        assert (ran.code, offline.call("status").code) == (1, 0), "it has not ended"
        assert ran.err.startswith("Changes are not saved yet. “pan123-tui stop --force” ends")
        assert "No space left on device" in ran.err
        assert offline.call("stop", "--force").code == 0
    assert [task["url"] for task in offline.tasks()] == [URL]
    offline.start_engine()
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        assert offline.call("add", OTHER).code == 1
    ran = offline.call("stop")  # there is room again
    assert (ran.code, len(offline.tasks())) == (0, 2), ran.err
    assert "what was not saved is lost: " in caplog.text


def test_a_link_that_another_command_adds_in_the_same_instant_is_named(
    offline: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offline.call("add", URL).out == "1\n"
    empty = Known(TaskCollection(), Status(), NoteContext())
    monkeypatch.setattr("pan123_tui.cli.add.load_shown", lambda _: empty)
    ran = offline.call("add", URL, OTHER)
    assert (ran.code, ran.out) == (0, "2\n")
    skipped, queued = ran.err.splitlines()
    assert skipped == "1 link is skipped: by now in the list, or sent before."
    assert queued.startswith("1 link queued")
    ran = offline.call("add", URL)
    assert (ran.code, ran.out, ran.err) == (0, "", skipped + "\n")
    assert offline.call("add", URL, "--again").out == "3\n"


def test_health_checks_do_not_keep_an_engine_that_has_nothing_to_do(idle: Shell) -> None:
    command = [sys.executable, "-c", UNUSED_ENGINE]
    with subprocess.Popen(command, env=idle.environ) as engine:
        idle.wait_until(lambda: idle.call("status").code == 0)
        idle.wait_until(lambda: idle.call("status").code != 0)
        assert engine.wait(PATIENCE_S) == 0
