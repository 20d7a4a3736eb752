"""The lines of `list`, `watch` and `wait`."""

import time
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.cli.listing import print_table
from pan123_tui.cli.output import print_json, rfc3339
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
from pan123_tui.domain.folders import Folder, FolderTree
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import TaskState
from pan123_tui.wording.notes import NoteContext
from tests.samples import a_task

URL = "https://example.com/part-01.iso"


def test_odd_times_and_half_characters_do_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    assert (rfc3339(None), rfc3339(1e99)) == (None, None)
    print_json([{"name": "电\ud800\x7f\u202e"}])
    assert '"name": "电\\ud800\\u007f\\u202e"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "bad",
    [
        {"state": TaskState.FAILED},
        {"state": TaskState.REJECTED},
        {"state": TaskState.MISSING},
        {"state": TaskState.UNCONFIRMED},
    ],
    ids=["failed", "rejected", "missing", "unconfirmed"],
)
def test_each_change_is_a_line_and_what_was_retried_with_success_has_not_failed(
    bad: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    printer = ProgressPrinter(is_quiet=False)
    first, second = (a_task(number, url=URL) for number in (1, 2))
    printer.on_event(TasksLoaded((first, second)))
    printer.on_event(TasksChanged((replace(first, **bad), replace(second, **bad))))
    assert printer.failed == {1, 2}
    for state in (TaskState.QUEUED, TaskState.RUNNING, TaskState.SUCCEEDED):
        printer.on_event(TasksChanged((replace(first, state=state),)))
    assert printer.failed == {2}
    printed = [line.split()[1:3] for line in capsys.readouterr().out.splitlines()]
    assert printed[2:] == [["1", word] for word in ("queued", "running", "done")]


def test_a_held_queue_says_once_what_failed_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    printer, now = ProgressPrinter(is_quiet=False), time.time()
    problem = Problem(ProblemKind.QUOTA_EXHAUSTED, "流量超限", 5113)
    for waits in ((9.0,), (9.0, 30.4, 90.4, 5.0)):  # too short a wait, then no news
        for wait_s in waits:
            printer.on_event(StatusChanged(Status(hold=problem, hold_until=now + wait_s)))
        printer.on_event(StatusChanged(Status()))
    (first,) = capsys.readouterr().err.splitlines()
    assert "The queue waits, next try in 35 s: The account's traffic or quota is used up." in first


@pytest.mark.parametrize("is_error_first", [True, False])
def test_what_the_queue_waits_for_is_told_once(
    capsys: pytest.CaptureFixture[str], *, is_error_first: bool
) -> None:
    printer, until = ProgressPrinter(is_quiet=False), time.time() + 30
    refused = Problem(ProblemKind.REQUEST_REJECTED, "no", 401)
    error = Status(last_error=replace(refused, trace_id="a"))
    hold = Status(hold=replace(refused, trace_id="b"), hold_until=until)
    both = replace(hold, last_error=error.last_error)
    for status in (error if is_error_first else hold, both):
        printer.on_event(StatusChanged(status))
    assert len(capsys.readouterr().err.splitlines()) == 1
    for status in (Status(), error):  # it is over, and comes back
        printer.on_event(StatusChanged(status))
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_pause_is_told_and_no_next_try_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    printer = ProgressPrinter(is_quiet=False)
    hold = Problem(ProblemKind.QUOTA_EXHAUSTED)
    for is_paused in (True, False, True):
        status = Status(hold=hold, hold_until=time.time() + 60, is_paused=is_paused)
        printer.on_event(StatusChanged(status))
    printer.on_event(StatusChanged(Status(is_paused=True)))  # nothing is sent yet
    paused, held, paused_again = capsys.readouterr().err.splitlines()
    assert "Sending is paused" in paused
    assert "next try in" in held
    assert "Sending is paused" in paused_again


def test_a_missing_folder_is_told_once_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    printer = ProgressPrinter(is_quiet=False)
    printer.on_event(FoldersChanged(FolderTree({7: Folder(7, "影\x1b视", 0)})))
    for connection in (Connection.ONLINE, Connection.TROUBLE):
        printer.on_event(StatusChanged(Status(connection, missing_folders=(7,))))
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        "影\\x1b视 is gone: its links wait. “pan123-tui retry folder:7 --dir PATH” sends them"
        in line
    )


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_a_table_is_no_wider_than_the_terminal_and_its_columns_are_aligned(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    names = ("电影" * 40 + ".iso", "b\x1b[2J.iso", "c.iso")
    tasks = [a_task(n, TaskState.FAILED) for n in (9, 10, 1000)]
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
