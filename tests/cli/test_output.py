"""The lines of `list`, `watch` and `wait`."""

from pan123_tui.cli.output import format_task
from pan123_tui.domain.task import Task, TaskState

URL = "https://example.com/part-01.iso"


def test_a_task_that_was_never_sent_has_no_percentage() -> None:
    for state in (TaskState.QUEUED, TaskState.UNCONFIRMED, TaskState.REJECTED):
        line = format_task(Task(id=7, url=URL, created_at=0.0, state=state))
        assert "%" not in line
        assert "part-01.iso" in line


def test_names_are_aligned_whether_sent_or_not() -> None:
    queued = format_task(Task(id=7, url=URL, created_at=0.0))
    running = format_task(Task(id=8, url=URL, created_at=0.0, state=TaskState.RUNNING, sent_at=1.0))
    assert "0%" in running
    assert queued.index("part-01") == running.index("part-01")
