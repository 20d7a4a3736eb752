"""The numbers of the schedule: intervals, virtual time and load, written out beside the code."""

from math import exp, log, sqrt
from statistics import NormalDist

import pytest

from pan123_tui.domain.forecast import CompletionEstimate, estimate_completion
from pan123_tui.domain.schedule import (
    LOAD_EXPONENT,
    STARVING_INTERVALS,
    STARVING_TURN,
    Schedule,
    _log_normal_interval_s,
    _VirtualClock,
    _visible_interval_v,
    poll_interval_s,
)
from pan123_tui.domain.task import Sample, Task, TaskState

SILENT = CompletionEstimate(left_s=900.0)


def interval(estimate: CompletionEstimate, factor: float = 1.0, max_s: float = 1e9) -> float:
    return poll_interval_s(estimate, interval_factor=factor, max_s=max_s)


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_an_end_at_any_time_is_worth_a_poll_after_the_root_of_twice_cost_and_mean(
    factor: float,
) -> None:
    assert interval(SILENT, factor) == pytest.approx(sqrt(2 * 0.5 * factor**2 * 900))
    unsure = CompletionEstimate(left_s=900.0, uncertainty=0.25)
    assert interval(unsure, factor) == pytest.approx(sqrt(2 * 0.5 * factor**2 * 900 / 0.25))
    ended = CompletionEstimate(left_s=0.0)
    assert interval(ended, factor) == pytest.approx(sqrt(2 * 0.5 * factor**2 * 1.0))


def test_a_silent_task_waits_a_quarter_of_the_longest_interval_at_most() -> None:
    assert interval(CompletionEstimate(left_s=1e6), 2.0, max_s=120.0) == 60.0
    moving = CompletionEstimate(left_s=1e6, percent_per_s=0.001, spread=0.1)
    assert interval(moving, 2.0, max_s=120.0) == 240.0


def test_where_the_time_left_is_log_normal_the_polls_cost_is_its_part_so_far() -> None:
    moving = CompletionEstimate(left_s=100.0, percent_per_s=0.5, spread=0.4, uncertainty=1e-9)
    wait_s = interval(moving)
    assert wait_s == pytest.approx(_log_normal_interval_s(moving, 0.5))
    # E[R; R <= t] of a log-normal R, from its definition.
    mu = log(100.0) - 0.4**2 / 2
    expected = 100.0 * NormalDist().cdf((log(wait_s) - mu - 0.4**2) / 0.4)
    assert expected == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("left_s", "cost", "share"), [(10.0, 9.0, 0.5), (0.0, 0.02, 0.2), (1e12, 0.5, 1e-9)]
)
def test_the_share_and_the_time_left_have_bounds(left_s: float, cost: float, share: float) -> None:
    estimate = CompletionEstimate(left_s=left_s, percent_per_s=1.0, spread=0.3)
    expected = max(left_s, 0.1) * exp(0.3 * (0.15 + NormalDist().inv_cdf(share)))
    assert _log_normal_interval_s(estimate, cost) == pytest.approx(expected)


@pytest.mark.parametrize("load", [1.0, 4.0])
def test_a_visible_task_is_polled_when_it_has_gained_a_percent_and_more_under_load(
    load: float,
) -> None:
    moving = CompletionEstimate(left_s=100.0, percent_per_s=0.25, spread=0.1)
    expected = load**LOAD_EXPONENT / 0.25 / load
    assert _visible_interval_v(100.0, moving, load) == pytest.approx(expected)
    assert _visible_interval_v(0.5, moving, load) == 0.5
    assert _visible_interval_v(90.0, SILENT, load) == pytest.approx(30.0)


def test_virtual_time_stands_still_at_a_due_task_and_the_load_is_remembered() -> None:
    clock = _VirtualClock()
    clock.advance(100.0, 5.0)
    assert (clock.time_v, clock.load_factor) == (0.0, 1.0)
    clock.advance(103.0, None)
    assert clock.time_v == 3.0
    clock.advance(113.0, 5.0)
    assert clock.time_v == 5.0, "a task is due at 5"
    memory = exp(-10 / 30)
    before = 1.0 * exp(-3 / 30) + 3.0
    assert clock.load_factor == pytest.approx((before * memory + 10) / (before * memory + 2))
    clock.advance(90.0, 5.0)
    assert clock.time_v == 5.0
    clock.advance(91.0, 4.0)
    assert clock.time_v == 5.0, "it never goes back"
    clock.advance(92.0, 9.0)
    assert clock.time_v == 6.0, "a clock that was set back goes on from there"
    clock.advance(2000.0, 6.0)
    assert clock.load_factor == 30.0
    idle = _VirtualClock()
    idle.advance(0.0, None)
    idle.advance(50.0, None)
    assert idle.load_factor == 1.0


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


def test_every_fifth_choice_is_the_task_that_starves_longest() -> None:
    schedule = Schedule(min_interval_s=1.0, max_interval_s=10.0)
    for number in (1, 2):
        schedule.track(task(number), 0.0)
    now = STARVING_INTERVALS * 10.0
    chosen = []
    for turn in range(2 * STARVING_TURN):
        schedule.prioritize(None) if turn == 0 else None
        now += 10.0
        found = schedule.next_due(now)
        chosen.append(found)
        if found == 2:
            schedule.record_success(task(2), now)
    assert chosen[0] == 1
    assert set(chosen[1:]) == {2}, "1 is in flight, so it starves no more"


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
