"""Attention: a person is told once, not a hundred times."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival import Arrival, ArrivalVerdict
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.ui.attention import GATHER_S, INTERVAL_S, Attention
from pan123_tui.ui.mirror import Change

S = TaskState


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _task(number: int, state: TaskState) -> Task:
    return Task(id=number, url="https://example.com/a", created_at=0.0, state=state)


def _ends(number: int, state: TaskState) -> Change:
    after = _task(number, state)
    return Change((after,), moved=((_task(number, S.RUNNING), after),))


def test_what_was_there_at_the_first_load_is_no_news() -> None:
    attention = Attention(clock=_Clock())
    loaded = _task(1, S.FAILED)
    attention.note(Change((loaded,), moved=((None, loaded),)))
    assert attention.due_in_s is None
    assert not attention.take()


def test_the_first_end_waits_a_moment_for_others_and_names_its_task() -> None:
    attention = Attention(clock=_Clock())
    attention.note(_ends(1, S.SUCCEEDED))
    assert attention.due_in_s == pytest.approx(GATHER_S)
    assert attention.take().only == _task(1, S.SUCCEEDED)


def test_the_next_ends_wait_and_are_told_together() -> None:
    clock = _Clock()
    attention = Attention(clock=clock)
    attention.note(_ends(1, S.SUCCEEDED))
    attention.take()
    clock.now += 1
    for number in range(2, 14):
        attention.note(_ends(number, S.SUCCEEDED))
    attention.note(_ends(14, S.FAILED))
    attention.note(_ends(15, S.MISSING))
    assert attention.due_in_s == pytest.approx(INTERVAL_S - 1)
    outcome = attention.take()
    assert (outcome.succeeded, outcome.failed, outcome.only) == (12, 2, None)
    assert attention.due_in_s is None


def test_a_task_that_was_queued_again_or_removed_meanwhile_is_not_told() -> None:
    attention = Attention(clock=_Clock())
    attention.note(_ends(1, S.FAILED))
    attention.note(_ends(2, S.FAILED))
    again = _task(1, S.QUEUED)
    attention.note(Change((again,), moved=((_task(1, S.FAILED), again),)))
    attention.note(Change(removed=frozenset({2})))
    assert not attention.take()


def test_a_link_that_is_unconfirmed_needs_attention_and_counts_by_itself() -> None:
    attention = Attention(clock=_Clock())
    sending, unsure = _task(1, S.SUBMITTING), _task(1, S.UNCONFIRMED)
    attention.note(Change((unsure,), moved=((sending, unsure),)))
    attention.note(_ends(2, S.FAILED))
    outcome = attention.take()
    assert (outcome.succeeded, outcome.failed, outcome.unconfirmed) == (0, 1, 1)


def test_a_change_without_a_move_is_not_told_twice() -> None:
    attention = Attention(clock=_Clock())
    attention.note(_ends(1, S.SUCCEEDED))
    attention.take()
    attention.note(Change((replace(_task(1, S.SUCCEEDED), file_id=7),)))
    assert attention.due_in_s is None


def _looked_for(number: int, verdict: ArrivalVerdict) -> Task:
    return replace(_task(number, S.SUCCEEDED), arrival=Arrival(verdict, at=1.0))


def test_a_success_without_its_file_is_told_once_when_the_folder_was_looked_into() -> None:
    attention = Attention(clock=_Clock())
    attention.note(_ends(1, S.SUCCEEDED))
    assert attention.take().succeeded == 1
    lost = _looked_for(1, ArrivalVerdict.NOT_FOUND)
    attention.note(Change((lost,)))
    outcome = attention.take()
    assert (outcome.succeeded, outcome.doubtful, outcome.only) == (0, 1, lost)
    attention.note(Change((replace(lost, file_id=7),)))
    assert attention.due_in_s is None


def test_doubtful_successes_are_told_together_and_count_as_no_successes() -> None:
    attention = Attention(clock=_Clock())
    for number in (1, 2, 3):
        attention.note(_ends(number, S.SUCCEEDED))
    attention.note(Change((_looked_for(1, ArrivalVerdict.NOT_FOUND),)))
    attention.note(Change((_looked_for(2, ArrivalVerdict.TOO_SMALL),)))
    attention.note(Change((_looked_for(3, ArrivalVerdict.FOUND),)))
    outcome = attention.take()
    assert (outcome.succeeded, outcome.doubtful, outcome.failed) == (1, 2, 0)


def test_a_doubt_of_an_earlier_day_is_no_news() -> None:
    attention = Attention(clock=_Clock())
    lost = _looked_for(1, ArrivalVerdict.NOT_FOUND)
    attention.note(Change((lost,), moved=((None, lost),)))
    assert attention.due_in_s is None
