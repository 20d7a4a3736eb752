"""The value of a task, the transitions between its states, and the effect of a poll."""

from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain import task
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.task import (
    ACTIVE_STATES,
    MAX_SAMPLES,
    MAX_TIMELINE_ENTRIES,
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    InvalidTransition,
    Misses,
    Sample,
    Shown,
    Task,
    TaskState,
    TimelineEntry,
    new_task,
    reset_for_retry,
    shown_state,
    transition,
)

S = TaskState
P = ProcessStatus
NOW = 1_700_000_000.0

EXPECTED = {
    S.QUEUED: {S.SUBMITTING},
    S.SUBMITTING: {S.RUNNING, S.QUEUED, S.REJECTED, S.UNCONFIRMED},
    S.UNCONFIRMED: {S.QUEUED, S.SUCCEEDED},
    S.REJECTED: {S.QUEUED},
    S.RUNNING: {S.RETRYING, S.SUCCEEDED, S.FAILED, S.MISSING},
    S.RETRYING: {S.RUNNING, S.SUCCEEDED, S.FAILED, S.MISSING},
    S.SUCCEEDED: set(),
    S.FAILED: {S.QUEUED},
    S.MISSING: {S.QUEUED, S.RUNNING, S.RETRYING, S.SUCCEEDED, S.FAILED},
}
"""The transition table, repeated here on purpose."""


def in_state(state: TaskState) -> Task:
    return Task(id=1, url="https://a.example/b", created_at=NOW, state=state)


@pytest.mark.parametrize(("before", "after"), product(TaskState, TaskState))
def test_only_a_valid_transition_enters_the_state(before: TaskState, after: TaskState) -> None:
    if after in EXPECTED[before]:
        moved = transition(in_state(before), after, at=NOW + 1)
        assert (moved.state, moved.timeline) == (after, (TimelineEntry(NOW + 1, after),))
    else:
        with pytest.raises(InvalidTransition, match=f"{before.value} does not lead to"):
            transition(in_state(before), after, at=NOW)


def test_each_state_is_unsent_active_unsure_or_finished_and_nothing_twice() -> None:
    unsure = {S.UNCONFIRMED}
    groups = (task.UNSENT_STATES, task.ACTIVE_STATES, unsure, task.FINISHED_STATES)
    assert sorted(state for group in groups for state in group) == sorted(TaskState)


def test_a_task_keeps_the_task_ids_of_its_former_submissions() -> None:
    former = (TimelineEntry(NOW, S.QUEUED), TimelineEntry(NOW, S.RUNNING, 4711))
    assert replace(in_state(S.RUNNING), task_id=815, timeline=former).task_ids == {815, 4711}


def test_a_new_task_is_queued_and_holds_what_was_asked_for() -> None:
    request = DownloadRequest("https://a.example/b", "b.iso", 7, "https://c.example/hook")
    own: dict[str, Any] = {"batch": "b", "subfolder": "s"}
    task = new_task(request, task_id=3, at=NOW, **own)
    assert (task.id, task.state, task.created_at) == (3, S.QUEUED, NOW)
    assert task.timeline == (TimelineEntry(NOW, S.QUEUED),)
    assert {name: getattr(task, name) for name in own} == own
    assert task.request == request


def test_a_timeline_entry_has_the_values_of_its_time() -> None:
    problem = Problem(ProblemKind.REQUEST_REJECTED, "no", 1, "trace")
    task = replace(in_state(S.RUNNING), task_id=4711, percent=40.0)
    moved = transition(task, S.FAILED, at=NOW, problem=problem)
    assert moved.problem == problem
    assert moved.timeline == (TimelineEntry(NOW, S.FAILED, 4711, 40.0, problem),)


def test_a_retried_task_is_as_new_but_for_its_timeline() -> None:
    queued = new_task(DownloadRequest("https://a.example/b", "b.iso", 7), task_id=1, at=NOW)
    facts: dict[str, Any] = {"task_id": 4711, "sent_at": NOW + 2, "finished_at": NOW + 4}
    facts |= {"status": 0, "percent": 80.0, "checked_at": NOW + 3, "fail_reason": "why"}
    facts |= {"samples": (Sample(NOW + 3, 80.0),), "file_id": 9, "retries": 2, "account_uid": 8}
    facts |= {"callback_secret": "s", "arrival": ArrivalCheck(ArrivalStatus.FOUND, NOW)}
    facts |= {"problem": Problem(ProblemKind.REQUEST_REJECTED, "no"), "rank": -4}
    before = replace(queued, state=S.FAILED, misses=Misses(1, 2, NOW), **facts)
    again = reset_for_retry(before, at=NOW + 9)
    fresh = new_task(before.request, task_id=before.id, at=NOW)
    assert replace(again, timeline=fresh.timeline) == fresh
    assert again.checked_at is None
    assert again.timeline == (*before.timeline, TimelineEntry(NOW + 9, S.QUEUED))


DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("status", "after_s", "needs_user"),
    [
        (ArrivalStatus.FOUND, 5.0, False),
        (ArrivalStatus.TOO_SMALL, 5.0, False),
        (ArrivalStatus.NOT_FOUND, DAY_S - 1, False),
        (ArrivalStatus.NOT_FOUND, DAY_S, True),
        (ArrivalStatus.ERROR_PAGE, 5.0, True),
        (ArrivalStatus.BLOCKED, 5.0, True),
    ],
)
def test_a_success_stays_done_and_needs_the_user_only_if_its_file_is_of_no_use(
    status: ArrivalStatus, after_s: float, needs_user: bool
) -> None:
    check = ArrivalCheck(status, NOW + after_s)
    task = replace(in_state(S.SUCCEEDED), finished_at=NOW, arrival=check)
    is_doubtful = status is not ArrivalStatus.FOUND
    assert shown_state(task) is Shown.DONE
    assert not task.has_failed
    assert task.needs_user is task.is_retryable is needs_user
    assert task.has_suspect_file is task.is_editable is is_doubtful
    if is_doubtful:
        again = reset_for_retry(task, at=NOW + 9)
        assert (again.state, again.arrival) == (S.QUEUED, None)
    else:
        with pytest.raises(InvalidTransition):
            reset_for_retry(task, at=NOW)


def test_a_later_check_alone_makes_no_other_task() -> None:
    task = in_state(S.RUNNING)
    assert replace(task, checked_at=NOW) == task
    assert hash(replace(task, checked_at=NOW)) == hash(task) != hash(replace(task, id=2))
    assert replace(task, percent=1.0) != task


def test_a_long_timeline_keeps_its_first_entry_and_the_newest() -> None:
    task = new_task(DownloadRequest("https://a.example/b"), task_id=1, at=NOW)
    for number in range(1, 101):
        task = transition(task, (S.QUEUED, S.SUBMITTING)[number % 2], at=NOW + number)
    newest = range(101 - MAX_TIMELINE_ENTRIES + 1, 101)
    assert [entry.at - NOW for entry in task.timeline] == [0, *newest]


def active(state: TaskState = S.RUNNING, percent: float = 0.0) -> Task:
    return replace(in_state(state), sent_at=NOW - 5, task_id=7, percent=percent)


def test_an_answer_ends_the_doubt_whether_the_service_knows_the_task() -> None:
    doubt = Problem(ProblemKind.TASK_UNKNOWN)
    unknown = replace(active(), problem=doubt, misses=Misses(4, 240, NOW - 60))
    assert unknown.is_unknown
    assert not replace(unknown, problem=Problem(ProblemKind.RATE_LIMITED)).is_unknown
    assert not replace(unknown, state=S.MISSING).is_unknown
    polled = apply_progress(unknown, Progress(0, 0), at=NOW)
    assert (polled.problem, polled.misses) == (None, None), "misses count from zero again"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((0, S.RUNNING), (1, S.FAILED), (2, S.SUCCEEDED), (3, S.RETRYING)),
        *((13, S.RUNNING), (-1, S.RUNNING), (4, S.RUNNING)),
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
    assert (task.samples, failed.samples) == ((Sample(NOW, 62),), ())
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
