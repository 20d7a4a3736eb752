"""What becomes of a link whose create's answer was lost: real client and simulator, over HTTP."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import LOOK_AFTER_S, confirm, is_check_pending, next_look_at
from pan123_tui.domain.commands import ConfirmTasks, LookForFiles
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    InvalidTransition,
    Task,
    TaskState,
    TimelineEntry,
    new_task,
    transition,
)
from pan123_tui.engine.commands import execute
from pan123_tui.engine.engine import Engine
from tests.engine_stage import Witness, client_factory, generous_world, running_engine
from tests.service.accounts import OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID

S, V = TaskState, ArrivalStatus
FILM = DownloadRequest("https://example.com/fast/%E7%94%B5%E5%BD%B1.mkv", folder_id=FOLDER_ID)
NOW = 1_750_000_000.0


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world(speed=1e6)) as server:
        yield server


@asynccontextmanager
async def unconfirmed(
    folder: Path,
    service: SimulatorServer,
    *requests: DownloadRequest,
    fault: FaultKind = FaultKind.DROP_AFTER,
) -> AsyncIterator[tuple[Engine, Witness, list[Task]]]:
    """Run an engine that has sent `requests` and got no answer to any."""
    service.world.faults.add(fault, "create", times=len(requests))
    async with running_engine(folder, service.base_url) as (engine, witness):
        await witness.wait_until(lambda w: w.status.account)
        tasks = await engine.task_service.add(requests)
        lost = []
        for task in tasks:
            await engine.poll_now()
            lost.append(await witness.wait_for_state(task.id, S.UNCONFIRMED))
        yield engine, witness, lost


async def test_the_file_of_a_lost_answer_is_found_by_itself_and_nothing_else_changes(
    service: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.domain.arrival_check.LOOK_AFTER_S", (0.1, 300.0))
    service.world.faults.add(FaultKind.DROP_AFTER, "create")
    async with running_engine(tmp_path, service.base_url, looks_for_files=True) as (
        engine,
        witness,
    ):
        (task,) = await engine.task_service.add([FILM])
        await witness.wait_until(lambda w: w.tasks[task.id].arrival)
        found = witness.tasks[task.id]
        assert found.state is S.UNCONFIRMED
        assert found.arrival is not None
        assert (found.arrival.status, found.arrival.name) == (V.FOUND, "电影.mkv")
        (confirmed,) = await execute(engine, ConfirmTasks((task.id,)))
        assert (confirmed.state, confirmed.percent, confirmed.problem) == (S.SUCCEEDED, 100, None)
        assert confirmed.file_id == service.world.tasks()[0].file_id
        assert await execute(engine, ConfirmTasks((task.id,))) == ()


async def test_a_file_from_before_the_create_does_not_count(
    service: SimulatorServer, tmp_path: Path
) -> None:
    service.world.drive().add_file("电影.mkv", FOLDER_ID, size=10**9, at=time.time() - 300)
    async with unconfirmed(tmp_path, service, FILM, fault=FaultKind.DROP_BEFORE) as (
        engine,
        _witness,
        (task,),
    ):
        (looked,) = await execute(engine, LookForFiles((task.id,)))
    assert looked.arrival is not None
    assert (looked.arrival.status, looked.arrival.problem) == (V.NOT_FOUND, None)
    assert (looked.state, looked.file_id) == (S.UNCONFIRMED, None)


async def test_one_file_is_not_found_for_two_tasks(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with unconfirmed(tmp_path, service, FILM, FILM) as (engine, _witness, tasks):
        ids = tuple(task.id for task in tasks)
        first = await execute(engine, LookForFiles(ids))
        assert len({task.file_id for task in first}) == 2
        drive = service.world.drive()
        drive.move_to_trash(first[1].file_id or 0)
        again = await execute(engine, LookForFiles(ids))
    assert [task.arrival and task.arrival.status for task in again] == [V.FOUND, V.NOT_FOUND]


async def test_why_a_folder_cannot_be_looked_into_is_recorded(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with unconfirmed(tmp_path, service, FILM) as (engine, witness, (task,)):
        service.world.drive().move_to_trash(FOLDER_ID)
        (gone,) = await execute(engine, LookForFiles((task.id,)))
        assert gone.arrival is not None
        assert gone.arrival.problem is not None
        assert gone.arrival.problem.kind is ProblemKind.FOLDER_MISSING
        await engine.reconnect(client_factory(service.base_url, AccessToken(OTHER_ACCESS_TOKEN)))
        await witness.wait_until(lambda w: w.status.account and w.status.account.nickname == "阿木")
        (strange,) = await execute(engine, LookForFiles((task.id,)))
    assert strange.arrival is not None
    assert strange.arrival.problem is not None
    assert strange.arrival.problem.kind is ProblemKind.OTHER_ACCOUNT


async def test_a_folder_that_cannot_be_read_now_answers_nothing(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with unconfirmed(tmp_path, service, FILM) as (engine, witness, (task,)):
        service.world.faults.add(FaultKind.HTTP_500, "file_list")
        assert await execute(engine, LookForFiles((task.id,))) == ()
        assert witness.tasks[task.id].arrival is None
        (found,) = await execute(engine, LookForFiles((task.id,)))
        assert found.arrival is not None


async def test_the_id_of_an_old_success_becomes_known_when_it_is_asked_for(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await engine.task_service.add([FILM])
        done = await witness.wait_for_state(task.id, S.SUCCEEDED)
        assert done.file_id is None
        service.world.faults.add(FaultKind.REFUSE, "file_list", code=5066)
        assert await execute(engine, LookForFiles((task.id,))) == ()
        (found,) = await execute(engine, LookForFiles((task.id,)))
        assert found.file_id == service.world.tasks()[0].file_id
        assert await execute(engine, LookForFiles((task.id, 99))) == ()


def lost(**facts: object) -> Task:
    """Return a task whose answer was lost an hour after it was added."""
    sending = transition(new_task(FILM, task_id=1, at=NOW - 3600), S.SUBMITTING, at=NOW)
    return replace(transition(sending, S.UNCONFIRMED, at=NOW + 120), **facts)


def test_the_looks_become_rarer_and_end() -> None:
    task, waits = lost(), []
    while (at := next_look_at(task)) is not None:
        waits.append(at - NOW)
        task = replace(task, arrival=ArrivalCheck(V.NOT_FOUND, at))
    assert waits == list(LOOK_AFTER_S)
    assert waits[-1] >= 86_400


def test_what_was_found_is_not_looked_for_again() -> None:
    assert next_look_at(lost(arrival=ArrivalCheck(V.TOO_SMALL, NOW + 70, "a", 3))) is None


def test_what_arrived_by_the_users_word_is_not_contradicted() -> None:
    task = confirm(lost(arrival=ArrivalCheck(V.NOT_FOUND, NOW + 70)), at=NOW + 99)
    assert (task.state, task.arrival, task.sent_at) == (S.SUCCEEDED, None, NOW)
    assert task.timeline[-1] == TimelineEntry(NOW + 99, S.SUCCEEDED, None, 100.0)
    assert not is_check_pending(task, now=NOW + 100)


def test_only_an_unconfirmed_task_is_confirmed() -> None:
    with pytest.raises(InvalidTransition):
        confirm(new_task(FILM, task_id=1, at=NOW), at=NOW)
