"""The numbers of the schedule: intervals, virtual time and load, written out beside the code."""

from math import log, sqrt
from statistics import NormalDist

import pytest

from pan123_tui.domain.forecast import CompletionEstimate, estimate_completion
from pan123_tui.domain.schedule import (
    SPREAD,
    STARVING_INTERVALS,
    STARVING_TURN,
    Schedule,
    poll_interval_s,
)
from pan123_tui.domain.task import Sample, Task, TaskState


@pytest.mark.parametrize(
    ("left_s", "rate", "factor", "seconds"),
    [
        (900.0, 0.0, 1.0, sqrt(2 * 0.5 * 900)),
        (900.0, 0.0, 3.0, 3 * sqrt(2 * 0.5 * 900)),
        (0.0, 0.0, 1.0, 1.0),
        (1e6, 0.0, 1.0, 30.0),
        (1e6, 0.0, 2.0, 60.0),
        (1e7, 0.001, 2.0, 240.0),
    ],
)
def test_a_poll_is_worth_its_cost_and_no_interval_exceeds_the_longest(
    left_s: float, rate: float, factor: float, seconds: float
) -> None:
    estimate = CompletionEstimate(left_s, rate)
    wait_s = poll_interval_s(estimate, interval_factor=factor, max_s=120.0)
    assert wait_s == pytest.approx(seconds)


def test_where_a_rate_is_known_the_polls_cost_is_the_part_of_the_time_left_so_far() -> None:
    wait_s = poll_interval_s(CompletionEstimate(10.0, 0.5), interval_factor=1.0, max_s=1e9)
    # E[R; R <= t] of a log-normal R, from its definition.
    mu = log(10.0) - SPREAD**2 / 2
    assert 10.0 * NormalDist().cdf((log(wait_s) - mu - SPREAD**2) / SPREAD) == pytest.approx(0.5)


def task(number: int, **more: object) -> Task:
    return Task(
        id=number,
        url="https://a.example/b",
        created_at=1e9,
        sent_at=1e9,
        task_id=number,
        state=TaskState.RUNNING,
        **more,  # type: ignore[arg-type]
    )


def wait_after_failures(count: int, *, retry_after_s: float | None = None) -> float:
    schedule = Schedule(min_interval_s=0.001, max_interval_s=1e6)
    schedule.track(task(1), 0.0)
    for _ in range(count):
        schedule.prioritize([1])
        assert schedule.next_due(0.0) == 1
        schedule.record_failure(1, 0.0, retry_after_s=retry_after_s)
    due_at = schedule.next_due_at(0.0)
    assert due_at is not None
    return due_at


def test_the_pause_after_failures_doubles_ten_times() -> None:
    waits = [wait_after_failures(count) for count in (2, 3, 11, 12, 15)]
    assert waits == pytest.approx([0.002, 0.004, 1.024, 1.024, 1.024])
    assert wait_after_failures(3, retry_after_s=77.0) == 77.0


def test_a_task_is_due_its_interval_after_its_poll_and_the_same_later_under_load() -> None:
    schedule = Schedule(min_interval_s=2.0, max_interval_s=120.0)
    one = task(1, checked_at=1e9 + 400.0)
    schedule.track(one, 50.0)
    interval_s = poll_interval_s(estimate_completion(one), interval_factor=1.0, max_s=120.0)
    assert interval_s > 2.0
    assert schedule.next_due_at(50.0) == pytest.approx(50.0 + interval_s)
    assert schedule.next_due(50.0 + interval_s - 0.01) is None
    assert schedule.next_due(50.0 + interval_s) == 1
    assert schedule.oldest_check_at() == 1e9 + 400.0
    fast = Schedule(min_interval_s=500.0)
    fast.track(one, 0.0)
    assert fast.next_due_at(0.0) == 500.0


@pytest.mark.parametrize("start", [0.0, 20.0])
def test_who_starves_comes_before_who_is_due_and_every_fifth_time_only(start: float) -> None:
    schedule = Schedule(min_interval_s=1.0, max_interval_s=10.0)
    for number in range(1, 13):
        schedule.track(task(number), start)
    schedule.set_visible(range(3, 13))  # so they are due first
    now = start + STARVING_INTERVALS * 10.0
    assert schedule.next_due(now) == 3, "nobody starves yet"
    for _ in range(STARVING_TURN - 1):
        schedule.next_due(now)
    chosen = [schedule.next_due(now + 0.1) for _ in range(STARVING_TURN + 1)]
    assert chosen == [1, 8, 9, 10, 11, 2]


def test_the_load_grows_while_due_tasks_wait() -> None:
    schedule = Schedule()
    for number in (1, 2):
        schedule.track(task(number), 0.0)
    for now in range(60):
        schedule.next_due_at(float(now))
    assert schedule.load_factor > 3.0


def test_an_interval_is_two_seconds_at_least_and_two_minutes_at_most() -> None:
    schedule = Schedule()
    for number, seconds, percent in ((1, 1.0, 99.0), (2, 9e5, 1.0)):
        samples = (Sample(1e9, 0.0), Sample(1e9 + seconds, percent))
        schedule.track(task(number, samples=samples), 0.0)
    assert [entry.due_v for entry in schedule._entries.values()] == [2.0, 120.0]
