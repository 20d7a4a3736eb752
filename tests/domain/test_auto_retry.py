"""Which failures are retried by itself, and when."""

from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.send_queue import RetryRule, plan_retry, retry_by_itself, without_plan
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Task,
    TaskState,
    reset_for_retry,
)

S = TaskState
NOW = 1e9
RULE = RetryRule(times=3, after_s=600.0)


def task(state: TaskState, **facts: Any) -> Task:
    return Task(id=1, url="https://example.com/a.iso", created_at=NOW, state=state, **facts)


def test_a_failure_at_the_source_is_retried_after_waits_that_double() -> None:
    failed, waits = task(S.FAILED), []
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
    failed = task(S.FAILED, auto_retry=AutoRetry(19, 20))
    assert plan_retry(failed, RetryRule(20, 3600.0), at=NOW).retry_at == NOW + 86_400.0


@pytest.mark.parametrize("state", sorted(set(S) - {S.FAILED}))
def test_what_did_not_fail_at_the_source_is_left_to_the_user(state: TaskState) -> None:
    wrong = ArrivalCheck(ArrivalStatus.ERROR_PAGE, NOW)
    assert plan_retry(task(state, arrival=wrong), RULE, at=NOW).auto_retry is None


def test_nothing_is_retried_unless_the_user_allows_it_nor_without_a_link() -> None:
    failed = task(S.FAILED)
    assert plan_retry(failed, RetryRule(), at=NOW) == failed
    adopted = replace(failed, url="")
    assert plan_retry(adopted, RULE, at=NOW) == adopted


def test_a_retry_by_the_user_begins_to_count_anew() -> None:
    planned = plan_retry(task(S.FAILED, auto_retry=AutoRetry(2, 3)), RULE, at=NOW)
    again = reset_for_retry(planned, at=NOW)
    assert again.auto_retry is None
    assert not again.timeline[-1].is_automatic


def test_a_dropped_plan_keeps_the_count() -> None:
    planned = plan_retry(task(S.FAILED, auto_retry=AutoRetry(1, 3)), RULE, at=NOW)
    assert without_plan(planned).auto_retry == AutoRetry(1, 3)
