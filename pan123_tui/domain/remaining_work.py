"""What an engine still has to do when nobody looks at it."""

from enum import StrEnum

from pan123_tui.domain.arrival_check import is_check_pending, next_look_at
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.send_queue import missing_folder_of, waits_for_user
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection


class Work(StrEnum):
    """Why an engine goes on."""

    SAVE = "save"
    SEND = "send"
    CHECK = "check"
    LOOK = "look for files"


def remaining_work(
    tasks: TaskCollection, status: Status, *, looks: bool, now: float
) -> Work | None:
    """Return what is left to do without a user, None if nothing is.

    `looks`: files are looked for. `now` is in Unix seconds.
    """
    if status.store_problem is not None:
        return Work.SAVE
    if status.connection is Connection.NO_ACCOUNT:
        return None
    unfinished = tasks.unfinished.values()
    if any(_is_to_be_sent(task, status) for task in unfinished):
        return Work.SEND
    if any(task.is_active for task in unfinished):
        return Work.CHECK
    return Work.LOOK if looks and _is_file_looked_for(tasks, now) else None


def _is_to_be_sent(task: Task, status: Status) -> bool:
    if task.state is TaskState.SUBMITTING:
        return True
    waits = waits_for_user(task, is_paused=status.is_paused) or missing_folder_of(task)
    return task.state is TaskState.QUEUED and not waits


def _is_file_looked_for(tasks: TaskCollection, now: float) -> bool:
    if any(next_look_at(task) is not None for task in tasks.unfinished.values()):
        return True
    unknown = (it.id for it in tasks.headers() if it.arrival is None)
    return any(is_check_pending(tasks[task_id], now=now) for task_id in unknown)
