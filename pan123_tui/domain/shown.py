"""How a task is shown: one of six words. Its exact state stays in `Task.state`."""

from enum import StrEnum

from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskHeader


class Shown(StrEnum):
    """What the list says of a task; its note says the rest."""

    QUEUED = "queued"
    SENDING = "sending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Failed, rejected, or reported done without the expected file."""
    UNSURE = "unsure"
    """Only the user can say whether the file arrived."""


_SHOWN = {
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


def shown_state(task: Task | TaskHeader) -> Shown:
    """Return the word for `task`."""
    return Shown.FAILED if task.is_doubtful else _SHOWN[task.state]
