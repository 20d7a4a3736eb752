"""The order of queued links."""

from collections.abc import Sequence

from msgspec.structs import replace

from pan123_tui.domain.send_queue import (
    in_send_order,
    last_rank,
    sent_next,
)
from pan123_tui.domain.task import Task, TaskState, reset_for_retry

NOW = 1000.0


def queued(*ids: int) -> list[Task]:
    return [Task(id=number, url=f"https://example.com/{number}", created_at=0.0) for number in ids]


def after(tasks: Sequence[Task], changed: Sequence[Task]) -> list[Task]:
    return list({task.id: task for task in (*tasks, *changed)}.values())


def order(tasks: Sequence[Task]) -> list[int]:
    return [task.id for task in in_send_order(tasks)]


def test_links_are_sent_by_age_and_moved_ones_keep_their_own_order() -> None:
    tasks = queued(3, 1, 4, 2, 5)
    assert order(tasks) == [1, 2, 3, 4, 5]
    tasks = after(tasks, sent_next(tasks, [5, 4]))
    assert order(tasks) == [4, 5, 1, 2, 3]
    tasks = after(tasks, sent_next(tasks, [3, 4]))
    assert order(tasks) == [4, 3, 5, 1, 2]


def test_a_move_changes_only_what_moves_and_a_second_one_nothing() -> None:
    tasks = queued(*range(1, 8))
    first = sent_next(tasks, [6, 3])
    assert [task.id for task in first] == [3, 6]
    tasks = after(tasks, first)
    assert sent_next(tasks, [3, 6]) == ()
    assert sent_next(tasks, [99]) == ()


def test_only_what_is_queued_is_moved() -> None:
    tasks = [*queued(1, 2), replace(queued(3)[0], state=TaskState.RUNNING, task_id=7)]
    assert [task.id for task in sent_next(tasks, [3, 2])] == [2]


def test_a_new_link_comes_after_all_that_a_former_version_moved_back() -> None:
    assert last_rank(queued(1, 2)) == last_rank(sent_next(queued(1, 2), [2])) == 0
    tasks = [replace(queued(1)[0], rank=3), *queued(2)]
    new = replace(queued(3)[0], rank=last_rank(tasks))
    assert order([*tasks, new]) == [2, 1, 3]


def test_a_retry_keeps_no_place() -> None:
    failed = replace(queued(1)[0], state=TaskState.FAILED, rank=-4)
    assert reset_for_retry(failed, at=NOW).rank == 0
