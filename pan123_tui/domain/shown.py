"""How a task is shown: one of six words. Its exact state stays in `Task.state`."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection


class Shown(StrEnum):
    """What the list says about a task; its note says the rest."""

    QUEUED = "queued"
    SENDING = "sending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Failed, rejected, or reported as done without the expected file."""
    UNSURE = "unsure"
    """Only the user can say whether the file arrived."""


SHOWN_AS = {
    TaskState.QUEUED: Shown.QUEUED,
    TaskState.SUBMITTING: Shown.SENDING,
    TaskState.UNCONFIRMED: Shown.UNSURE,
    TaskState.REJECTED: Shown.FAILED,
    TaskState.RUNNING: Shown.RUNNING,
    TaskState.RETRYING: Shown.RUNNING,
    TaskState.SUCCEEDED: Shown.DONE,
    TaskState.FAILED: Shown.FAILED,
    TaskState.MISSING: Shown.UNSURE,
}


def shown_state(task: Task) -> Shown:
    return Shown.FAILED if task.has_suspect_file else SHOWN_AS[task.state]


def count_shown(tasks: Iterable[Task]) -> Counter[Shown]:
    return Counter(map(shown_state, tasks))


def count_ended(tasks: TaskCollection, *, since: float) -> Counter[Shown]:
    """Return how many tasks have ended, or become unsure, after `since` (Unix seconds)."""
    return count_shown(it for it in tasks.values() if _ended_at(it) > since)


def _ended_at(task: Task) -> float:
    if task.state is TaskState.UNCONFIRMED and task.timeline:
        return task.timeline[-1].at
    return task.finished_at or 0.0
