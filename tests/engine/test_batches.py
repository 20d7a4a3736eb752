"""The label of a batch is kept from the add to the end of its tasks, and can be changed."""

import asyncio
from pathlib import Path

from msgspec.structs import replace

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.commands import AddTasks, EditTask, RetryTasks
from pan123_tui.domain.errors import RequestRejected
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.engine.commands import Origin, execute
from pan123_tui.engine.hooks import task_environ
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import link, load_stored, running_engine
from tests.unreachable_service import UnreachableService

S = TaskState
HOSTILE = '\x1b]0;x\x07 [red]a"\n' + "b" * 10_000


class RejectsLate(UnreachableService):
    """Rejects a link as soon as a test says so."""

    def __init__(self) -> None:
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def create_task(self, _request: DownloadRequest, /) -> int:
        self.is_asked.set()
        await self.may_answer.wait()
        raise RequestRejected("no")


async def test_a_task_stays_in_its_batch_while_it_is_sent_retried_and_edited(
    tmp_path: Path,
) -> None:
    store = TaskStore.open(tmp_path)
    ended = Task(id=1, url="https://h/1", created_at=1.0, batch="a", state=S.FAILED)
    store.put([ended, replace(ended, id=2, batch="other")])
    store.close()
    service = RejectsLate()
    async with running_engine(tmp_path, "", connect=lambda: service) as (engine, witness):
        added = await execute(engine, AddTasks((link("x"), link("x", 2)), " a\n"), Origin("", "r1"))
        assert [task.batch for task in added] == ["a", "a"]
        await service.is_asked.wait()
        service.may_answer.set()
        rejected = await witness.wait_for_state(3, S.REJECTED)
        (retried,) = await execute(engine, RetryTasks((1,)))
        edited = await execute(engine, EditTask(2, link("y")))
        assert (rejected.batch, retried.batch) == ("a", "a")
        assert edited is not None
        assert edited.batch == "other"
    batches = {task_id: task.batch for task_id, task in load_stored(tmp_path).items()}
    assert batches == {1: "a", 2: "other", 3: "a", 4: "a"}


async def test_a_label_is_cleaned_at_the_entrance_and_may_be_taken_off(tmp_path: Path) -> None:
    async with running_engine(tmp_path, "", connect=RejectsLate) as (engine, _witness):
        (task,) = await execute(engine, AddTasks((link("x"),), HOSTILE))
    assert task.batch.startswith("]0;x [red]a'")
    assert len(task.batch) == 60
    assert task_environ(task)["PAN123_TASK_BATCH"] == task.batch
    assert load_stored(tmp_path)[1].batch == task.batch
    assert batch_name(replace(task, batch="", created_at=5.0)).endswith(":05")
