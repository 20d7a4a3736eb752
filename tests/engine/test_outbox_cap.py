"""Links wait while as many tasks run as the service allows, and no longer."""

import asyncio
from pathlib import Path

import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import TaskState
from tests.api_stage import in_no_time
from tests.engine_stage import link
from tests.hold_stage import virtual_engine


def test_a_link_is_sent_as_soon_as_a_task_ends_that_took_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with virtual_engine(tmp_path, monkeypatch) as stage:
            stage.world.configure(max_running=1, duration_s=10.0)
            first, second = await stage.engine.task_service.add([link("a", 1), link("a", 2)])
            await asyncio.sleep(5)
            hold = stage.engine.status.hold
            assert hold is not None
            assert hold.kind is ProblemKind.TOO_MANY_TASKS
            await asyncio.sleep(25)
            ended = stage.engine.tasks[first.id].finished_at
            sent = stage.engine.tasks[second.id].sent_at
            assert ended is not None
            assert sent is not None
            assert sent - ended < 2
            assert len(stage.in_state(TaskState.SUCCEEDED)) == 2

    in_no_time(story())
