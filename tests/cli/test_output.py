"""The lines of `list`, `watch` and `wait`."""

import time

import pytest
from msgspec.structs import replace

from pan123_tui.cli.output import ProgressPrinter, format_task
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status, StatusChanged
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState

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


def test_names_are_aligned_whether_sent_or_not() -> None:
    queued = format_task(Task(id=7, url=URL, created_at=0.0))
    running = format_task(Task(id=8, url=URL, created_at=0.0, state=TaskState.RUNNING, sent_at=1.0))
    assert "0%" in running
    assert queued.index("part-01") == running.index("part-01")


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
