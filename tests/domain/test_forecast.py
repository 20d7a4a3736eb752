"""Rate, time left and stall, from percentages alone."""

import pytest

from pan123_tui.domain.forecast import (
    CompletionEstimate,
    Forecast,
    estimate_completion,
    estimate_rate,
    forecast,
    is_stalled,
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


def seen(task: Task) -> Forecast:
    """Forecast at the last check."""
    return forecast(task, task.checked_at or START)


def test_a_steady_task_has_a_rate_and_a_time_left() -> None:
    task = polled(10, 20, 30, 40)
    assert estimate_rate(task) == pytest.approx(10 / 60)
    assert seen(task).eta_s == pytest.approx(6 * MINUTE)


def test_no_time_left_before_three_percentages() -> None:
    assert seen(polled(10, 20)).eta_s is None
    assert seen(polled(10, 20, 20, 20)).eta_s is None
    assert seen(polled(10, 20, 21)).eta_s is not None


def test_between_two_polls_the_time_left_shrinks_until_none_is_left() -> None:
    task = polled(10, 20, 30, 40)
    assert forecast(task, START + 4 * MINUTE + 100).eta_s == pytest.approx(6 * MINUTE - 100)
    assert forecast(task, START + HOUR) == Forecast()


def test_the_recent_rate_counts_more_than_the_old_one() -> None:
    slow = [n / 10 for n in range(1, 21)]
    faster = polled(*slow, *range(5, 90, 5))
    assert estimate_rate(faster) == pytest.approx(5 / MINUTE)


@pytest.mark.parametrize(
    ("percents", "still_for_s"),
    [
        ([10, 20, 30, *[40] * 5], None),
        ([10, 20, 30, *[40] * 6], 5 * MINUTE),
        ([0] * 6, 5 * MINUTE),
        ([10, 20, 30, *[40] * 30], 29 * MINUTE),
        ([10, 20, 30, *[40] * 31], 30 * MINUTE),
        ([10, 20, 30, *[40] * 31, 41], None),
    ],
)
def test_without_a_change_for_minutes_no_time_is_left_and_half_an_hour_is_a_stall(
    percents: list[float], still_for_s: float | None
) -> None:
    task = polled(*percents)
    assert seen(task).still_for_s == still_for_s
    assert (seen(task).eta_s is None) is (still_for_s is not None)
    assert is_stalled(task) is (still_for_s == 30 * MINUTE)


@pytest.mark.parametrize(
    ("percents", "every_s", "left_s", "rate"),
    [
        ((0,), 10, 60, 0),
        ((0,), 90, 90, 0),
        ((20, 40), 10, 30, 2),
        ((100,), 3, 5, 0),
        ((50, *[100] * 9), 2, 16, 0),
    ],
)
def test_the_end_is_estimated_by_rate_else_by_age(
    percents: tuple[float, ...], every_s: float, left_s: float, rate: float
) -> None:
    task = polled(*percents, every_s=every_s)
    assert estimate_completion(task) == CompletionEstimate(left_s, rate)


def test_a_full_task_that_runs_has_no_time_left() -> None:
    assert seen(polled(50, 70, 90, 100)) == Forecast()


def test_the_rate_is_that_since_the_last_drop() -> None:
    assert estimate_rate(polled(50, 90, 10, 20, 30)) == pytest.approx(10 / 60)


@pytest.mark.parametrize("status", [ProcessStatus.FAILED, ProcessStatus.SUCCEEDED])
def test_a_finished_task_has_no_forecast(status: ProcessStatus) -> None:
    task = apply_progress(polled(10, 20, 30), Progress(100, status), at=START + HOUR)
    assert forecast(task, START + HOUR) == Forecast()
    assert not is_stalled(task)
