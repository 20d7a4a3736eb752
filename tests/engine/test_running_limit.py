"""No more downloads run at once than the user allows, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.ports import EngineRules
from tests.api_stage import in_no_time
from tests.engine_stage import link
from tests.hold_stage import Stage, virtual_engine

S = TaskState
Story = Callable[[Stage], Coroutine[None, None, None]]
Play = Callable[..., None]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    def run(story: Story, *, max_running: int) -> None:
        rules = EngineRules(max_running=max_running)

        async def scenario() -> None:
            async with virtual_engine(tmp_path, monkeypatch, rules=rules) as stage:
                stage.world.configure(duration_s=600.0)
                await stage.engine.task_service.add([link("a", n) for n in range(1, 8)])
                await story(stage)

        in_no_time(scenario())

    return run


def hold_kind(stage: Stage) -> ProblemKind | None:
    hold = stage.engine.status.hold
    return hold.kind if hold else None


def test_the_queue_waits_without_asking_while_as_many_run_as_the_user_allows(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await asyncio.sleep(300)
        assert len(stage.in_state(S.RUNNING)) == len(stage.wire.creates) == 3
        assert hold_kind(stage) is ProblemKind.RUNNING_LIMIT
        await asyncio.sleep(2400)
        assert len(stage.in_state(S.SUCCEEDED)) == len(stage.wire.creates) == 7
        assert hold_kind(stage) is None

    play(story, max_running=3)


def test_another_limit_counts_at_once(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await asyncio.sleep(60)
        stage.engine.use_rules(EngineRules(max_running=4))
        await asyncio.sleep(4)
        assert len(stage.in_state(S.RUNNING)) == 4
        stage.engine.use_rules(EngineRules())
        await asyncio.sleep(10)
        assert len(stage.in_state(S.RUNNING)) == 7
        assert hold_kind(stage) is None

    play(story, max_running=2)


def test_a_removed_download_gives_its_place_to_the_next(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await asyncio.sleep(60)
        await stage.engine.task_service.remove([1])
        await asyncio.sleep(10)
        assert [task.id for task in stage.in_state(S.RUNNING)] == [2, 3]

    play(story, max_running=2)


def test_with_the_services_own_cap_the_smaller_one_counts(play: Play) -> None:
    async def story(stage: Stage) -> None:
        stage.world.configure(max_running=2)
        await asyncio.sleep(120)
        assert len(stage.in_state(S.RUNNING)) == 2
        assert hold_kind(stage) is ProblemKind.TOO_MANY_TASKS
        stage.engine.use_rules(EngineRules(max_running=1))
        creates = len(stage.wire.creates)
        await asyncio.sleep(300)
        assert len(stage.wire.creates) == creates
        assert hold_kind(stage) is ProblemKind.RUNNING_LIMIT

    play(story, max_running=5)


def test_a_pause_is_not_called_a_limit(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.engine.task_service.set_paused(True)
        await asyncio.sleep(60)
        assert hold_kind(stage) is None

    play(story, max_running=1)
