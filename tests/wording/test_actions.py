"""Which actions are possible in which state, and why the others are not."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.wording import actions

S = TaskState
POSSIBLE: list[tuple[Callable[[Sequence[Task]], str], set[TaskState]]] = [
    (actions.retry_reason, {S.FAILED, S.REJECTED, S.MISSING, S.UNCONFIRMED}),
    (actions.edit_reason, {S.QUEUED, S.FAILED, S.REJECTED}),
    (actions.front_reason, {S.QUEUED}),
    (actions.removal_reason, set(S) - {S.SUBMITTING}),
]


def a_task(state: TaskState, file_id: int | None = None) -> Task:
    return Task(id=1, url="https://a.example/b", created_at=1.0, state=state, file_id=file_id)


@pytest.mark.parametrize(("reason", "states"), POSSIBLE)
def test_an_action_is_possible_if_one_of_the_tasks_allows_it(
    reason: Callable[[Sequence[Task]], str], states: set[TaskState]
) -> None:
    assert {state for state in S if not reason([a_task(state)])} == states
    assert not reason([a_task(state) for state in S])
    assert reason([]) == actions.no_task_reason()


def test_where_a_file_may_be_found_the_key_that_looks_for_it_is_named() -> None:
    file_reason = partial(actions.file_reason, poll_key="f5")
    named = {state for state in S if "f5" in file_reason([a_task(state)])}
    assert named == {S.SUCCEEDED, S.UNCONFIRMED}
    assert not file_reason([a_task(S.FAILED), a_task(S.SUCCEEDED, file_id=7)])


def test_only_what_is_queued_or_runs_can_be_checked() -> None:
    checked = {word for word in Shown if not actions.poll_reason({word: 1})}
    assert checked == {Shown.QUEUED, Shown.RUNNING}
