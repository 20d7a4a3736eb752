"""Another screen was quicker: a command that changes nothing says its own reason."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from pan123_tui.domain.commands import Command, ConfirmTasks
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from tests.engine_stage import execute
from tests.ui.dashboard_stage import PaperEngine, story, task

S = TaskState
GONE = "This task has already been removed."
Deed = Callable[[PaperEngine, int], Awaitable[object]]
"""What the other screen does to a task."""


async def removes(engine: PaperEngine, task_id: int) -> None:
    await engine.remove([task_id])


async def sends(engine: PaperEngine, task_id: int) -> None:
    engine.tell(task(task_id, S.RUNNING))


async def confirms(engine: PaperEngine, task_id: int) -> None:
    await execute(cast("Engine", engine), ConfirmTasks((task_id,)))


EDIT = ("e", "tab", "x", "ctrl+s")
RACES: tuple[tuple[TaskState, Sequence[str], Deed, str], ...] = (
    (S.RUNNING, "d", removes, GONE),
    (S.FAILED, "r", removes, GONE),
    (S.FAILED, "r", sends, "Nothing to retry."),
    (S.QUEUED, EDIT, removes, GONE),
    (S.QUEUED, EDIT, sends, "1 link was sent meanwhile and stays as it was."),
    (S.QUEUED, ["less_than_sign"], removes, GONE),
    (S.QUEUED, ["less_than_sign"], sends, "Already sent."),
    (S.UNCONFIRMED, "ri", removes, GONE),
    (S.UNCONFIRMED, "ri", confirms, "These tasks are no longer unsure."),
)


async def test_a_command_that_comes_too_late_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async with story([task(n, race[0]) for n, race in enumerate(RACES)], size=(140, 30)) as told:
        call = told.app.client.call
        for number, (_state, keys, deed, reason) in enumerate(RACES):

            async def late(command: Command[Any], act: Deed = deed, on: int = number) -> Any:
                monkeypatch.undo()
                await act(told.engine, on)
                return await call(command)

            monkeypatch.setattr(told.app.client, "call", late)
            told.dashboard.table.move_to(number)
            await told.press(*keys)
            await told.sees(lambda said=reason: told.toasts == [said])  # type: ignore[misc]
            told.app.clear_notifications()


async def test_no_link_is_said_to_go_elsewhere_where_none_is_left() -> None:
    tasks = [task(1, S.QUEUED, folder_id=7), task(2, S.SUBMITTING, folder_id=7)]
    tasks += [task(3, S.QUEUED, folder_id=7, name="of two")]
    async with story(tasks, status=Status(missing_folders=(7,))) as told:
        await told.press("ctrl+a", "e")
        await told.reads("Edit 2 links")
        await told.press("escape", "escape", "d")
        await told.sees(lambda: 3 not in told.engine.tasks)
        told.dashboard.table.move_to(1)
        await told.press("e")
        await told.reads("1 link to send")
        await removes(told.engine, 1)
        await told.press("ctrl+s")
        await told.sees(lambda: told.toasts[-1:] == ["No link is queued for this folder."])
