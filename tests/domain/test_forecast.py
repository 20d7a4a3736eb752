"""Rate, time left and stall, from percentages alone."""

import pytest

from pan123_tui.domain.forecast import (
    CompletionEstimate,
    estimate_completion,
    estimate_rate,
    is_stalled,
    time_left_s,
    unchanged_s,
)
from pan123_tui.domain.task import ProcessStatus, Progress, Task, TaskState, apply_progress

START = 1_700_000_000.0
MINUTE = 60.0
HOUR = 3600.0


def polled(*percents: float, every_s: float = MINUTE, status: int = 0) -> Task:
    """Return a task that was sent at `START` and then polled regularly."""
    task = Task(id=1, url="https://a/b", created_at=START, sent_at=START, state=TaskState.RUNNING)
    for index, percent in enumerate(percents, 1):
        task = apply_progress(task, Progress(percent, status), at=START + index * every_s)
    return task


def left(task: Task) -> float | None:
    """Return the time left at the last check."""
    return time_left_s(task, task.checked_at or START)


@pytest.mark.parametrize(
    ("percents", "per_minute"),
    [
        ((10, 20, 30, 40), 10),
        ((*(n / 10 for n in range(1, 21)), *range(5, 90, 5)), 5),  # the recent rate counts more
        ((50, 90, 10, 20, 30), 10),  # since the last drop
    ],
)
def test_a_task_has_a_rate_and_a_time_left(percents: tuple[float, ...], per_minute: float) -> None:
    task = polled(*percents)
    assert estimate_rate(task) == pytest.approx(per_minute / MINUTE)
    assert left(task) == pytest.approx((100 - percents[-1]) / per_minute * MINUTE)


def test_no_time_left_before_three_percentages_nor_at_a_hundred() -> None:
    for percents in ([10, 20], [10, 20, 20, 20], [50, 70, 90, 100]):
        assert left(polled(*percents)) is None
    assert left(polled(10, 20, 21)) is not None


def test_between_two_polls_the_time_left_shrinks_until_none_is_left() -> None:
    task = polled(10, 20, 30, 40)
    assert time_left_s(task, START + 4 * MINUTE + 100) == pytest.approx(6 * MINUTE - 100)
    assert time_left_s(task, START + HOUR) is None


@pytest.mark.parametrize(
    ("percents", "minutes"),
    [
        ([10, 20, 30, *[40] * 10], 9),
        ([10, 20, 30, *[40] * 11], 10),
        ([0] * 11, 10),
        ([10, 20, 30, *[40] * 30], 29),
        ([10, 20, 30, *[40] * 31], 30),
        ([10, 20, 30, *[40] * 31, 41], 0),
    ],
)
def test_without_a_change_for_minutes_no_time_is_left_and_half_an_hour_is_a_stall(
    percents: list[float], minutes: int
) -> None:
    task = polled(*percents)
    assert unchanged_s(task) == minutes * MINUTE
    assert (left(task) is None) is (minutes >= 10)
    assert is_stalled(task) is (minutes >= 30)


@pytest.mark.parametrize(
    ("percents", "every_s", "left_s", "rate"),
    [
        ((0,), 10, 60, 0),
        ((0,), 90, 90, 0),
        ((20, 40), 10, 30, 2),
        ((40,), 10, 15, 4),
        ((100,), 3, 0, 0),
        ((50, *[100] * 9), 2, 16, 0),
    ],
)
def test_the_end_is_estimated_by_rate_else_by_age(
    percents: tuple[float, ...], every_s: float, left_s: float, rate: float
) -> None:
    task = polled(*percents, every_s=every_s)
    assert estimate_completion(task) == CompletionEstimate(left_s, rate)


@pytest.mark.parametrize("status", [ProcessStatus.FAILED, ProcessStatus.SUCCEEDED])
def test_a_finished_task_has_no_forecast(status: ProcessStatus) -> None:
    task = apply_progress(polled(10, 20, 30), Progress(100, status), at=START + HOUR)
    assert time_left_s(task, START + HOUR) is None
    assert not is_stalled(task)
