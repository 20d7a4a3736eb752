"""When each task is polled."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.forecast import CompletionEstimate
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.schedule import Schedule, _Entry
from pan123_tui.domain.task import Task, TaskState

START = 1_700_000_000.0


def running(number: int, *, percent: float = 0.0, age_s: float = 0.0) -> Task:
    """Return a task that is running since `age_s` and was checked just now, unless it is new."""
    task = Task(
        id=number,
        url="https://example.com/a",
        created_at=START - age_s,
        sent_at=START - age_s,
        task_id=number,
        state=TaskState.RUNNING,
    )
    if not age_s:
        return task
    for part in range(1, 9):
        at = START - age_s * (8 - part) / 8
        task = apply_progress(task, Progress(percent * part / 8, ProcessStatus.RUNNING), at=at)
    return task


def tracking(*tasks: Task, **options: float) -> Schedule:
    """Return a schedule of `tasks`, all tracked since 0."""
    schedule = Schedule(**options)
    for task in tasks:
        schedule.track(task, 0.0)
    return schedule


def due_now(schedule: Schedule, now: float) -> list[int]:
    """Take tasks until none is due."""
    found = []
    while (task_id := schedule.next_due(now)) is not None:
        found.append(task_id)
    return found


def due_ever(schedule: Schedule, now: float) -> set[int]:
    """Take tasks whenever one is due, until none will ever be."""
    found: set[int] = set()
    while (due_at := schedule.next_due_at(now)) is not None:
        now = due_at
        found.update(due_now(schedule, now))
    return found


def answer(schedule: Schedule, task: Task, now: float) -> float:
    """Record a success of a task and return how long it then waits."""
    schedule.prioritize([task.id])
    assert schedule.next_due(now) == task.id
    schedule.record_success(task, now)
    due_at = schedule.next_due_at(now)
    assert due_at is not None
    return due_at - now


def wait_of(task: Task, *, is_visible: bool = False, **options: float) -> float:
    """Return how long `task` waits for its next poll on an idle schedule."""
    schedule = Schedule(**options)
    schedule.track(task, 0.0)
    if is_visible:
        schedule.set_visible({task.id})
    return answer(schedule, task, 1.0)


def test_showing_a_waiting_task_brings_it_forward_and_hiding_it_puts_it_back() -> None:
    task = running(1, percent=50, age_s=300)
    schedule = tracking(task)
    whole = answer(schedule, task, 1.0)
    schedule.set_visible([1])
    assert schedule.next_due_at(1.0) == pytest.approx(7.0, abs=0.05)
    schedule.set_visible([])
    assert schedule.next_due_at(1.0) == pytest.approx(1.0 + whole)


def test_a_poll_of_all_goes_after_a_callback_and_in_the_order_of_the_tasks() -> None:
    for asked in ([5], None), (None, [5]):
        schedule = tracking(*map(running, range(1, 6)))
        for ids in asked:
            schedule.prioritize(ids)
        assert due_now(schedule, 0.0) == [5, 1, 2, 3, 4]


def test_a_prioritized_task_that_is_in_flight_is_asked_again_after_its_answer() -> None:
    schedule = tracking(running(1))
    schedule.prioritize([1])
    assert schedule.next_due(0.0) == 1
    schedule.prioritize([1])
    assert schedule.next_due(0.0) is None
    schedule.record_success(running(1), 1.0)
    assert schedule.next_due(1.0) == 1


def test_a_finished_task_is_polled_no_more() -> None:
    schedule = tracking(running(1))
    schedule.prioritize()
    schedule.next_due(0.0)
    done = apply_progress(running(1), Progress(100, ProcessStatus.SUCCEEDED), at=START)
    schedule.record_success(done, 1.0)
    assert schedule.next_due_at(1.0) is None
    assert 1 not in schedule
    schedule.track(running(1), 2.0)
    schedule.track(done, 3.0)
    assert 1 not in schedule


def test_an_unanswered_poll_waits_longer_each_time_up_to_the_longest_interval() -> None:
    schedule = tracking(running(1), max_interval_s=60.0)
    now, waits = 100.0, []
    for _ in range(12):
        assert schedule.next_due(now) == 1
        schedule.record_failure(1, now)
        due_at = schedule.next_due_at(now)
        assert due_at is not None
        waits.append(due_at - now)
        now = due_at + 0.001
    assert waits[:3] == pytest.approx([2, 4, 8])
    assert waits == pytest.approx(sorted(waits))
    assert waits[-1] == pytest.approx(60)
    answer(schedule, running(1), now)
    schedule.prioritize([1])
    assert schedule.next_due(now) == 1
    schedule.record_failure(1, now)
    assert schedule.next_due_at(now) == pytest.approx(now + 2), "an answer ends the row"


_CALLS = st.tuples(
    st.sampled_from(
        ["track", "next", "success", "failure", "forget", "show", "prioritize", "prioritize all"]
    ),
    st.integers(1, 6),
    st.floats(-50, 500),
)


@given(st.lists(_CALLS, max_size=80))
def test_no_task_is_lost_doubled_or_due_in_the_past(calls: list[tuple[str, int, float]]) -> None:
    schedule = Schedule()
    now = 1000.0
    known: set[int] = set()
    in_flight: set[int] = set()
    for what, number, step in calls:
        now += step
        if what == "track":
            schedule.track(running(number, percent=step % 100, age_s=abs(step)), now)
            in_flight -= {number} - known
            known.add(number)
        elif what == "next":
            due = schedule.next_due(now)
            if due is not None:
                assert due in known - in_flight
                in_flight.add(due)
        elif what == "success" and number in in_flight:
            schedule.record_success(running(number), now)
            in_flight.discard(number)
        elif what == "failure" and number in in_flight:
            schedule.record_failure(number, now)
            in_flight.discard(number)
        elif what == "forget":
            schedule.forget(number)
            known.discard(number)
            in_flight.discard(number)
        elif what == "show":
            schedule.set_visible({number})
        elif what.startswith("prioritize"):
            schedule.prioritize([number] if what == "prioritize" else None)
        due_at = schedule.next_due_at(now)
        assert (due_at is None) == (known == in_flight)
        assert due_at is None or now <= due_at < math.inf
    assert due_ever(schedule, now) == known - in_flight


@pytest.mark.parametrize(
    ("left_s", "rate", "seconds"),
    [
        (400.0, 0.0, math.sqrt(2 * 0.5 * 400)),
        (0.0, 0.0, 0.0),
        (1e6, 0.0, 30.0),
        (1600.0, 0.1, 40.0),
        (1e7, 0.001, 120.0),
    ],
)
def test_a_poll_is_worth_its_cost_within_bounds(left_s: float, rate: float, seconds: float) -> None:
    entry = _Entry(1, 0.0, CompletionEstimate(left_s, rate))
    assert Schedule(min_interval_s=0.0)._interval_s(entry) == pytest.approx(seconds)


def test_the_load_grows_with_the_lateness_of_polls_and_falls_again() -> None:
    task = running(1)
    schedule = tracking(task)
    loads = []
    for wait_s in (*[60.0] * 5, *[8.0] * 20):
        due_at = schedule.next_due_at(0.0)
        assert due_at is not None
        now = max(due_at, schedule._entries[1].polled_at + wait_s)
        assert schedule.next_due(now) == 1
        schedule.record_success(task, now)
        loads.append(schedule.load_factor)
    assert loads[4] > 3.0
    assert 1.0 <= loads[-1] < 1.5
