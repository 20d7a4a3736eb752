"""The lines of `list`, `watch` and `wait`."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from pan123_tui.cli import watch
from pan123_tui.cli.output import ProgressPrinter, WaitPrinter, format_task
from pan123_tui.cli.remote import RemoteEngine
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import PendingUpdates
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import (
    Connection,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import Folder, FolderCache
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from tests.shell import Shell

URL = "https://example.com/part-01.iso"


def test_a_task_that_was_never_sent_has_no_percentage() -> None:
    for state in (TaskState.QUEUED, TaskState.UNCONFIRMED, TaskState.REJECTED):
        line = format_task(Task(id=7, url=URL, created_at=0.0, state=state))
        assert "%" not in line
        assert "part-01.iso" in line


def test_a_task_has_the_name_that_the_dashboard_shows() -> None:
    arrival = ArrivalCheck(ArrivalStatus.FOUND, 2.0, name="part-01(1).iso")
    task = Task(id=7, url=URL, created_at=0.0, name="first.iso", arrival=arrival)
    for shown in (task, replace(task, name="")):
        assert format_task(shown).split()[-1] == display_name(shown.name, shown.url)


def test_a_doubtful_success_is_named_as_on_the_dashboard() -> None:
    arrival = ArrivalCheck(ArrivalStatus.NOT_FOUND, 2.0)
    task = Task(id=7, url=URL, created_at=0.0, state=TaskState.SUCCEEDED, arrival=arrival)
    assert "! not found" in format_task(task)
    assert "succeeded" not in format_task(task)


def test_names_are_aligned_whether_sent_or_not() -> None:
    queued = format_task(Task(id=7, url=URL, created_at=0.0))
    running = format_task(Task(id=8, url=URL, created_at=0.0, state=TaskState.RUNNING, sent_at=1.0))
    assert "0%" in running
    assert queued.index("part-01") == running.index("part-01")


@pytest.mark.parametrize(
    "bad",
    [
        {"state": TaskState.FAILED},
        {"state": TaskState.REJECTED},
        {"state": TaskState.MISSING},
        {"state": TaskState.UNCONFIRMED},
        {"state": TaskState.SUCCEEDED, "arrival": ArrivalCheck(ArrivalStatus.NOT_FOUND, 2.0)},
    ],
    ids=["failed", "rejected", "missing", "unconfirmed", "doubtful"],
)
def test_what_went_wrong_and_was_retried_with_success_has_not_failed(bad: dict[str, Any]) -> None:
    printer = ProgressPrinter()
    first, second = (Task(id=number, url=URL, created_at=0.0) for number in (1, 2))
    printer.on_event(TasksLoaded(TaskCollection([first, second])))
    printer.on_event(TasksChanged((replace(first, **bad), replace(second, **bad))))
    assert printer.failed == {1, 2}
    for state in (TaskState.QUEUED, TaskState.RUNNING, TaskState.SUCCEEDED):
        printer.on_event(TasksChanged((replace(first, state=state),)))
    assert printer.failed == {2}


def test_a_held_queue_says_what_failed_since_when_and_when_it_is_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer, now = ProgressPrinter(), time.time()
    problem = Problem(ProblemKind.QUOTA_EXHAUSTED, "流量超限", 5113)
    for until in (now + 30.4, now + 30.4, now + 30.4 + 60):  # the second one is no news
        status = Status(hold=problem, hold_since=now, hold_until=until)
        printer.on_event(StatusChanged(status))
    printer.on_event(StatusChanged(Status()))
    first, second, end = capsys.readouterr().err.splitlines()
    assert "next try in 30 s: The account's traffic is used up." in first
    assert "next try in 1 min" in second
    assert end.endswith("The queue goes on.")


@pytest.mark.parametrize("is_error_first", [True, False])
def test_what_the_queue_waits_for_is_told_once(
    capsys: pytest.CaptureFixture[str], *, is_error_first: bool
) -> None:
    printer, now = ProgressPrinter(), time.time()
    refused = Problem(ProblemKind.TOKEN_REFUSED, "token is expired", 401)
    error = Status(last_error=replace(refused, trace_id="a"))
    hold = Status(hold=replace(refused, trace_id="b"), hold_since=now, hold_until=now + 30)
    both = Status(last_error=error.last_error, hold=hold.hold, hold_since=now, hold_until=now + 30)
    for status in (error if is_error_first else hold, both):
        printer.on_event(StatusChanged(status))
    printed = capsys.readouterr().err
    assert printed.count("The access token has expired.") == 1
    assert printed.count("The queue waits since") == 1


def test_a_lost_answer_is_said_to_be_asked_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    printer = ProgressPrinter()
    printer.on_event(StatusChanged(Status(last_error=Problem(ProblemKind.RESPONSE_LOST))))
    assert "Nothing to do: the program asks again by itself." in capsys.readouterr().err


def test_a_missing_folder_is_told_once_with_its_name_and_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = ProgressPrinter()
    printer.on_event(FoldersChanged(FolderCache({7: Folder(7, "影\x1b视", 0)})))
    for connection in (Connection.ONLINE, Connection.TROUBLE):
        printer.on_event(StatusChanged(Status(connection, missing_folders=(7,))))
    (line,) = capsys.readouterr().err.splitlines()
    assert "影\\x1b视 (7) is gone: its links wait. “pan123-tui redirect 7 --again” makes it" in line


def test_a_wait_tells_of_the_folders_of_its_links_that_the_engine_misses_now(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = WaitPrinter([1, 2])
    lost = replace(_task(1, TaskState.QUEUED), problem=Problem(ProblemKind.FOLDER_MISSING))
    loaded = [replace(lost, id=number, folder_id=8 if number == 3 else 7) for number in (1, 2, 3)]
    printer.on_event(FoldersChanged(FolderCache({7: Folder(7, "影视", 0)})))
    printer.on_event(TasksLoaded(TaskCollection(loaded)))
    assert capsys.readouterr().err == "", "it may be there again since this was stored"
    for missing, is_told in (((7, 8), True), ((7,), False), ((), False), ((7,), True)):
        printer.on_event(StatusChanged(Status(missing_folders=missing)))
        printer.on_event(TasksChanged((loaded[0],)))
        printed = capsys.readouterr().err
        assert printed.count("The folder 影视 (7) is gone: its links wait.") == int(is_told)
        assert printed.count("The folder") == int(is_told)
    printer.on_event(StatusChanged(Status(missing_folders=(7, 9))))
    assert capsys.readouterr().err == ""
    printer.on_event(TasksChanged((replace(loaded[1], folder_id=9),)))
    assert "The folder 9 is missing: its links wait." in capsys.readouterr().err


def test_a_wait_names_a_folder_whose_name_comes_after_the_first_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = replace(_task(1, TaskState.QUEUED), folder_id=7)

    class Engine:
        """Stands for a connection over which the names come with the second update."""

        model, is_complete = TaskModel(), True

        def changes(self, _limit_s: object) -> Iterator[TaskModel]:
            status = Status(Connection.ONLINE, missing_folders=(7,))
            for update in (
                PendingUpdates(loaded=TaskCollection([lost]), status=status),
                PendingUpdates(folders=FolderCache({7: Folder(7, "影视", 0)})),
                PendingUpdates(tasks={1: replace(lost, state=TaskState.FAILED)}),
            ):
                self.model.apply(update)
                yield self.model

    waited = watch._Wait([1], looks=True)
    waited.follow(cast("RemoteEngine", Engine()), WaitPrinter([1]))
    assert waited.is_over
    (line,) = capsys.readouterr().err.splitlines()
    assert "The folder 影视 (7) is gone: its links wait." in line


def test_a_queued_link_says_what_it_waits_for_itself() -> None:
    for kind, words in (
        (ProblemKind.LINK_NOT_PARSED, "next try"),
        (ProblemKind.FOLDER_MISSING, "no folder"),
        (ProblemKind.QUOTA_EXHAUSTED, "queued"),
    ):
        line = format_task(Task(id=7, url=URL, created_at=0.0, problem=Problem(kind)))
        assert line.split("  ")[2].strip() == words or words in line


def test_a_wait_prints_once_why_its_link_is_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = WaitPrinter([1])
    problem = Problem(ProblemKind.LINK_NOT_PARSED, "解析失败", 2)
    for _try in range(2):
        queued = [replace(_task(n, TaskState.QUEUED), problem=problem) for n in (1, 2)]
        printer.print_delays({task.id: task for task in queued})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Task 1: The service could not read the link. Nothing to do: it is")
    assert "解析失败" in line


def _task(number: int, state: TaskState, label: str = "a") -> Task:
    return Task(id=number, url=URL, created_at=0.0, state=state, batch=label)


@pytest.mark.parametrize(
    ("is_quiet", "ends", "line"),
    [
        (False, TaskState.SUCCEEDED, "Batch a\\x9b: 2 succeeded"),
        (False, TaskState.UNCONFIRMED, "Batch a\\x9b: 1 succeeded, 1 unconfirmed"),
        (True, TaskState.FAILED, ""),
    ],
)
def test_the_end_of_a_batch_is_one_line(
    capsys: pytest.CaptureFixture[str], is_quiet: bool, ends: TaskState, line: str
) -> None:
    printer = ProgressPrinter(is_quiet=is_quiet)
    alone, removed = _task(3, TaskState.RUNNING, "b"), _task(4, TaskState.RUNNING)
    both = [_task(number, TaskState.RUNNING) for number in (1, 2)]
    printer.on_event(TasksLoaded(TaskCollection([*both, alone, removed])))
    printer.on_event(TasksChanged(tuple(replace(task, batch="a\x9b") for task in both)))
    assert capsys.readouterr().out == ""
    for task in (_task(1, TaskState.SUCCEEDED), _task(3, TaskState.SUCCEEDED, "b")):
        label = "a\x9b" if task.id == 1 else "b"
        printer.on_event(TasksChanged((replace(task, batch=label),)))
    printer.on_event(TasksChanged(removed=(4,)))
    printer.on_event(TasksChanged((replace(_task(2, ends), batch="a\x9b"),)))
    batches = [found for found in capsys.readouterr().out.splitlines() if "Batch" in found]
    assert [found.partition("  ")[2] for found in batches] == [line] * bool(line)


def on_terminal(shell: Shell, *arguments: str) -> list[str]:
    """Return the lines of a command whose standard error is a terminal of 30 columns."""
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
    try:
        subprocess.run(
            shell._command(arguments), stderr=terminal, env=shell.environ, check=False, timeout=60
        )
        return os.read(master, 4096).decode().splitlines()
    finally:
        os.close(master)
        os.close(terminal)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "arguments",
    [("pause",), ("list", "--profile", "nobody"), ("login", "a-secret")],
    ids=["message", "error", "usage"],
)
def test_messages_break_between_words_on_a_terminal_alone(
    tmp_path: Path, language: str, arguments: tuple[str, ...]
) -> None:
    shell = Shell(tmp_path, extra_environ={"PAN123_LANG": language})
    *before, piped = shell.call(*arguments).err.splitlines()
    lines = on_terminal(shell, *arguments)[len(before) :]
    assert len(lines) > 1
    assert max(map(width, lines)) <= 30
    assert not [line for line in lines if re.match("[，。：；”）]", line)]
    assert set(re.findall("[!-~]+", piped)) == set(re.findall("[!-~]+", " ".join(lines)))
