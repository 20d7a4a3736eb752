"""Whatever the network does, tasks keep what was last known, and the engine recovers by itself."""

import asyncio
from itertools import pairwise

import pytest

from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import TaskState
from tests.api_stage import in_virtual_time
from tests.engine.scripted_service import Scripted
from tests.engine_stage import add_links, link
from tests.hold_stage import EPOCH, OpenStage

S = TaskState
HALF_AN_HOUR_S = 1800.0


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
