"""Tasks of former runs, and of earlier in a long one: held encoded, and tasks all the same."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.commands import (
    AddTasks,
    Command,
    ConfirmTasks,
    EditTask,
    RetryTasks,
    new_request_id,
)
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, DownloadRequest, Task, TaskState
from pan123_tui.engine.commands import Origin, execute
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import link, running_engine
from tests.service.server import SimulatorServer
from tests.store.store_samples import plain_task

S = TaskState


def ended(number: int, state: TaskState = S.SUCCEEDED, **facts: object) -> Task:
    task = plain_task(number, state)
    arrival = ArrivalCheck(ArrivalStatus.FOUND, at=2.0)
    done = {"finished_at": 1.0, "task_id": number, "arrival": arrival}
    return replace(task, **done | facts)


def archive(folder: Path, *tasks: Task) -> None:
    """Store `tasks`, the ended ones as after a longer run."""
    store = TaskStore(folder)
    store.put(tasks)
    store.save_now()
    store._files.move_ended()
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        None,
        RetryTasks((1,), unconfirmed_too=True),
        ConfirmTasks((1,)),
        EditTask(1, DownloadRequest("https://example.com/edited")),
    ],
    ids=lambda it: type(it).__name__,
)
async def test_a_request_whose_task_has_ended_or_was_changed_since_is_not_carried_out_twice(
    service: SimulatorServer, tmp_path: Path, change: Command[Any] | None
) -> None:
    first = new_request_id()
    state = S.FAILED if isinstance(change, EditTask) else S.UNCONFIRMED
    archive(tmp_path, ended(1, state, request_id=first))
    async with running_engine(tmp_path, service.base_url) as (engine, _):
        if change is not None:
            await execute(engine, change, Origin("another screen", new_request_id()))
        again = Origin("screen", first, is_repeated=True)
        (task,) = await execute(engine, AddTasks((link("good"),)), again)
        assert task.id == 1
        assert list(engine.tasks) == [1]
