"""Ended tasks are reported together and once."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.commands import RestoreTasks
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Shown, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.notifications import (
    MIN_INTERVAL_S,
    TOGETHER_S,
    CompletionSummary,
    EndedTasks,
)

S = TaskState
BLOCKED = ArrivalCheck(ArrivalStatus.BLOCKED, at=1.0)


class Reports:
    """A batcher with its clock and the tasks as the model has them."""

    def __init__(self, *tasks: Task) -> None:
        self.now = 100.0
        self.batcher = EndedTasks(clock=lambda: self.now)
        self.tasks = TaskCollection(tasks)

    def change(self, *tasks: Task) -> None:
        """Let `tasks` become what they are given as."""
        moved = tuple((self.tasks.get(task.id), task) for task in tasks)
        for task in tasks:
            self.tasks.put(task)
        self.batcher.add(ModelChange(tasks, moved=moved))

    def drain(self) -> CompletionSummary:
        return self.batcher.drain(self.tasks)


def made(number: int, state: TaskState = S.RUNNING, **more: Any) -> Task:
    """Return a task that is its own batch unless `more` names one."""
    return Task(id=number, url="https://example.com/a", created_at=number, state=state, **more)


def batches(summary: CompletionSummary) -> dict[str, Mapping[Shown, int]]:
    return {it.name: it.counts for it in summary.batches}


@pytest.mark.parametrize("loaded", [made(1, S.FAILED), made(1, S.SUCCEEDED, arrival=BLOCKED)])
def test_what_was_there_at_the_first_load_is_not_reported(loaded: Task) -> None:
    reports = Reports()
    reports.change(loaded)
    assert reports.batcher.due_in_s is None
    assert reports.drain() == CompletionSummary()


def test_the_first_end_waits_a_moment_and_is_named_and_the_next_are_reported_together() -> None:
    reports = Reports(*map(made, range(1, 16)))
    reports.change(made(1, S.SUCCEEDED))
    assert reports.batcher.due_in_s == pytest.approx(TOGETHER_S)
    assert reports.drain().tasks == (made(1, S.SUCCEEDED),)
    reports.now += 1
    reports.change(*(made(number, S.SUCCEEDED) for number in range(2, 14)))
    reports.change(made(14, S.FAILED))
    reports.change(made(15, S.MISSING))
    assert reports.batcher.due_in_s == pytest.approx(MIN_INTERVAL_S - 1)
    assert reports.drain().counts == {Shown.DONE: 12, Shown.FAILED: 1, Shown.UNSURE: 1}
    assert reports.batcher.due_in_s is None


def test_a_task_that_was_queued_again_or_removed_meanwhile_is_not_reported() -> None:
    reports = Reports(made(1), made(2), made(3))
    reports.change(made(1, S.FAILED), made(2, S.FAILED), made(3, S.UNCONFIRMED))
    reports.change(made(1, S.QUEUED), made(3, S.QUEUED))
    reports.batcher.add(ModelChange(removed=RestoreTasks((made(2),))))
    assert reports.drain() == CompletionSummary()


def test_a_success_whose_file_is_of_no_use_is_reported_once_after_the_arrival_check() -> None:
    reports = Reports(made(1))
    reports.change(made(1, S.SUCCEEDED))
    assert reports.drain().counts == {Shown.DONE: 1}
    small = ArrivalCheck(ArrivalStatus.TOO_SMALL, at=1.0)
    reports.change(made(1, S.SUCCEEDED, arrival=small))
    assert reports.batcher.due_in_s is None, "a mere doubt is for who looks"
    lost = made(1, S.SUCCEEDED, arrival=BLOCKED)
    reports.change(lost)
    summary = reports.drain()
    assert (summary.counts, summary.tasks) == ({Shown.DONE: 1}, (lost,))
    reports.change(replace(lost, file_id=7))
    assert reports.batcher.due_in_s is None


def test_a_batch_is_reported_once_when_its_last_task_has_ended() -> None:
    one, two, alone = made(1, batch="a"), made(2, batch="a"), made(3, batch="b")
    reports = Reports(one, two, alone)
    ended = replace(alone, state=S.SUCCEEDED)
    reports.change(replace(one, state=S.SUCCEEDED), ended)
    assert reports.drain().tasks == (ended,)
    reports.change(replace(two, state=S.FAILED))
    summary = reports.drain()
    assert batches(summary) == {"a": {Shown.DONE: 1, Shown.FAILED: 1}}
    assert summary.tasks == ()
    assert summary.counts == {Shown.DONE: 1, Shown.FAILED: 1}
    assert reports.drain() == CompletionSummary()


def test_an_unconfirmed_link_is_reported_although_its_batch_goes_on() -> None:
    reports = Reports(*(made(number, batch="a") for number in (1, 2, 3)))
    unsure = made(1, S.UNCONFIRMED, batch="a")
    reports.change(unsure, made(2, S.SUCCEEDED, batch="a"))
    assert reports.drain() == CompletionSummary((unsure,))


@pytest.mark.parametrize("is_told_before", [True, False])
def test_a_doubt_counts_in_its_batch_or_is_reported_by_itself(is_told_before: bool) -> None:
    reports = Reports(made(1, batch="a"), made(2, batch="a"))
    reports.change(made(1, S.SUCCEEDED, batch="a"))
    assert reports.drain() == CompletionSummary()
    lost = made(2, S.SUCCEEDED, batch="a")
    reports.change(lost)
    if is_told_before:
        assert batches(reports.drain()) == {"a": {Shown.DONE: 2}}
    lost = replace(lost, arrival=BLOCKED)
    reports.change(lost)
    summary = reports.drain()
    assert summary.tasks == ((lost,) if is_told_before else ())
    assert batches(summary) == ({} if is_told_before else {"a": {Shown.DONE: 2}})


def test_a_doubtful_task_that_is_sent_again_and_ends_is_an_end_of_its_batch() -> None:
    one, lost = (made(number, S.SUCCEEDED, batch="a") for number in (1, 2))
    reports = Reports(one, lost)
    reports.change(replace(lost, arrival=BLOCKED))
    reports.change(made(2, S.QUEUED, batch="a"))
    reports.change(replace(lost, file_id=7))
    assert batches(reports.drain()) == {"a": {Shown.DONE: 2}}


def test_a_failure_is_reported_once_no_retry_is_planned_any_more_and_so_is_its_batch() -> None:
    reports = Reports(made(1, batch="a"), made(2, batch="a"))
    planned = made(2, S.FAILED, batch="a", auto_retry=AutoRetry(0, 1, due_at=60.0))
    reports.change(made(1, S.SUCCEEDED, batch="a"), planned)
    assert reports.drain() == CompletionSummary()
    reports.change(replace(planned, auto_retry=AutoRetry(1, 1)))
    assert batches(reports.drain()) == {"a": {Shown.DONE: 1, Shown.FAILED: 1}}
