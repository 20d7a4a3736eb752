"""The lines of `list`, `watch` and `wait`."""

import time
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.cli.listing import print_table
from pan123_tui.cli.output import task_line
from pan123_tui.cli.watch import ProgressPrinter
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
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import NoteContext

URL = "https://example.com/part-01.iso"


def test_a_task_that_was_never_sent_has_no_percentage() -> None:
    for state in (TaskState.QUEUED, TaskState.UNCONFIRMED, TaskState.REJECTED):
        line = task_line(Task(id=7, url=URL, created_at=0.0, state=state), "")
        assert "%" not in line
        assert "part-01.iso" in line


def test_a_task_has_the_name_that_the_dashboard_shows() -> None:
    arrival = ArrivalCheck(ArrivalStatus.FOUND, 2.0, name="part-01(1).iso")
    task = Task(id=7, url=URL, created_at=0.0, name="first.iso", arrival=arrival)
    for shown in (task, replace(task, name="")):
        assert task_line(shown, "").split()[-1] == display_name(shown.name, shown.url)


def test_names_are_aligned_whether_sent_or_not() -> None:
    queued = task_line(Task(id=7, url=URL, created_at=0.0), "")
    running = task_line(
        Task(id=8, url=URL, created_at=0.0, state=TaskState.RUNNING, sent_at=1.0), ""
    )
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
    printer = ProgressPrinter(is_quiet=False, ends_on_refusal=False)
    first, second = (Task(id=number, url=URL, created_at=0.0) for number in (1, 2))
    printer.on_event(TasksLoaded(TaskCollection([first, second])))
    printer.on_event(TasksChanged((replace(first, **bad), replace(second, **bad))))
    assert printer.failed == {1, 2}
    for state in (TaskState.QUEUED, TaskState.RUNNING, TaskState.SUCCEEDED):
        printer.on_event(TasksChanged((replace(first, state=state),)))
    assert printer.failed == {2}


def test_a_batch_has_ended_only_when_no_retry_is_planned_any_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = ProgressPrinter(is_quiet=False, ends_on_refusal=False)
    running = [
        Task(id=n, url=URL, created_at=0.0, batch="night", state=TaskState.RUNNING) for n in (1, 2)
    ]
    printer.on_event(TasksLoaded(TaskCollection(running)))
    done = replace(running[0], state=TaskState.SUCCEEDED)
    failed = replace(running[1], state=TaskState.FAILED)
    planned = replace(failed, auto_retry=AutoRetry(0, 1, due_at=time.time() + 600))
    printer.on_event(TasksChanged((done, planned)))
    assert "Batch night" not in capsys.readouterr().out
    printer.on_event(TasksChanged((running[1],)))
    printer.on_event(TasksChanged((replace(failed, auto_retry=AutoRetry(1, 1)),)))
    assert capsys.readouterr().out.endswith("Batch night: 1 done, 1 failed\n")


def test_a_held_queue_says_what_failed_since_when_and_when_it_is_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer, now = ProgressPrinter(is_quiet=False, ends_on_refusal=False), time.time()
    problem = Problem(ProblemKind.QUOTA_EXHAUSTED, "流量超限", 5113)
    for until in (now + 30.4, now + 30.4 + 60):  # the second one is no news
        status = Status(hold=problem, hold_since=now, hold_until=until)
        printer.on_event(StatusChanged(status))
    printer.on_event(StatusChanged(Status()))
    first, end = capsys.readouterr().err.splitlines()
    assert "next try in 35 s: The account's traffic or quota is used up." in first
    assert end.endswith("The queue goes on.")


@pytest.mark.parametrize("is_error_first", [True, False])
def test_what_the_queue_waits_for_is_told_once(
    capsys: pytest.CaptureFixture[str], *, is_error_first: bool
) -> None:
    printer, now = ProgressPrinter(is_quiet=False, ends_on_refusal=False), time.time()
    refused = Problem(ProblemKind.TOKEN_REFUSED, "token is expired", 401)
    error = Status(last_error=replace(refused, trace_id="a"))
    hold = Status(hold=replace(refused, trace_id="b"), hold_since=now, hold_until=now + 30)
    both = Status(last_error=error.last_error, hold=hold.hold, hold_since=now, hold_until=now + 30)
    for status in (error if is_error_first else hold, both):
        printer.on_event(StatusChanged(status))
    printed = capsys.readouterr().err
    assert printed.count("123pan refuses the access token.") == 1
    assert printed.count("The queue has been waiting since") == 1


def test_a_lost_answer_is_said_to_be_asked_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    printer = ProgressPrinter(is_quiet=False, ends_on_refusal=False)
    printer.on_event(StatusChanged(Status(last_error=Problem(ProblemKind.RESPONSE_LOST))))
    assert "The program tries again by itself." in capsys.readouterr().err


def test_a_missing_folder_is_told_once_with_its_name_and_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = ProgressPrinter(is_quiet=False, ends_on_refusal=False)
    printer.on_event(FoldersChanged(FolderCache({7: Folder(7, "影\x1b视", 0)})))
    for connection in (Connection.ONLINE, Connection.TROUBLE):
        printer.on_event(StatusChanged(Status(connection, missing_folders=(7,))))
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        "影\\x1b视 is gone: its links wait. “pan123-tui retry folder:7 --dir PATH” sends them"
        in line
    )


def _task(number: int, state: TaskState, label: str = "a") -> Task:
    return Task(id=number, url=URL, created_at=0.0, state=state, batch=label)


@pytest.mark.parametrize(
    ("is_quiet", "ends", "line"),
    [
        (False, TaskState.SUCCEEDED, "Batch a\\x9b: 2 done"),
        (False, TaskState.UNCONFIRMED, "Batch a\\x9b: 1 done, 1 unsure"),
        (True, TaskState.FAILED, ""),
    ],
)
def test_the_end_of_a_batch_is_one_line(
    capsys: pytest.CaptureFixture[str], is_quiet: bool, ends: TaskState, line: str
) -> None:
    printer = ProgressPrinter(is_quiet=is_quiet, ends_on_refusal=False)
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


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_a_table_is_no_wider_than_the_terminal_and_its_columns_are_aligned(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    names = ("电影" * 40 + ".iso", "b\x1b[2J.iso", "c.iso")
    tasks = [_task(n, TaskState.FAILED) for n in (9, 10, 1000)]
    reasons = ("源站返回 403 " * 12, "[bold]no[/bold]", "")
    tasks = [
        replace(task, name=name, fail_reason=why)
        for task, name, why in zip(tasks, names, reasons, strict=True)
    ]
    print_table(tasks, NoteContext(now=86400.0))
    heading, *rows = capsys.readouterr().out.splitlines()
    assert max(map(width, (heading, *rows))) <= columns
    assert [row.split()[0] for row in rows] == ["9", "10", "1000"]
    places = {width(row[: row.index("failed")]) for row in rows}
    assert places == {heading.index("state")} == {6}
    assert "…" in rows[0]
    assert "b\\x1b[2J.iso" in rows[1]
    assert ("added" in heading) is (columns >= 100)
