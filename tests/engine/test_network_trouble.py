"""Whatever the network does, tasks keep what was last known, and the engine recovers by itself."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import TaskState
from tests.api_stage import in_virtual_time
from tests.engine.scripted_service import Scripted
from tests.engine_stage import add_links, generous_world, link, running_engine
from tests.hold_stage import EPOCH, OpenStage
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer

S = TaskState
HALF_AN_HOUR_S = 1800.0


async def test_a_poll_that_is_not_answered_in_time_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.domain.rates.FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("pan123_tui.api.connection.READ_S", 0.2)
    with SimulatorServer(generous_world(speed=1000)) as service:
        service.world.faults.add(FaultKind.HANG, "process", times=2)
        async with running_engine(tmp_path, service.base_url) as (engine, witness):
            (task,) = await add_links(engine, [link("good")])
            await witness.wait_until(lambda w: w.status.last_error is not None)
            assert witness.tasks[task.id].state is S.RUNNING
            await witness.wait_for_state(task.id, S.SUCCEEDED)


@in_virtual_time
async def test_half_an_hour_offline_is_one_message_few_requests_and_mends_itself(
    open_stage: OpenStage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    service, loop = Scripted(), asyncio.get_running_loop()
    async with open_stage(service) as stage:
        tasks = await add_links(stage.engine, [link("good", number) for number in range(20)])
        await asyncio.sleep(120)
        (waiting,) = await add_links(stage.engine, [link("good", 99)])
        service.is_down, before, went_down = True, dict(stage.engine.tasks), loop.time()
        await asyncio.sleep(HALF_AN_HOUR_S)
        assert stage.connection() is Connection.OFFLINE
        assert all(stage.engine.tasks[task.id] == before[task.id] for task in tasks)
        ages = [EPOCH + loop.time() - (task.checked_at or 0) for task in stage.in_state(S.RUNNING)]
        assert min(ages) > HALF_AN_HOUR_S - 1, "an age that stands still hides the outage"
        now = stage.engine.tasks[waiting.id]
        assert [step.state for step in now.timeline] == [S.QUEUED, S.QUEUED]
        calls = sorted([*service.created_at, *service.polled_at, *service.account_asked_at])
        late = [at for at in calls if at > went_down + 120]
        pauses = [b - a for a, b in pairwise(late) if b - a > 1]
        assert len(late) < 400
        assert sum(pauses) / len(pauses) > 15, "polling does not slow down"
        assert max(pauses) <= 31, "polling slows down without a cap"
        service.is_down = False
        await asyncio.sleep(60)
        told = [it.partition(": ")[2] for it in caplog.messages if it.startswith("connection:")]
        assert told == ["online", "offline", "online"]
        assert stage.engine.status.last_error is None
        assert stage.engine.status.hold is None
        assert stage.engine.tasks[waiting.id].state is S.RUNNING
