"""A task's value and the only moves that it can make."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain import task
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import (
    MAX_STEPS,
    TRANSITIONS,
    DownloadRequest,
    InvalidTransition,
    Sample,
    Task,
    TaskState,
    TimelineEntry,
    new_task,
    reset_for_retry,
    transition,
)

S = TaskState
NOW = 1_700_000_000.0

LIFE = {
    S.QUEUED: {S.SUBMITTING},
    S.SUBMITTING: {S.RUNNING, S.QUEUED, S.REJECTED, S.UNCONFIRMED},
    S.UNCONFIRMED: {S.QUEUED},
    S.REJECTED: {S.QUEUED},
    S.RUNNING: {S.RETRYING, S.SUCCEEDED, S.FAILED, S.MISSING},
    S.RETRYING: {S.RUNNING, S.SUCCEEDED, S.FAILED, S.MISSING},
    S.SUCCEEDED: set(),
    S.FAILED: {S.QUEUED},
    S.MISSING: {S.QUEUED, S.RUNNING, S.RETRYING, S.SUCCEEDED, S.FAILED},
}
"""The table of a task's life, written down a second time on purpose."""
ALL_PAIRS = list(product(TaskState, TaskState))
LEGAL = [(a, b) for a, b in ALL_PAIRS if b in LIFE[a]]
ILLEGAL = [(a, b) for a, b in ALL_PAIRS if b not in LIFE[a]]


def in_state(state: TaskState) -> Task:
    return Task(id=1, url="https://a.example/b", created_at=NOW, state=state)


@pytest.mark.parametrize(("before", "after"), LEGAL)
def test_a_legal_move_enters_the_state_and_notes_the_step(
    before: TaskState, after: TaskState
) -> None:
    moved = transition(in_state(before), after, at=NOW + 1)
    assert moved.state is after
    assert moved.steps == (TimelineEntry(NOW + 1, after),)


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_an_illegal_move_is_refused(before: TaskState, after: TaskState) -> None:
    with pytest.raises(InvalidTransition, match=f"{before.value} does not lead to {after.value}"):
        transition(in_state(before), after, at=NOW)


def test_every_state_has_its_moves() -> None:
    assert set(TRANSITIONS) == set(TaskState)


def test_from_each_state_but_success_a_task_can_still_reach_success() -> None:
    for state in TaskState:
        reached, edge = {state}, {state}
        while edge:
            edge = {after for before in edge for after in TRANSITIONS[before]} - reached
            reached |= edge
        assert S.SUCCEEDED in reached


def test_each_state_is_active_waiting_finished_and_nothing_twice() -> None:
    groups = (task.ACTIVE_STATES, task.WAITING_STATES, task.FINISHED_STATES)
    assert sorted(state for group in groups for state in group) == sorted(TaskState)


def test_what_is_retryable_leads_back_to_the_queue_and_nothing_else_does_but_submitting() -> None:
    back = {state for state in TaskState if S.QUEUED in TRANSITIONS[state]}
    assert back == task.RETRYABLE_STATES | {S.SUBMITTING}
    assert task.FAILED_STATES < task.RETRYABLE_STATES
    assert task.FINISHED_STATES - {S.SUCCEEDED} == task.FAILED_STATES


@pytest.mark.parametrize("state", list(TaskState))
def test_a_task_tells_whether_it_is_active_or_finished(state: TaskState) -> None:
    task = in_state(state)
    assert task.is_active == (state in {S.RUNNING, S.RETRYING})
    assert task.is_finished == (state in {S.SUCCEEDED, S.FAILED, S.REJECTED, S.MISSING})


def test_a_new_task_is_queued_and_holds_what_was_asked_for() -> None:
    draft = DownloadRequest("https://a.example/b", "b.iso", 7, "https://c.example/hook")
    task = new_task(draft, task_id=3, at=NOW, request_id="r")
    assert (task.id, task.state, task.created_at) == (3, S.QUEUED, NOW)
    assert task.steps == (TimelineEntry(NOW, S.QUEUED),)
    assert task.request_id == "r"
    assert task.request == draft


def test_a_step_remembers_what_was_true_when_it_was_taken() -> None:
    problem = Problem(ProblemKind.REQUEST_REJECTED, "no", 1, "trace")
    task = replace(in_state(S.RUNNING), task_id=4711, percent=40.0)
    moved = transition(task, S.FAILED, at=NOW, problem=problem)
    assert moved.problem == problem
    assert moved.steps == (TimelineEntry(NOW, S.FAILED, 4711, 40.0, problem),)


def test_a_move_leaves_the_former_value_alone() -> None:
    task = in_state(S.QUEUED)
    transition(task, S.SUBMITTING, at=NOW)
    assert task == in_state(S.QUEUED)
    with pytest.raises(AttributeError):
        task.state = S.RUNNING  # type: ignore[misc]


def test_a_move_with_an_unknown_field_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError):
        transition(in_state(S.QUEUED), S.SUBMITTING, at=NOW, percentage=5)


def test_the_timeline_is_bounded_and_keeps_its_beginning_and_its_newest_steps() -> None:
    task = new_task(DownloadRequest("https://a.example/b"), task_id=1, at=NOW)
    for turn in range(200):
        to = S.SUBMITTING if task.state is S.QUEUED else S.QUEUED
        task = transition(task, to, at=NOW + 1 + turn)
    assert len(task.steps) == MAX_STEPS
    assert task.steps[0] == TimelineEntry(NOW, S.QUEUED)
    assert [step.at for step in task.steps[1:]] == [
        NOW + 200 - left for left in reversed(range(MAX_STEPS - 1))
    ]


def _gone_through(state: TaskState) -> Task:
    task = new_task(DownloadRequest("https://a.example/b", "b.iso", 7), task_id=1, at=NOW)
    task = transition(task, S.SUBMITTING, at=NOW + 1)
    problem = Problem(ProblemKind.REQUEST_REJECTED, "no", 1, "trace")
    if state in TRANSITIONS[S.SUBMITTING]:
        return transition(task, state, at=NOW + 2, problem=problem)
    task = transition(task, S.RUNNING, at=NOW + 2, task_id=4711, sent_at=NOW + 2)
    task = replace(
        task,
        status=0,
        percent=80.0,
        checked_at=NOW + 3,
        samples=(Sample(NOW + 3, 80.0),),
        fail_reason="why",
        file_id=9,
        retries=2,
        callback_secret="s",
    )
    return transition(task, state, at=NOW + 4, finished_at=NOW + 4, problem=problem)


@pytest.mark.parametrize("state", sorted(task.RETRYABLE_STATES))
def test_a_requeued_task_is_as_new_but_for_its_timeline(state: TaskState) -> None:
    before = _gone_through(state)
    again = reset_for_retry(before, at=NOW + 9, request_id="r")
    fresh = new_task(before.request, task_id=before.id, at=NOW, request_id="r")
    assert replace(again, steps=fresh.steps) == fresh
    assert again.checked_at is None
    assert again.steps == (*before.steps, TimelineEntry(NOW + 9, S.QUEUED))


def test_the_former_task_id_stays_in_the_timeline() -> None:
    again = reset_for_retry(_gone_through(S.FAILED), at=NOW + 9)
    assert again.task_id is None
    assert 4711 in {step.task_id for step in again.steps}


@pytest.mark.parametrize("state", sorted(set(TaskState) - task.RETRYABLE_STATES - {S.SUBMITTING}))
def test_what_is_not_retryable_cannot_be_requeued(state: TaskState) -> None:
    with pytest.raises(InvalidTransition):
        reset_for_retry(in_state(state), at=NOW)


def test_a_later_check_alone_makes_no_other_task() -> None:
    task = in_state(S.RUNNING)
    assert replace(task, checked_at=NOW) == task
    assert replace(task, percent=1.0) != task


@given(st.lists(st.sampled_from(TaskState), max_size=150))
def test_whatever_is_tried_the_timeline_tells_the_way_that_was_gone(
    wishes: list[TaskState],
) -> None:
    task = new_task(DownloadRequest("https://a.example/b"), task_id=1, at=NOW)
    way = [S.QUEUED]
    for number, wish in enumerate(wishes, 1):
        if wish in LIFE[task.state]:
            task = transition(task, wish, at=NOW + number)
            way.append(wish)
        else:
            with pytest.raises(InvalidTransition):
                transition(task, wish, at=NOW + number)
    assert task.state is way[-1]
    kept = way if len(way) <= MAX_STEPS else [way[0], *way[-MAX_STEPS + 1 :]]
    assert [step.state for step in task.steps] == kept
