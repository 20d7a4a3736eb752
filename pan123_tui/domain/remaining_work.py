"""What an engine still has to do when nobody looks at it."""

from collections.abc import Iterator
from enum import StrEnum

from pan123_tui.domain.arrival_check import is_check_pending, next_look_at
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.send_queue import missing_folder_of, waits_for_user
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection

RECHECK_FOR_S = 86_400.0
"""For how long a missing task is asked for again."""


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
        # Files that are no longer ours are neither written nor sent for, however long it waits.
        return None if status.store_problem.kind is ProblemKind.STORE_LOST else Work.SAVE
    unfinished = tasks.unfinished.values()
    if status.connection is Connection.NO_ACCOUNT:
        work = None
    elif any(_is_to_be_sent(task, status) for task in unfinished):
        work = Work.SEND
    elif any(_is_to_be_checked(task, status) for task in unfinished) or any(
        may_come_back(task, now=now) for task in _with_state(tasks, TaskState.MISSING)
    ):
        work = Work.CHECK
    elif looks and (
        any(next_look_at(task) is not None for task in unfinished)
        or any(is_check_pending(task, now=now) for task in _with_state(tasks, TaskState.SUCCEEDED))
    ):
        work = Work.LOOK
    else:
        work = None
    return work


def _with_state(tasks: TaskCollection, state: TaskState) -> Iterator[Task]:
    """Yield the tasks in `state` whose file was not looked for."""
    for header in tasks.headers():
        if header.state is state and header.arrival is None:
            yield tasks[header.id]


def may_come_back(task: Task, *, now: float) -> bool:
    """Return whether a missing `task` is still asked for, at `now` (Unix seconds)."""
    is_recent = abs(now - (task.finished_at or now)) < RECHECK_FOR_S
    return task.state is TaskState.MISSING and is_recent and task.task_id is not None


def _is_to_be_sent(task: Task, status: Status) -> bool:
    if task.state is TaskState.SUBMITTING:
        return True
    waits = waits_for_user(task, is_paused=status.is_paused) or missing_folder_of(task)
    return task.state is TaskState.QUEUED and not waits


def _is_to_be_checked(task: Task, status: Status) -> bool:
    """Return whether a running task can be asked for with the account in use."""
    uid = status.account.uid if status.account else None
    return task.is_active and (task.account_uid is None or uid in (None, task.account_uid))
