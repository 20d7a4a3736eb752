"""Links that failed at their source are sent again by themselves, in virtual time."""

import asyncio

import pytest

from pan123_tui.domain.arrival_check import has_work
from pan123_tui.domain.errors import RequestRejected, TaskUnknown
from pan123_tui.domain.progress import ProcessStatus
from pan123_tui.domain.task import AutoRetry, TaskState
from tests.engine_stage import QUIET, add_links, change, link, settings_of
from tests.hold_stage import EPOCH, Stage, on_stage
from tests.paper_service import PaperService, gaps

S = TaskState
STAGE = {"settings": settings_of(retry_times=2)}


def failing() -> PaperService:
    """A service where every link fails at its source."""
    service = PaperService()
    service.status = ProcessStatus.FAILED
    return service


def works(stage: Stage) -> bool:
    now = EPOCH + asyncio.get_running_loop().time()
    return has_work(stage.engine.tasks, stage.engine.status, now=now)


@on_stage
async def test_a_failed_link_is_sent_again_as_allowed_and_ever_later(stage: Stage) -> None:
    service = stage.serve(failing())
    service.creates.append(RequestRejected("no", code=7))
    await add_links(stage.engine, [link("refused"), link("good")])
    await asyncio.sleep(60)
    (refused,) = stage.in_state(S.REJECTED)
    assert refused.retry_at is None, "it is left to the user"
    assert stage.witness.tasks[2].retry_at is not None
    assert works(stage), "the engine does not end while a retry is due"
    await asyncio.sleep(3 * 3600)
    assert gaps(service.created_at)[1:] == pytest.approx([600, 1200], rel=0.05)
    (task,) = stage.in_state(S.FAILED)
    assert task.auto_retry == AutoRetry(2, 2)
    assert [it.is_automatic for it in task.timeline if it.state is S.QUEUED] == [
        *(False, True, True)
    ]
    assert not works(stage)


@on_stage
async def test_a_pause_stops_retries_and_they_go_on_with_the_queue(stage: Stage) -> None:
    service = stage.serve(failing())
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(60)
    await stage.engine.repository.set_paused(True)
    await asyncio.sleep(3620)  # it looks by itself once a minute
    assert [task.state for task in stage.engine.tasks.values()] == [S.FAILED]
    assert not works(stage)
    service.status = ProcessStatus.SUCCEEDED
    resumed_at = asyncio.get_running_loop().time()
    await stage.engine.repository.set_paused(False)
    await asyncio.sleep(30)
    assert [task.state for task in stage.engine.tasks.values()] == [S.SUCCEEDED]
    assert service.created_at[-1] == pytest.approx(resumed_at, abs=2)


@on_stage
async def test_a_rule_that_is_taken_back_ends_what_was_planned(stage: Stage) -> None:
    service = stage.serve(failing())
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(60)
    await change(stage.engine, settings=QUIET)
    await asyncio.sleep(1)
    assert stage.witness.tasks[1].retry_at is None
    await asyncio.sleep(3600)
    assert len(service.created_at) == 1


@on_stage
async def test_a_missing_task_that_is_known_again_as_failed_is_retried_too(stage: Stage) -> None:
    service = stage.serve(PaperService(polls=(TaskUnknown("未找到任务ID", code=1),) * 400))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(500)
    assert stage.in_state(S.MISSING)
    service.polls.clear()
    service.status = ProcessStatus.FAILED
    await asyncio.sleep(300)
    (failed,) = stage.in_state(S.FAILED)
    assert failed.retry_at is not None
