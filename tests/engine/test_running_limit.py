"""No more downloads run at once than the user allows, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.ports import EngineRules
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link
from tests.hold_stage import OpenStage, Stage, virtual_engine

S = TaskState


@pytest.fixture
def open_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenStage:
    """Open a stage with seven links and a limit."""

    @asynccontextmanager
    async def opened(*, max_running: int) -> AsyncIterator[Stage]:
        rules = EngineRules(max_running=max_running)
        async with virtual_engine(tmp_path, monkeypatch, rules=rules) as stage:
            stage.world.configure(duration_s=600.0)
            await add_links(stage.engine, [link("a", n) for n in range(1, 8)])
            yield stage

    return opened


@in_virtual_time
async def test_the_queue_waits_without_asking_while_as_many_run_as_the_user_allows(
    open_stage: OpenStage,
) -> None:
    async with open_stage(max_running=3) as stage:
        await asyncio.sleep(300)
        assert len(stage.in_state(S.RUNNING)) == len(stage.wire.creates) == 3
        assert stage.witness.hold_kind is ProblemKind.RUNNING_LIMIT
        await asyncio.sleep(2400)
        assert len(stage.in_state(S.SUCCEEDED)) == len(stage.wire.creates) == 7
        assert stage.witness.hold_kind is None


@in_virtual_time
async def test_another_limit_counts_at_once(open_stage: OpenStage) -> None:
    async with open_stage(max_running=2) as stage:
        await asyncio.sleep(60)
        stage.engine.use_rules(EngineRules(max_running=4))
        await asyncio.sleep(4)
        assert len(stage.in_state(S.RUNNING)) == 4
        stage.engine.use_rules(EngineRules())
        await asyncio.sleep(10)
        assert len(stage.in_state(S.RUNNING)) == 7
        assert stage.witness.hold_kind is None


@in_virtual_time
async def test_a_removed_download_gives_its_place_to_the_next(open_stage: OpenStage) -> None:
    async with open_stage(max_running=2) as stage:
        await asyncio.sleep(60)
        await stage.engine.repository.remove([1])
        await asyncio.sleep(10)
        assert [task.id for task in stage.in_state(S.RUNNING)] == [2, 3]
