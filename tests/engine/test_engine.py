"""The engine with the real store and client, against the simulator: each task's whole life."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import TaskState
from pan123_tui.engine import gate, link_delays
from tests.engine_stage import add_links, edit_task, link, load_stored, running_engine
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

S = TaskState


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that are half a minute in life are a moment here."""
    monkeypatch.setattr(gate, "CAP_PAUSE_S", 0.05)
    monkeypatch.setattr(link_delays, "NOT_PARSED_PAUSE_S", (0.05, 0.05))
    monkeypatch.setattr("pan123_tui.domain.rates.FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("pan123_tui.api.connection.READ_S", 0.2)


@pytest.mark.parametrize(
    "kind",
    [FaultKind.DROP_AFTER, FaultKind.HTTP_502_AFTER, FaultKind.CUT_JSON, FaultKind.DATA_EMPTY],
)
async def test_a_create_without_a_clear_answer_is_unconfirmed_and_never_sent_again(
    service: SimulatorServer, tmp_path: Path, kind: FaultKind
) -> None:
    service.world.faults.add(kind, "create")
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        doubtful, clear = await add_links(engine, [link("good", 1), link("good", 2)])
        unconfirmed = await witness.wait_for_state(doubtful.id, S.UNCONFIRMED)
        await witness.wait_for_state(clear.id, S.SUCCEEDED)
    assert unconfirmed.problem is not None
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (third,) = await add_links(engine, [link("good", 3)])
        await witness.wait_for_state(third.id, S.SUCCEEDED)
        assert witness.tasks[doubtful.id].state is S.UNCONFIRMED
    assert service.world.stats.requests["create"] == 3


@pytest.mark.parametrize("kind", [FaultKind.HTTP_429, FaultKind.CODE_42902])
async def test_asking_too_often_never_becomes_a_tasks_failure(
    service: SimulatorServer, tmp_path: Path, kind: FaultKind
) -> None:
    service.world.faults.add(kind, "create")
    service.world.faults.add(kind, "process")
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_for_state(task.id, S.SUCCEEDED)
    assert set(witness.states_of(task.id)) == {S.QUEUED, S.SUBMITTING, S.RUNNING, S.SUCCEEDED}
    assert len(service.world.tasks()) == 1


async def test_a_refused_link_keeps_the_reason(service: SimulatorServer, tmp_path: Path) -> None:
    service.world.faults.add(FaultKind.REFUSE, "create", code=777, message="不支持")
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        rejected = await witness.wait_for_state(task.id, S.REJECTED)
        assert rejected.problem is not None
        assert (rejected.problem.code, rejected.problem.message) == (777, "不支持")
        assert rejected.problem.trace_id
        again = await edit_task(engine, task.id, link("good"))
        assert again is not None
        await witness.wait_for_state(task.id, S.SUCCEEDED)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.HTTP_502,
        FaultKind.DROP_BEFORE,
        FaultKind.NOT_JSON,
        FaultKind.PERCENT_NAN,
        FaultKind.HANG,
    ],
)
async def test_trouble_while_polling_leaves_the_task_running_and_passes(
    service: SimulatorServer, tmp_path: Path, kind: FaultKind
) -> None:
    service.world.faults.add(kind, "process", times=3)
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_until(lambda w: w.status.last_error is not None)
        await witness.wait_for_state(task.id, S.SUCCEEDED)
        await witness.wait_until(lambda w: w.status.last_error is None)
        assert witness.status.connection is Connection.ONLINE
    assert set(witness.states_of(task.id)) == {S.QUEUED, S.SUBMITTING, S.RUNNING, S.SUCCEEDED}


async def test_a_hanging_create_holds_no_stop_up(service: SimulatorServer, tmp_path: Path) -> None:
    service.world.faults.add(FaultKind.HANG, "create")
    loop = asyncio.get_running_loop()
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        await witness.wait_for_state(task.id, S.SUBMITTING)
        began = loop.time()
    assert loop.time() - began < 2
    assert load_stored(tmp_path)[task.id].state is S.UNCONFIRMED


async def test_removed_tasks_are_polled_no_more_and_come_back_as_they_were(
    service: SimulatorServer, tmp_path: Path
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("stall")])
        await witness.wait_for_state(task.id, S.RUNNING)
        removed = await engine.repository.remove([task.id])
        assert load_stored(tmp_path) == {}
        await engine.repository.restore(removed)
        assert task.id in load_stored(tmp_path)
        assert witness.tasks[task.id].task_id == removed[0].task_id
        service.world.finish(removed[0].task_id or 0)
        await engine.poll_now()
        await witness.wait_for_state(task.id, S.SUCCEEDED)


async def test_who_waits_for_idle_workers_waits_for_what_is_still_being_saved(
    service: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_engine(tmp_path, service.base_url) as (engine, witness):
        (task,) = await add_links(engine, [link("good")])
        done = await witness.wait_for_state(task.id, S.SUCCEEDED)
        disk = asyncio.Event()
        monkeypatch.setattr(engine._store, "save", disk.wait)
        saving = asyncio.create_task(engine.repository.commit(replace(done, name="new")))
        idle = asyncio.create_task(engine.wait_idle())
        for _turn in range(20):
            await asyncio.sleep(0)
        assert not idle.done()
        disk.set()
        await idle
        assert witness.tasks[task.id].name == "new"
        await saving


async def test_it_ends_although_a_part_of_it_swallows_that_it_is_cancelled(
    service: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swallowed: list[int] = []

    async def run(_outbox: object) -> None:
        while len(swallowed) < 3:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            swallowed.append(1)

    monkeypatch.setattr("pan123_tui.engine.engine.CANCEL_AGAIN_S", 0.01)
    monkeypatch.setattr("pan123_tui.engine.outbox.Outbox.run", run)
    async with running_engine(tmp_path, service.base_url):
        pass
    assert len(swallowed) == 3
