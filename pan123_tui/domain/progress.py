"""The progress that the service reports of a task, and what a poll changes."""

from collections.abc import Mapping
from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.task import (
    MAX_SAMPLES,
    InvalidTransition,
    Sample,
    Task,
    TaskState,
    transition,
)


class ProcessStatus(IntEnum):
    """The service's `status` of a task (specification, section two, (三))."""

    RUNNING = 0
    FAILED = 1
    SUCCEEDED = 2
    RETRYING = 3


class Progress(Struct, frozen=True):
    """A response of *process*, `percent` within 0–100."""

    percent: float
    status: int


_STATE_OF_STATUS: Mapping[int, TaskState] = {it: TaskState[it.name] for it in ProcessStatus}


def apply_progress(task: Task, progress: Progress, *, at: float) -> Task:
    """Return the active `task` after `progress` at `at`; an equal one if nothing changed."""
    if task.state is TaskState.UNCONFIRMED:
        raise InvalidTransition(f"task {task.id}: only the user settles it")
    state = _STATE_OF_STATUS.get(progress.status, TaskState.RUNNING)  # an unknown one is not final
    is_reset = state is TaskState.FAILED  # by the service
    percent = task.percent if is_reset else progress.percent
    samples = task.samples
    if not samples or samples[-1].percent != percent:
        samples = (*samples, Sample(at, percent))[-MAX_SAMPLES:]
    polled = replace(
        task,
        percent=percent,
        status=progress.status,
        checked_at=at,
        problem=None,
        misses=None,
        samples=samples,
    )
    if state is task.state:
        return polled
    return transition(
        polled,
        state,
        at=at,
        retries=task.retries + (state is TaskState.RETRYING),
        finished_at=at if state in (TaskState.SUCCEEDED, TaskState.FAILED) else None,
    )
