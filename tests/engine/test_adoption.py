"""Tasks that another client created at the service are watched by their taskIDs."""

import asyncio

from pan123_tui.domain.commands import AdoptTasks, EditTask, RetryTasks
from pan123_tui.domain.errors import TaskUnknown
from pan123_tui.domain.progress import ProcessStatus, Progress
from pan123_tui.domain.send_queue import Adoption
from pan123_tui.domain.task import Task, TaskState
from tests.engine_stage import add_links, execute, link, retry_tasks
from tests.hold_stage import Stage, on_stage
from tests.paper_service import PaperService

S = TaskState


def elsewhere(progress: dict[int, Progress], *unknown: int) -> PaperService:
    """Return a service at which another client has created the tasks of `progress`."""
    service, gone = PaperService(), TaskUnknown("not found task id", code=1)
    service.status, service.percent = ProcessStatus.FAILED, 0.0
    service.progress = progress | dict.fromkeys(unknown, gone)
    return service


async def adopt(stage: Stage, *adoptions: Adoption) -> tuple[Task, ...]:
    return await execute(stage.engine, AdoptTasks(adoptions, batch="found"))


@on_stage
async def test_an_adopted_task_is_watched_to_its_end(stage: Stage) -> None:
    service = stage.serve(elsewhere({7: Progress(40, 0), 8: Progress(10, 0)}))
    seven, eight = await adopt(stage, Adoption(7, "film.mkv"), Adoption(8))
    assert (seven.name, eight.name, eight.url) == ("film.mkv", "taskID 8", "")
    assert {seven.state, eight.state} == {S.RUNNING}
    await asyncio.sleep(5)
    assert stage.witness.tasks[seven.id].percent == 40
    service.progress = {7: Progress(100, 2), 8: Progress(0, 1)}
    await asyncio.sleep(300)
    states = {task.task_id: task.state for task in stage.engine.tasks.values()}
    assert states == {7: S.SUCCEEDED, 8: S.FAILED}
    assert stage.witness.tasks[seven.id].account_uid == 1


@on_stage
async def test_one_that_is_known_already_is_not_adopted_again(stage: Stage) -> None:
    stage.serve(elsewhere({}, 9))
    await add_links(stage.engine, [link("good")])
    await asyncio.sleep(10)
    await retry_tasks(stage.engine, [1])
    await asyncio.sleep(10)
    assert stage.engine.tasks[1].task_id == 1002
    adopted = await adopt(stage, *(Adoption(it) for it in (1001, 1002, 9, 9)))
    assert [task.task_id for task in adopted] == [9]
    assert await adopt(stage, Adoption(9)) == ()


@on_stage
async def test_one_that_nobody_knows_goes_missing_and_is_never_sent(stage: Stage) -> None:
    former, service = stage.serve(elsewhere({}, 7)), elsewhere({}, 7)
    service.uid = 2
    await adopt(stage, Adoption(7))
    await asyncio.sleep(250)
    await stage.use_service(service)
    await asyncio.sleep(250)
    assert stage.in_state(S.RUNNING), "it may be the former account's: that one's misses are over"
    await asyncio.sleep(250)
    (task,) = stage.in_state(S.MISSING)
    assert not task.is_retryable
    assert not task.is_editable
    retry = RetryTasks((task.id,), unsure_too=True)
    assert await execute(stage.engine, retry) == ()
    assert await execute(stage.engine, RetryTasks()) == ()
    assert await execute(stage.engine, EditTask(task.id, link("good"))) is None
    assert not former.created_at + service.created_at
