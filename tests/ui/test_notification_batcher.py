"""Attention: a person is told once, not a hundred times."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.ui.notifications import GATHER_S, INTERVAL_S, NotificationBatcher
from pan123_tui.ui.task_model import ModelChange

S = TaskState


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _task(number: int, state: TaskState) -> Task:
    return Task(id=number, url="https://example.com/a", created_at=0.0, state=state)


def _ends(number: int, state: TaskState) -> ModelChange:
    after = _task(number, state)
    return ModelChange((after,), moved=((_task(number, S.RUNNING), after),))


def test_what_was_there_at_the_first_load_is_no_news() -> None:
    attention = NotificationBatcher(clock=_Clock())
    loaded = _task(1, S.FAILED)
    attention.add(ModelChange((loaded,), moved=((None, loaded),)))
    assert attention.due_in_s is None
    assert not attention.drain()


def test_the_first_end_waits_a_moment_for_others_and_names_its_task() -> None:
    attention = NotificationBatcher(clock=_Clock())
    attention.add(_ends(1, S.SUCCEEDED))
    assert attention.due_in_s == pytest.approx(GATHER_S)
    assert attention.drain().only == _task(1, S.SUCCEEDED)


def test_the_next_ends_wait_and_are_told_together() -> None:
    clock = _Clock()
    attention = NotificationBatcher(clock=clock)
    attention.add(_ends(1, S.SUCCEEDED))
    attention.drain()
    clock.now += 1
    for number in range(2, 14):
        attention.add(_ends(number, S.SUCCEEDED))
    attention.add(_ends(14, S.FAILED))
    attention.add(_ends(15, S.MISSING))
    assert attention.due_in_s == pytest.approx(INTERVAL_S - 1)
    outcome = attention.drain()
    assert (outcome.succeeded, outcome.failed, outcome.only) == (12, 2, None)
    assert attention.due_in_s is None


def test_a_task_that_was_queued_again_or_removed_meanwhile_is_not_told() -> None:
    attention = NotificationBatcher(clock=_Clock())
    attention.add(_ends(1, S.FAILED))
    attention.add(_ends(2, S.FAILED))
    again = _task(1, S.QUEUED)
    attention.add(ModelChange((again,), moved=((_task(1, S.FAILED), again),)))
    attention.add(ModelChange(removed=frozenset({2})))
    assert not attention.drain()


def test_a_link_that_is_unconfirmed_needs_attention_and_counts_by_itself() -> None:
    attention = NotificationBatcher(clock=_Clock())
    sending, unsure = _task(1, S.SUBMITTING), _task(1, S.UNCONFIRMED)
    attention.add(ModelChange((unsure,), moved=((sending, unsure),)))
    attention.add(_ends(2, S.FAILED))
    outcome = attention.drain()
    assert (outcome.succeeded, outcome.failed, outcome.unconfirmed) == (0, 1, 1)


def test_a_change_without_a_move_is_not_told_twice() -> None:
    attention = NotificationBatcher(clock=_Clock())
    attention.add(_ends(1, S.SUCCEEDED))
    attention.drain()
    attention.add(ModelChange((replace(_task(1, S.SUCCEEDED), file_id=7),)))
    assert attention.due_in_s is None


def _looked_for(number: int, verdict: ArrivalStatus) -> Task:
    return replace(_task(number, S.SUCCEEDED), arrival=ArrivalCheck(verdict, at=1.0))


def test_a_success_without_its_file_is_told_once_when_the_folder_was_looked_into() -> None:
    attention = NotificationBatcher(clock=_Clock())
    attention.add(_ends(1, S.SUCCEEDED))
    assert attention.drain().succeeded == 1
    lost = _looked_for(1, ArrivalStatus.NOT_FOUND)
    attention.add(ModelChange((lost,)))
    outcome = attention.drain()
    assert (outcome.succeeded, outcome.doubtful, outcome.only) == (0, 1, lost)
    attention.add(ModelChange((replace(lost, file_id=7),)))
    assert attention.due_in_s is None


def test_doubtful_successes_are_told_together_and_count_as_no_successes() -> None:
    attention = NotificationBatcher(clock=_Clock())
    for number in (1, 2, 3):
        attention.add(_ends(number, S.SUCCEEDED))
    attention.add(ModelChange((_looked_for(1, ArrivalStatus.NOT_FOUND),)))
    attention.add(ModelChange((_looked_for(2, ArrivalStatus.TOO_SMALL),)))
    attention.add(ModelChange((_looked_for(3, ArrivalStatus.FOUND),)))
    outcome = attention.drain()
    assert (outcome.succeeded, outcome.doubtful, outcome.failed) == (1, 2, 0)


def test_a_doubt_of_an_earlier_day_is_no_news() -> None:
    attention = NotificationBatcher(clock=_Clock())
    lost = _looked_for(1, ArrivalStatus.NOT_FOUND)
    attention.add(ModelChange((lost,), moved=((None, lost),)))
    assert attention.due_in_s is None
