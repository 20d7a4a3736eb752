"""What keeps an engine alive when nobody looks at it: a table of tasks and states."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import has_work
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Task,
    TaskState,
    TimelineEntry,
)
from pan123_tui.domain.task_collection import TaskCollection

S = TaskState
NOW = 1_754_000_000.0
ONLINE = Status(connection=Connection.ONLINE, missing_folders=(7,))
PAUSED = Status(connection=Connection.ONLINE, is_paused=True)
UNREACHABLE = Problem(ProblemKind.REQUEST_NOT_SENT)
FOUND = ArrivalCheck(ArrivalStatus.FOUND, NOW)
NOT_FOUND = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)


def task(state: TaskState, number: int = 1, **values: object) -> Task:
    made = Task(id=number, url=f"https://h/{number}.mkv", created_at=NOW - 60, state=state)
    return replace(made, **values)


def ended(number: int = 1, **values: object) -> Task:
    return task(S.SUCCEEDED, number, **{"task_id": 900, "finished_at": NOW - 10, **values})


def unconfirmed(*, sent_s_ago: float, looked_s_ago: float | None = None) -> Task:
    at = None if looked_s_ago is None else NOW - looked_s_ago
    return task(
        S.UNCONFIRMED,
        timeline=(TimelineEntry(NOW - sent_s_ago, S.SUBMITTING),),
        arrival=None if at is None else ArrivalCheck(ArrivalStatus.NOT_FOUND, at),
    )


def work_of(*tasks: Task, status: Status = ONLINE, looks: bool = True) -> bool:
    return has_work(TaskCollection(tasks), replace(status, looks_for_files=looks), now=NOW)


DAY_S = 86_400
LAST, LONG_AGO = 2 * DAY_S, NOW - DAY_S - 1
WORK: dict[str, tuple[Task, bool, bool]] = {
    "queued": (task(S.QUEUED), True, False),
    "its folder is gone": (task(S.QUEUED, folder_id=7), False, False),
    "on the wire": (task(S.SUBMITTING), True, True),
    "running": (task(S.RUNNING, task_id=9), True, True),
    "unconfirmed": (unconfirmed(sent_s_ago=10), True, True),
    "looked for long enough": (unconfirmed(sent_s_ago=LAST + 10, looked_s_ago=5), False, False),
    "the last look is due": (unconfirmed(sent_s_ago=LAST + 10), True, True),
    "no look ever succeeded": (unconfirmed(sent_s_ago=3 * DAY_S + 1), False, False),
    "sent by a clock far ahead": (unconfirmed(sent_s_ago=-3 * DAY_S - 1), False, False),
    "found after all": (replace(unconfirmed(sent_s_ago=10), arrival=FOUND), False, False),
    "its file is still looked for": (ended(), True, True),
    "its file was found": (ended(arrival=FOUND), False, False),
    "its file was not there at once": (ended(arrival=NOT_FOUND), True, True),
    "its file was sought for a day": (
        ended(arrival=NOT_FOUND, finished_at=NOW - DAY_S),
        False,
        False,
    ),
    "ended long ago": (ended(finished_at=NOW - DAY_S - 1), False, False),
    "ended by the user's word": (ended(task_id=None), False, False),
    "failed": (task(S.FAILED, finished_at=NOW), False, False),
    "retried automatically": (task(S.FAILED, auto_retry=AutoRetry(0, 3, NOW + 5)), True, False),
    "retried often enough": (task(S.FAILED, auto_retry=AutoRetry(3, 3)), False, False),
    "missing since a minute": (task(S.MISSING, task_id=9, finished_at=NOW - 60), True, True),
    "looked for": (task(S.MISSING, task_id=9, finished_at=NOW, arrival=NOT_FOUND), True, True),
    "missing for long": (task(S.MISSING, task_id=9, finished_at=LONG_AGO), False, False),
    "missing without a taskID": (task(S.MISSING, finished_at=NOW), False, False),
}
"""A task → whether it keeps the engine, and whether while sending is paused."""


@pytest.mark.parametrize(("one", "work", "paused"), WORK.values(), ids=WORK)
def test_each_task_keeps_the_engine_or_does_not(one: Task, work: bool, paused: bool) -> None:
    assert work_of(one) is work
    assert work_of(one, status=PAUSED) is paused
    assert work_of(ended(number=2, arrival=FOUND), one) is work


@pytest.mark.parametrize("connection", Connection)
def test_links_wait_for_the_service_but_not_without_an_account(connection: Connection) -> None:
    waiting = Status(connection=connection, hold=UNREACHABLE, hold_until=NOW + 86_400)
    assert work_of(task(S.QUEUED), status=waiting) is (connection is not Connection.NO_ACCOUNT)


@pytest.mark.parametrize("connection", Connection)
def test_what_is_in_memory_only_is_saved_unless_the_files_are_lost(connection: Connection) -> None:
    unsaved = Status(connection=connection, store_problem=Problem(ProblemKind.STORE_UNWRITABLE))
    assert work_of(status=unsaved) is work_of(ended(arrival=FOUND), status=unsaved) is True
    lost = Status(connection=connection, store_problem=Problem(ProblemKind.STORE_LOST))
    assert work_of(task(S.QUEUED), status=lost) is False


@pytest.mark.parametrize(
    ("uid", "work"), [(None, True), (1, True), (2, False)], ids=["?", "ours", "other"]
)
def test_running_tasks_of_another_account_wait_for_that(uid: int | None, work: bool) -> None:
    ours = replace(ONLINE, account=Account(1, "us", 0, 0))
    assert work_of(task(S.RUNNING, task_id=9, account_uid=uid), status=ours) is work
    assert work_of(task(S.RUNNING, task_id=9, account_uid=uid)) is True


def test_files_keep_the_engine_only_where_they_are_looked_for() -> None:
    looked_for = ended(), unconfirmed(sent_s_ago=10)
    for one in looked_for:
        assert work_of(one, looks=True) is True
        assert work_of(one, looks=False) is False


def test_an_engine_that_takes_links_from_others_has_work() -> None:
    assert work_of(status=replace(ONLINE, listens_at="127.0.0.1:6800"))
    assert not work_of()
