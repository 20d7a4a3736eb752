"""The six words, counted."""

from pan123_tui.domain.shown import Shown, count_ended, count_shown, shown_state
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState, TimelineEntry
from pan123_tui.domain.task_collection import TaskCollection

S = TaskState
NOT_THERE = ArrivalCheck(ArrivalStatus.NOT_FOUND, 5.0)


def a_task(number: int, state: TaskState, **facts: object) -> Task:
    return Task(id=number, url="https://a.example/b", created_at=1.0, state=state, **facts)  # type: ignore[arg-type]


def test_each_state_is_shown_by_one_word_and_a_doubtful_success_as_failed() -> None:
    tasks = [a_task(n, state) for n, state in enumerate(TaskState, 1)]
    tasks.append(a_task(20, S.SUCCEEDED, arrival=NOT_THERE))
    counts = count_shown(tasks)
    assert counts == {
        Shown.QUEUED: 1,
        Shown.SENDING: 1,
        Shown.RUNNING: 2,
        Shown.DONE: 1,
        Shown.FAILED: 3,
        Shown.UNSURE: 2,
    }
    assert all(counts[shown_state(task)] for task in tasks)


def test_what_has_ended_or_become_unsure_since_is_counted() -> None:
    tasks = TaskCollection(
        [
            a_task(1, S.SUCCEEDED, finished_at=9.0),
            a_task(2, S.SUCCEEDED, finished_at=11.0),
            a_task(3, S.SUCCEEDED, finished_at=12.0, arrival=NOT_THERE),
            a_task(4, S.UNCONFIRMED, timeline=(TimelineEntry(11.0, S.UNCONFIRMED),)),
            a_task(5, S.UNCONFIRMED, timeline=(TimelineEntry(9.0, S.UNCONFIRMED),)),
            a_task(6, S.MISSING, finished_at=11.0),
            a_task(7, S.RUNNING),
        ]
    )
    assert count_ended(tasks, since=10.0) == {Shown.DONE: 1, Shown.FAILED: 1, Shown.UNSURE: 2}
