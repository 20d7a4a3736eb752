"""What an answer of *process*, or none, makes of a task: pure, no clock, no network."""

from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import (
    MAX_POLL_FAILURES,
    MAX_SAMPLES,
    PollFailures,
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
    """An answer of *process*: `percent` within 0–100, `status` as it came."""

    percent: float
    status: int


_STATES = {
    ProcessStatus.RUNNING: TaskState.RUNNING,
    ProcessStatus.FAILED: TaskState.FAILED,
    ProcessStatus.SUCCEEDED: TaskState.SUCCEEDED,
    ProcessStatus.RETRYING: TaskState.RETRYING,
}


def state_from_status(status: int) -> TaskState:
    """Tell the state that a `status` means; an unknown one is not final, so it means running."""
    return _STATES.get(status, TaskState.RUNNING)  # type: ignore[call-overload, no-any-return]


def apply_progress(task: Task, progress: Progress, *, at: float) -> Task:
    """Give the active `task` as it is after `progress` was read; an equal one if nothing changed.

    A failure's percentage falls to 0 at the service, so the last one seen is kept.
    """
    state = state_from_status(progress.status)
    failed = state is TaskState.FAILED
    percent = task.percent if failed else progress.percent
    seen = replace(
        task,
        percent=percent,
        status=progress.status,
        checked_at=at,
        problem=None,
        samples=task.samples if failed else _with_sample(task.samples, Sample(at, percent)),
    )
    if state is task.state:
        return seen
    return transition(
        seen,
        state,
        at=at,
        retries=task.retries + (state is TaskState.RETRYING),
        finished_at=at if state in (TaskState.SUCCEEDED, TaskState.FAILED) else None,
    )


def record_poll_failure(task: Task, problem: Problem, *, at: float) -> Task:
    """Give `task` with one more poll that failed; those in a row for the same reason are one."""
    last = task.poll_failures[-1] if task.poll_failures else None
    if last is None or _has_ended(last, task) or not _is_same_reason(last.problem, problem):
        failures = (*task.poll_failures, PollFailures(at, at, 1, problem))
    else:
        failures = (*task.poll_failures[:-1], replace(last, until=at, count=last.count + 1))
    return replace(task, poll_failures=failures[-MAX_POLL_FAILURES:])


def _has_ended(silence: PollFailures, task: Task) -> bool:
    """Tell whether the task was answered, or sent anew, since."""
    return max(task.checked_at or 0, task.sent_at or 0) > silence.until


def _is_same_reason(one: Problem, other: Problem) -> bool:
    return (one.kind, one.code) == (other.kind, other.code)


def _with_sample(samples: tuple[Sample, ...], sample: Sample) -> tuple[Sample, ...]:
    """Append `sample` if its percentage is news; thin the older half when there are too many."""
    if samples and samples[-1].percent == sample.percent:
        return samples
    kept = (*samples, sample)
    if len(kept) <= MAX_SAMPLES:
        return kept
    half = MAX_SAMPLES // 2
    return kept[:half:2] + kept[half:]
