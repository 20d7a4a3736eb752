"""The order of queued links, and the estimate of when the last one is sent."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.send_queue import (
    SendPace,
    estimate_send_s,
    in_send_order,
    last_rank,
    sent_next,
    with_ranks,
)
from pan123_tui.domain.task import Task, TaskState, reset_for_retry

NOW = 1000.0
ONLINE = Status(Connection.ONLINE, create_interval_s=1.0)
BUSY = Problem(ProblemKind.RATE_LIMITED)
CAP = Problem(ProblemKind.TOO_MANY_TASKS)


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
    assert with_ranks(tasks, {3: 5}) == ()


def test_a_new_link_comes_after_all_that_a_former_version_moved_back() -> None:
    assert last_rank(queued(1, 2)) == last_rank(sent_next(queued(1, 2), [2])) == 0
    tasks = [replace(queued(1)[0], rank=3), *queued(2)]
    new = replace(queued(3)[0], rank=last_rank(tasks))
    assert order([*tasks, new]) == [2, 1, 3]


def test_former_ranks_restore_the_order() -> None:
    tasks = queued(1, 2, 3)
    former = {task.id: task.rank for task in tasks}
    tasks = after(tasks, sent_next(tasks, [2, 3]))
    assert order(after(tasks, with_ranks(tasks, former))) == [1, 2, 3]
    assert with_ranks(queued(1), {1: 0, 9: 4}) == ()


def test_a_retry_keeps_no_place() -> None:
    failed = replace(queued(1)[0], state=TaskState.FAILED, rank=-4)
    assert reset_for_retry(failed, at=NOW).rank == 0


def test_the_pace_is_the_rate_until_it_is_measured() -> None:
    pace = SendPace()
    assert pace.interval_s == 0.0
    for at in (0.0, 4.0, 8.0):
        pace.record_sent(at)
    assert pace.interval_s == 4.0
    pace.interrupt()
    pace.record_sent(9000.0)
    assert pace.interval_s == 4.0, "a time in which nothing was to be sent does not count"


def test_the_pace_is_unknown_while_the_service_begins_to_throttle() -> None:
    pace = SendPace()
    for at in range(20):
        pace.record_sent(at)
    pace.record_refusal()
    assert pace.interval_s is None
    pace.record_sent(60.0)
    pace.record_refusal()
    assert pace.interval_s is None, "one gap says little"
    pace.record_sent(100.0)
    assert pace.interval_s == pytest.approx(40.0, rel=0.05)
    for at in range(101, 113):
        pace.record_sent(at)
    assert pace.interval_s == 1.0


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 12.0),
        ({"send_interval_s": 5.0}, 60.0),
        ({"send_interval_s": 0.2}, 12.0),
        ({"send_interval_s": None}, None),
        ({"hold": BUSY, "hold_until": NOW + 30, "send_interval_s": 40.0}, 510.0),
        ({"hold": BUSY, "hold_until": NOW + 30, "send_interval_s": None}, None),
        ({"hold": BUSY, "hold_until": None}, None),
        ({"hold": CAP, "hold_until": NOW + 30, "send_interval_s": 40.0}, None),
        ({"hold": Problem(ProblemKind.QUOTA_EXHAUSTED), "hold_until": NOW + 30}, None),
        ({"missing_folders": (5,)}, None),
        ({"is_paused": True}, None),
        ({"connection": Connection.OFFLINE}, None),
        ({"waiting_since": NOW}, None),
    ],
)
def test_the_estimate_knows_a_service_that_throttles(
    changes: dict[str, object], seconds: float | None
) -> None:
    assert estimate_send_s(12, replace(ONLINE, **changes), now=NOW) == seconds
