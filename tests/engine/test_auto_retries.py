"""Links that failed at their source are sent again by themselves, in virtual time."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from pan123_tui.domain.errors import RequestRejected
from pan123_tui.domain.events import Account
from pan123_tui.domain.progress import ProcessStatus, Progress
from pan123_tui.domain.remaining_work import has_work
from pan123_tui.domain.send_queue import RetryRule
from pan123_tui.domain.task import AutoRetry, DownloadRequest, TaskState
from pan123_tui.engine.ports import EngineRules
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link
from tests.hold_stage import EPOCH, OpenStage, Stage, virtual_engine
from tests.unreachable_service import UnreachableService

S = TaskState
TWICE = EngineRules(retry=RetryRule(times=2, after_s=600.0))


class Source(UnreachableService):
    """A service where every link fails at its source, until `is_well`."""

    def __init__(self) -> None:
        self.creates: list[float] = []
        self.is_well = False
        self.refuses = False
        self.account_s = 0.0
        """How long the account takes to be answered."""

    async def wait_for_create_slot(self) -> None:
        await asyncio.sleep(0)

    async def create_task(self, request: DownloadRequest, /) -> int:
        if self.refuses:
            raise RequestRejected("no", code=7)
        self.creates.append(asyncio.get_running_loop().time())
        return 1000 + len(self.creates)

    async def get_progress(self, task_id: int, /) -> Progress:
        return Progress(0, ProcessStatus.SUCCEEDED if self.is_well else ProcessStatus.FAILED)

    async def user_info(self) -> Account:
        await asyncio.sleep(self.account_s)
        return Account(1, "小鱼", 0, 0)


@pytest.fixture
def open_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenStage:
    return partial(virtual_engine, tmp_path, monkeypatch, rules=TWICE)


def waits(service: Source) -> list[int]:
    pairs = zip(service.creates, service.creates[1:], strict=False)
    return [round((later - earlier) / 60) for earlier, later in pairs]


def works(stage: Stage) -> bool:
    now = EPOCH + asyncio.get_running_loop().time()
    return has_work(stage.engine.tasks, stage.engine.status, looks=False, now=now)


@in_virtual_time
async def test_a_change_of_the_status_decodes_no_task_whose_retry_is_far_away(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(Source()) as stage:
        await add_links(stage.engine, [link("good"), link("good", 2)])
        await asyncio.sleep(60)
        assert len(stage.in_state(S.FAILED)) == 2
        monkeypatch.setattr("pan123_tui.domain.task_collection.decode_task", pytest.fail)
        stage.engine.announce_settings()
        await asyncio.sleep(1)


@in_virtual_time
async def test_a_failed_link_is_sent_again_as_often_as_allowed_and_later_each_time(
    open_stage: OpenStage,
) -> None:
    service = Source()
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(60)
        assert stage.witness.tasks[1].retry_at is not None
        assert works(stage), "the engine does not end while a retry is due"
        await asyncio.sleep(3 * 3600)
        assert waits(service) == [10, 20]
        (task,) = stage.in_state(S.FAILED)
        assert task.auto_retry == AutoRetry(2, 2)
        assert [it.is_automatic for it in task.timeline if it.state is S.QUEUED] == [
            *(False, True, True)
        ]
        assert not works(stage)


@in_virtual_time
async def test_the_count_and_the_time_of_the_next_retry_survive_a_restart(
    open_stage: OpenStage,
) -> None:
    service = Source()
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(660)
        assert len(service.creates) == 2
    async with open_stage(service) as stage:
        (task,) = stage.in_state(S.FAILED)
        assert task.retry_at is not None
        at = task.retry_at - EPOCH
        await asyncio.sleep(3 * 3600)
        assert len(service.creates) == 3
        assert service.creates[-1] == pytest.approx(at, abs=2)
        assert stage.in_state(S.FAILED)[0].retry_at is None


@in_virtual_time
async def test_a_pause_stops_retries_and_they_go_on_with_the_queue(open_stage: OpenStage) -> None:
    service = Source()
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(60)
        await stage.engine.repository.set_paused(True)
        await asyncio.sleep(3600)
        assert [task.state for task in stage.engine.tasks.values()] == [S.FAILED]
        assert not works(stage)
        service.is_well = True
        await stage.engine.repository.set_paused(False)
        await asyncio.sleep(30)
        assert [task.state for task in stage.engine.tasks.values()] == [S.SUCCEEDED]


@in_virtual_time
async def test_a_removed_task_is_retried_no_more_but_once_it_is_back(open_stage: OpenStage) -> None:
    service = Source()
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(60)
        removed = await stage.engine.repository.remove([1])
        await asyncio.sleep(3600)
        assert len(service.creates) == 1
        await stage.engine.repository.restore(removed)
        await asyncio.sleep(30)
        assert len(service.creates) == 2


@in_virtual_time
async def test_a_refused_link_is_left_to_the_user(open_stage: OpenStage) -> None:
    service = Source()
    service.refuses = True
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(3600)
        (task,) = stage.in_state(S.REJECTED)
        assert task.retry_at is None


@in_virtual_time
async def test_a_rule_that_is_taken_back_ends_what_was_planned(open_stage: OpenStage) -> None:
    service = Source()
    async with open_stage(service) as stage:
        await add_links(stage.engine, [link("good")])
        await asyncio.sleep(60)
        stage.engine.use_rules(EngineRules())
        await asyncio.sleep(1)
        assert stage.witness.tasks[1].retry_at is None
        await asyncio.sleep(3600)
        assert len(service.creates) == 1
