"""Ended tasks are reported together and once."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.notifications import (
    BATCH_WINDOW_S,
    MIN_INTERVAL_S,
    CompletionSummary,
    NotificationBatcher,
)

S = TaskState


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _task(number: int, state: TaskState) -> Task:
    return Task(id=number, url="https://example.com/a", created_at=0.0, state=state)


def _batches(summary: CompletionSummary) -> dict[str, Mapping[Shown, int]]:
    return {it.name: it.counts for it in summary.batches}


def _ends(number: int, state: TaskState) -> ModelChange:
    after = _task(number, state)
    return ModelChange((after,), moved=((_task(number, S.RUNNING), after),))


def test_what_was_there_at_the_first_load_is_not_reported() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    loaded = _task(1, S.FAILED)
    batcher.add(ModelChange((loaded,), moved=((None, loaded),)))
    assert batcher.due_in_s is None
    assert not batcher.drain()


def test_the_first_end_waits_a_moment_for_others_and_names_its_task() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    batcher.add(_ends(1, S.SUCCEEDED))
    assert batcher.due_in_s == pytest.approx(BATCH_WINDOW_S)
    assert batcher.drain().only == _task(1, S.SUCCEEDED)


def test_the_next_ends_wait_and_are_reported_together() -> None:
    clock = _Clock()
    batcher = NotificationBatcher(clock=clock)
    batcher.add(_ends(1, S.SUCCEEDED))
    batcher.drain()
    clock.now += 1
    for number in range(2, 14):
        batcher.add(_ends(number, S.SUCCEEDED))
    batcher.add(_ends(14, S.FAILED))
    batcher.add(_ends(15, S.MISSING))
    assert batcher.due_in_s == pytest.approx(MIN_INTERVAL_S - 1)
    outcome = batcher.drain()
    assert outcome.counts == {Shown.DONE: 12, Shown.FAILED: 1, Shown.UNSURE: 1}
    assert batcher.due_in_s is None


def test_a_task_that_was_queued_again_or_removed_meanwhile_is_not_reported() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    batcher.add(_ends(1, S.FAILED))
    batcher.add(_ends(2, S.FAILED))
    again = _task(1, S.QUEUED)
    batcher.add(ModelChange((again,), moved=((_task(1, S.FAILED), again),)))
    batcher.add(ModelChange(removed=frozenset({2})))
    assert not batcher.drain()


def test_a_link_that_is_unconfirmed_needs_attention_and_counts_by_itself() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    sending, unsure = _task(1, S.SUBMITTING), _task(1, S.UNCONFIRMED)
    batcher.add(ModelChange((unsure,), moved=((sending, unsure),)))
    batcher.add(_ends(2, S.FAILED))
    outcome = batcher.drain()
    assert outcome.counts == {Shown.FAILED: 1, Shown.UNSURE: 1}


def _checked(number: int, status: ArrivalStatus) -> Task:
    return replace(_task(number, S.SUCCEEDED), arrival=ArrivalCheck(status, at=1.0))


def test_a_success_without_its_file_is_reported_once_after_the_arrival_check() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    batcher.add(_ends(1, S.SUCCEEDED))
    assert batcher.drain().counts == {Shown.DONE: 1}
    lost = _checked(1, ArrivalStatus.NOT_FOUND)
    batcher.add(ModelChange((lost,)))
    outcome = batcher.drain()
    assert (outcome.counts, outcome.only) == ({Shown.FAILED: 1}, lost)
    batcher.add(ModelChange((replace(lost, file_id=7),)))
    assert batcher.due_in_s is None


def test_a_doubt_of_an_earlier_run_is_not_reported() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    lost = _checked(1, ArrivalStatus.NOT_FOUND)
    batcher.add(ModelChange((lost,), moved=((None, lost),)))
    assert batcher.due_in_s is None


def _of_batch(number: int, state: TaskState, label: str = "a") -> Task:
    return replace(_task(number, state), batch=label)


def _ended(*tasks: Task) -> ModelChange:
    return ModelChange(tasks, moved=tuple((replace(it, state=S.RUNNING), it) for it in tasks))


def test_a_batch_is_reported_once_when_its_last_task_has_ended() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    one, two = _of_batch(1, S.SUCCEEDED), _of_batch(2, S.RUNNING)
    alone = _of_batch(3, S.SUCCEEDED, "b")
    batcher.add(_ended(one, alone))
    assert batcher.drain(TaskCollection([one, two, alone])).only == alone
    last = _of_batch(2, S.FAILED)
    batcher.add(_ended(last))
    summary = batcher.drain(TaskCollection([one, last, alone]))
    assert _batches(summary) == {"a": {Shown.DONE: 1, Shown.FAILED: 1}}
    assert (summary.counts, summary.only) == ({}, None)
    assert summary.all_counts == {Shown.DONE: 1, Shown.FAILED: 1}
    assert not batcher.drain(TaskCollection([one, last, alone]))


def test_an_unconfirmed_link_is_reported_although_its_batch_goes_on() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    unsure, done = _of_batch(1, S.UNCONFIRMED), _of_batch(2, S.SUCCEEDED)
    batcher.add(_ended(unsure, done))
    summary = batcher.drain(TaskCollection([unsure, done, _of_batch(3, S.RUNNING)]))
    assert (summary.only, _batches(summary)) == (unsure, {})


def test_a_doubt_after_the_end_of_its_batch_is_reported_by_itself() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    one, lost = _of_batch(1, S.SUCCEEDED), _of_batch(2, S.SUCCEEDED)
    batcher.add(_ended(one, lost))
    tasks = TaskCollection([one, lost])
    assert _batches(batcher.drain(tasks)) == {"a": {Shown.DONE: 2}}
    lost = replace(lost, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, at=1.0))
    batcher.add(ModelChange((lost,)))
    tasks.put(lost)
    summary = batcher.drain(tasks)
    assert (_batches(summary), summary.counts, summary.only) == ({}, {Shown.FAILED: 1}, lost)


def test_a_doubt_that_comes_with_the_end_of_its_batch_is_counted_in_it() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    one, lost = _of_batch(1, S.SUCCEEDED), _of_batch(2, S.SUCCEEDED)
    batcher.add(_ended(one, lost))
    lost = replace(lost, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, at=1.0))
    batcher.add(ModelChange((lost,)))
    summary = batcher.drain(TaskCollection([one, lost]))
    assert _batches(summary) == {"a": {Shown.DONE: 1, Shown.FAILED: 1}}
    assert not summary.counts


def test_a_failure_is_reported_once_no_retry_is_planned_any_more_and_so_is_its_batch() -> None:
    batcher = NotificationBatcher(clock=_Clock())
    done, failed = _of_batch(1, S.SUCCEEDED), _of_batch(2, S.FAILED)
    planned = replace(failed, auto_retry=AutoRetry(0, 1, due_at=60.0))
    batcher.add(_ended(done, planned))
    assert not batcher.drain(TaskCollection([done, planned]))
    last = replace(failed, auto_retry=AutoRetry(1, 1))
    batcher.add(_ended(last))
    summary = batcher.drain(TaskCollection([done, last]))
    assert _batches(summary) == {"a": {Shown.DONE: 1, Shown.FAILED: 1}}
