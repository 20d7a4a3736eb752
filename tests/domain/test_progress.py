"""The effect of a progress poll on a task."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    MAX_SAMPLES,
    InvalidTransition,
    Misses,
    ProcessStatus,
    Progress,
    Sample,
    Task,
    TaskState,
    TimelineEntry,
    apply_progress,
)

S = TaskState
P = ProcessStatus
NOW = 1_700_000_000.0


def active(state: TaskState = S.RUNNING, percent: float = 0.0) -> Task:
    return Task(
        id=1,
        url="https://a.example/b",
        created_at=NOW - 9,
        sent_at=NOW - 5,
        task_id=7,
        state=state,
        percent=percent,
    )


def test_an_answer_ends_the_doubt_whether_the_service_knows_the_task() -> None:
    doubt = Problem(ProblemKind.TASK_UNKNOWN)
    unknown = replace(active(), problem=doubt, misses=Misses(4, 240, NOW - 60))
    polled = apply_progress(unknown, Progress(0, 0), at=NOW)
    assert (polled.problem, polled.misses) == (None, None), "misses count from zero again"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, S.RUNNING),
        (1, S.FAILED),
        (2, S.SUCCEEDED),
        (3, S.RETRYING),
        (13, S.RUNNING),
        (-1, S.RUNNING),
        (4, S.RUNNING),
    ],
)
@pytest.mark.parametrize("before", sorted(ACTIVE_STATES))
def test_each_status_means_a_state_and_an_unknown_one_is_not_final(
    before: TaskState, status: int, state: TaskState
) -> None:
    task = apply_progress(active(before), Progress(50, status), at=NOW)
    assert (task.state, task.status, task.checked_at) == (state, status, NOW)


def test_an_idle_poll_gives_an_equal_task_that_was_checked_later() -> None:
    task = apply_progress(active(), Progress(50, P.RUNNING), at=NOW)
    again = apply_progress(task, Progress(50, P.RUNNING), at=NOW + 60)
    assert again == task
    assert again.samples is task.samples
    assert again.timeline is task.timeline
    assert again.checked_at == NOW + 60


def test_a_failure_keeps_the_last_percentage_though_the_service_says_none() -> None:
    task = apply_progress(active(), Progress(62, P.RUNNING), at=NOW)
    failed = apply_progress(task, Progress(0, P.FAILED), at=NOW + 60)
    assert failed.state is S.FAILED
    assert failed.percent == 62
    assert failed.finished_at == NOW + 60
    assert failed.samples == task.samples
    assert failed.timeline == (TimelineEntry(NOW + 60, S.FAILED, 7, 62),)


def test_each_move_to_retrying_counts_once() -> None:
    task = active()
    for status in (P.RETRYING, P.RETRYING, P.RUNNING, P.RETRYING):
        task = apply_progress(task, Progress(5, status), at=NOW)
        assert task.finished_at is None
    assert task.retries == 2
    assert [entry.state for entry in task.timeline] == [S.RETRYING, S.RUNNING, S.RETRYING]


@pytest.mark.parametrize("state", [S.RUNNING, S.MISSING])
def test_a_success_needs_no_full_percentage_and_ends_the_former_problem(state: TaskState) -> None:
    task = replace(active(state, 62), problem=Problem(ProblemKind.RATE_LIMITED))
    done = apply_progress(task, Progress(97, P.SUCCEEDED), at=NOW)
    assert (done.state, done.finished_at, done.problem) == (S.SUCCEEDED, NOW, None)
    assert done.timeline == (TimelineEntry(NOW, S.SUCCEEDED, 7, 97),)


@pytest.mark.parametrize("state", sorted(set(TaskState) - ACTIVE_STATES - {S.MISSING}))
def test_an_answer_for_a_task_that_is_not_active_cannot_move_it(state: TaskState) -> None:
    for status, meant in {P.FAILED: S.FAILED, P.SUCCEEDED: S.SUCCEEDED, P.RETRYING: None}.items():
        if state is not meant:
            with pytest.raises(InvalidTransition):
                apply_progress(active(state), Progress(5, status), at=NOW)


def test_the_newest_percentages_are_kept() -> None:
    task = active()
    for number in range(100):
        task = apply_progress(task, Progress(number / 10, P.RUNNING), at=NOW + number)
    assert task.samples == tuple(Sample(NOW + n, n / 10) for n in range(100 - MAX_SAMPLES, 100))
