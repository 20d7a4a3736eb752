"""Rate, time left and stall, from percentages alone; the latest batches and their pace."""

from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.forecast import (
    CompletionEstimate,
    batch_left_s,
    batch_progress,
    estimate_completion,
    estimate_rate,
    is_stalled,
    latest_batches,
    time_left_s,
    unchanged_s,
)
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.task import DownloadRequest, Sample, Task, TaskState, new_task
from pan123_tui.domain.task_collection import TaskCollection

S = TaskState
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


def link(number: int, state: TaskState = S.QUEUED, batch: str = "night", **facts: Any) -> Task:
    request = DownloadRequest(f"https://example.com/{number}.iso")
    return replace(new_task(request, task_id=number, at=START, batch=batch), state=state, **facts)


def names(collection: TaskCollection, since: float = START) -> list[str]:
    return [batch.name for batch in latest_batches(collection, since)]


def test_the_latest_batches_are_those_of_several_links_that_are_open_or_have_just_ended() -> None:
    collection = TaskCollection([*(link(n) for n in range(1, 8)), link(8, batch="other")])
    assert names(collection) == ["night"], "the other one has a single link"
    collection.put(link(9, S.SUCCEEDED, batch="other", finished_at=START))
    assert names(collection) == ["other", "night"]
    assert [batch.total for batch in latest_batches(collection, START)] == [2, 7]
    collection.put(link(8, S.UNCONFIRMED, batch="other"))
    assert names(collection) == ["night"], "only the user ends the other one"
    assert names(collection, START - 1) == ["other", "night"]
    assert [it.is_open for it in latest_batches(collection, START - 1)] == [False, True]
    assert names(TaskCollection([link(1, S.FAILED), link(2, S.FAILED)])) == []
    many = TaskCollection(link(n, batch=f"b{n // 2}") for n in range(2, 20))
    assert names(many) == ["b9", "b8", "b7"]


def test_the_progress_of_a_batch_is_that_of_its_running_tasks() -> None:
    running = (link(n, S.RUNNING, percent=25.0 * n, sent_at=START) for n in (1, 2))
    collection = TaskCollection([*running, link(3), link(4, S.RUNNING, batch="b", percent=9.0)])
    assert batch_progress(latest_batches(collection, START)[0], collection) == 0.75


def test_the_time_left_follows_the_pace_of_the_latest_ends() -> None:
    collection = TaskCollection(link(n) for n in range(1, 14))

    def left_s(after_s: float = 0.0) -> float | None:
        return batch_left_s(latest_batches(collection, START)[0], collection, START + after_s)

    for number in range(1, 4):
        assert left_s() is None
        ended = replace(collection[number], state=S.SUCCEEDED, finished_at=START + 60 * number)
        collection.put(ended)
    collection.put(link(40, S.SUCCEEDED, batch="older", finished_at=START + 9000))
    assert left_s() == 600.0
    morning = replace(collection[3], finished_at=START + 40_000)
    (batch,) = latest_batches(TaskCollection([*collection.values(), morning]), START + 50_000)
    assert batch_left_s(batch, collection, 0) == 600.0
    samples = tuple(Sample(START + 60 * it, 1.0 * it) for it in range(5))
    slow = replace(collection[4], state=S.RUNNING, sent_at=START, percent=4, samples=samples)
    collection.put(replace(slow, checked_at=START + 240))
    assert (left_s(240) or 0) > 5000, "the last one is slower than the pace"
    collection.put(replace(slow, checked_at=START + 900))
    assert left_s(900) is None, "all that runs is still"
    collection.put(replace(slow, id=5, checked_at=START + 240))
    assert left_s(240) is not None
    collection.update([link(20, batch="newer"), link(21, batch="newer")])
    assert left_s() is None, "the pace of another batch tells nothing"
