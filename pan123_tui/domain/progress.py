"""The result of a poll, and how it changes a task."""

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
    """A response of *process*: `percent` within 0–100, `status` as sent."""

    percent: float
    status: int


_STATES: Mapping[int, TaskState] = {
    ProcessStatus.RUNNING: TaskState.RUNNING,
    ProcessStatus.FAILED: TaskState.FAILED,
    ProcessStatus.SUCCEEDED: TaskState.SUCCEEDED,
    ProcessStatus.RETRYING: TaskState.RETRYING,
}


def apply_progress(task: Task, progress: Progress, *, at: float) -> Task:
    """Return the active `task` after `progress` at `at`; an equal one if nothing changed.

    The service resets a failed task's percentage to 0, so the last one seen is kept.
    """
    if task.state is TaskState.UNCONFIRMED:
        raise InvalidTransition(f"task {task.id}: only the user ends its doubt")
    state = _STATES.get(progress.status, TaskState.RUNNING)  # an unknown one is not final
    has_failed = state is TaskState.FAILED
    percent = task.percent if has_failed else progress.percent
    polled = replace(
        task,
        percent=percent,
        status=progress.status,
        checked_at=at,
        problem=None,
        misses=None,
        samples=task.samples if has_failed else _with_sample(task.samples, Sample(at, percent)),
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


def _with_sample(samples: tuple[Sample, ...], sample: Sample) -> tuple[Sample, ...]:
    if samples and samples[-1].percent == sample.percent:
        return samples
    return (*samples, sample)[-MAX_SAMPLES:]
