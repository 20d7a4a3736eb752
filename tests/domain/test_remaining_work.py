"""What keeps an engine alive when nobody looks at it: a table of tasks and states."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import LOOK_AFTER_S, MAX_AGE_S
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.remaining_work import RECHECK_FOR_S, Work, remaining_work
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState, TimelineEntry
from pan123_tui.domain.task_collection import TaskCollection

S = TaskState
NOW = 1_754_000_000.0
ONLINE = Status(connection=Connection.ONLINE)
PAUSED = Status(connection=Connection.ONLINE, is_paused=True)
FOLDER_MISSING = Problem(ProblemKind.FOLDER_MISSING)
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


def work_of(*tasks: Task, status: Status = ONLINE, looks: bool = True) -> Work | None:
    return remaining_work(TaskCollection(tasks), status, looks=looks, now=NOW)


@pytest.mark.parametrize(
    ("one", "work", "paused"),
    [
        pytest.param(task(S.QUEUED), Work.SEND, None, id="queued"),
        pytest.param(task(S.QUEUED, is_held=True), None, None, id="held"),
        pytest.param(
            task(S.QUEUED, folder_id=7, problem=FOLDER_MISSING), None, None, id="its folder is gone"
        ),
        pytest.param(task(S.QUEUED, problem=UNREACHABLE), Work.SEND, None, id="to be sent again"),
        pytest.param(task(S.SUBMITTING), Work.SEND, Work.SEND, id="on the wire"),
        pytest.param(task(S.RUNNING, task_id=9), Work.CHECK, Work.CHECK, id="running"),
        pytest.param(task(S.RETRYING, task_id=9), Work.CHECK, Work.CHECK, id="retrying"),
        pytest.param(unconfirmed(sent_s_ago=10), Work.LOOK, Work.LOOK, id="unconfirmed"),
        pytest.param(
            unconfirmed(sent_s_ago=4000, looked_s_ago=5), Work.LOOK, Work.LOOK, id="looked for once"
        ),
        pytest.param(
            unconfirmed(sent_s_ago=LOOK_AFTER_S[-1] + 10, looked_s_ago=5),
            None,
            None,
            id="looked for long enough",
        ),
        pytest.param(
            replace(unconfirmed(sent_s_ago=10), arrival=FOUND), None, None, id="found after all"
        ),
        pytest.param(ended(), Work.LOOK, Work.LOOK, id="its file is still looked for"),
        pytest.param(ended(arrival=FOUND), None, None, id="its file was found"),
        pytest.param(ended(arrival=NOT_FOUND), None, None, id="its file was not found"),
        pytest.param(ended(finished_at=NOW - MAX_AGE_S - 1), None, None, id="ended long ago"),
        pytest.param(ended(task_id=None), None, None, id="ended by the user's word"),
        pytest.param(task(S.FAILED, finished_at=NOW), None, None, id="failed"),
        pytest.param(
            task(S.MISSING, task_id=9, finished_at=NOW - 60),
            Work.CHECK,
            Work.CHECK,
            id="missing since a minute",
        ),
        pytest.param(
            task(S.MISSING, task_id=9, finished_at=NOW - RECHECK_FOR_S - 1),
            None,
            None,
            id="missing for long",
        ),
        pytest.param(task(S.MISSING, finished_at=NOW), None, None, id="missing without a taskID"),
        pytest.param(task(S.REJECTED, finished_at=NOW), None, None, id="rejected"),
    ],
)
def test_each_task_keeps_the_engine_or_does_not(
    one: Task, work: Work | None, paused: Work | None
) -> None:
    assert work_of(one) is work
    assert work_of(one, status=PAUSED) is paused
    assert work_of(ended(number=2, arrival=FOUND), one) is work


@pytest.mark.parametrize(
    ("status", "work"),
    [
        (Status(), Work.SEND),
        (Status(connection=Connection.OFFLINE), Work.SEND),
        (Status(connection=Connection.TROUBLE), Work.SEND),
        (Status(connection=Connection.REFUSED), Work.SEND),
        (Status(connection=Connection.NO_ACCOUNT), None),
        (Status(hold=UNREACHABLE, hold_until=NOW + 86_400), Work.SEND),
    ],
    ids=["not connected yet", "offline", "in trouble", "refused", "without account", "waiting"],
)
def test_links_wait_for_the_service_but_not_without_an_account(
    status: Status, work: Work | None
) -> None:
    assert work_of(task(S.QUEUED), status=status) is work


@pytest.mark.parametrize("connection", Connection)
def test_what_is_in_memory_only_is_saved_first(connection: Connection) -> None:
    unsaved = Status(connection=connection, store_problem=Problem(ProblemKind.STORE_UNWRITABLE))
    assert work_of(status=unsaved) is Work.SAVE
    assert work_of(ended(arrival=FOUND), status=unsaved) is Work.SAVE


def test_files_that_are_not_ours_any_more_are_nothing_to_wait_for() -> None:
    lost = Status(connection=Connection.ONLINE, store_problem=Problem(ProblemKind.STORE_LOST))
    assert work_of(task(S.QUEUED), status=lost) is None


@pytest.mark.parametrize(
    ("uid", "work"), [(None, Work.CHECK), (1, Work.CHECK), (2, None)], ids=["?", "ours", "other"]
)
def test_running_tasks_of_another_account_wait_for_that(uid: int | None, work: Work | None) -> None:
    ours = replace(ONLINE, account=Account(1, "us", 0, 0))
    assert work_of(task(S.RUNNING, task_id=9, account_uid=uid), status=ours) is work
    assert work_of(task(S.RUNNING, task_id=9, account_uid=uid)) is Work.CHECK


def test_files_keep_the_engine_only_where_they_are_looked_for() -> None:
    looked_for = ended(), unconfirmed(sent_s_ago=10)
    for one in looked_for:
        assert work_of(one, looks=True) is Work.LOOK
        assert work_of(one, looks=False) is None


def test_nothing_at_all_is_no_work() -> None:
    assert work_of() is None


def test_what_is_to_be_sent_is_named_before_what_runs_and_what_is_looked_for() -> None:
    running, waiting = task(S.RUNNING, 2, task_id=9), ended(number=3)
    assert work_of(waiting, running, task(S.QUEUED, 4)) is Work.SEND
    assert work_of(waiting, running) is Work.CHECK
    assert work_of(waiting) is Work.LOOK
