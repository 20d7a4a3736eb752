"""The order of queued links, and which failures are retried by themselves."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pan123_tui.domain.send_queue import (
    Adoption,
    RetryRule,
    adopted_task,
    collapse_retries,
    in_send_order,
    places,
    plan_retry,
    retry_by_itself,
    sent_next,
    without_plan,
)
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Task,
    TaskState,
    reset_for_retry,
    transition,
)
from tests.samples import a_task

NOW = 1e9
S = TaskState


def queued(*ids: int) -> list[Task]:
    return [a_task(number) for number in ids]


def after(tasks: Sequence[Task], changed: Sequence[Task]) -> list[Task]:
    return list({task.id: task for task in (*tasks, *changed)}.values())


def order(tasks: Sequence[Task]) -> list[int]:
    return [task.id for task in in_send_order(tasks)]


def test_links_are_sent_by_age_and_moved_ones_keep_their_own_order() -> None:
    tasks = queued(3, 1, 4, 2, 5)
    assert order(tasks) == [1, 2, 3, 4, 5]
    tasks = after(tasks, sent_next(tasks, [5, 4]))
    assert order(tasks) == [4, 5, 1, 2, 3]
    tasks = after(tasks, sent_next(tasks, [3, 4]))
    assert order(tasks) == [4, 3, 5, 1, 2]
    tasks = after(tasks, sent_next(tasks, [2]))
    assert order(tasks) == [2, 4, 3, 5, 1]


def test_a_move_changes_only_what_moves_and_a_second_one_nothing() -> None:
    tasks = queued(*range(1, 8))
    first = sent_next(tasks, [6, 3])
    assert [task.id for task in first] == [3, 6]
    tasks = after(tasks, first)
    assert sent_next(tasks, [3, 6]) == ()
    running = a_task(9, S.RUNNING, task_id=7)
    assert sent_next([*tasks, running], [9, 99]) == ()


RULE = RetryRule(times=3, after_s=600.0)


def test_an_adopted_task_is_watched_by_its_taskid_and_named_by_it_until_it_has_a_name() -> None:
    task = adopted_task(Adoption(4711), task_id=3, at=NOW, batch="night")
    assert (task.name, task.task_id, task.state, task.has_link) == (
        "taskID 4711",
        4711,
        S.RUNNING,
        False,
    )
    assert (task.batch, task.sent_at, task.task_ids) == ("night", NOW, {4711})
    assert adopted_task(Adoption(4711, "film"), task_id=3, at=NOW).name == "film"


def test_tries_that_failed_in_a_row_take_one_place_in_the_timeline() -> None:
    task = queued(1)[0]
    for number in range(1, 4):
        for state in (S.SUBMITTING, S.QUEUED):
            task = transition(task, state, at=number)
        task = collapse_retries(task)
    assert [(step.state, step.at) for step in task.timeline] == [(S.QUEUED, 1.0), (S.QUEUED, 3.0)]
    sent = transition(transition(task, S.SUBMITTING, at=4), S.RUNNING, at=5)
    assert collapse_retries(sent) == sent


def test_each_queued_link_has_its_place() -> None:
    assert places(after(queued(1, 2), sent_next(queued(1, 2), [2]))) == {2: 1, 1: 2}


def test_a_failure_at_the_source_is_retried_after_waits_that_double() -> None:
    failed, waits = a_task(1, S.FAILED), []
    for _ in range(3):
        failed = plan_retry(failed, RULE, at=NOW)
        assert failed.retry_at is not None
        waits.append(failed.retry_at - NOW)
        again = retry_by_itself(failed, at=failed.retry_at)
        assert (again.state, again.retry_at) == (S.QUEUED, None)
        assert again.timeline[-1].is_automatic
        failed = replace(again, state=S.FAILED)
    assert waits == [600.0, 1200.0, 2400.0]
    assert plan_retry(failed, RULE, at=NOW) == failed
    assert failed.auto_retry == AutoRetry(3, 3)


def test_no_wait_is_longer_than_a_day() -> None:
    failed = a_task(1, S.FAILED, auto_retry=AutoRetry(19, 20))
    assert plan_retry(failed, RetryRule(20, 3600.0), at=NOW).retry_at == NOW + 86_400.0


@pytest.mark.parametrize("state", sorted(set(S) - {S.FAILED}))
def test_what_did_not_fail_at_the_source_is_left_to_the_user(state: TaskState) -> None:
    wrong = ArrivalCheck(ArrivalStatus.ERROR_PAGE, NOW)
    assert plan_retry(a_task(1, state, arrival=wrong), RULE, at=NOW).auto_retry is None


def test_nothing_is_retried_unless_the_user_allows_it_nor_without_a_link() -> None:
    failed = a_task(1, S.FAILED)
    assert plan_retry(failed, RetryRule(), at=NOW) == failed
    adopted = replace(failed, url="")
    assert plan_retry(adopted, RULE, at=NOW) == adopted


def test_a_retry_by_the_user_begins_to_count_anew_and_a_dropped_plan_keeps_the_count() -> None:
    planned = plan_retry(a_task(1, S.FAILED, auto_retry=AutoRetry(2, 3)), RULE, at=NOW)
    assert without_plan(planned).auto_retry == AutoRetry(2, 3)
    again = reset_for_retry(planned, at=NOW)
    assert again.auto_retry is None
    assert not again.timeline[-1].is_automatic
