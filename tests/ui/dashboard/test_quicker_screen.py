"""Another screen was quicker: a command that changes nothing says its own reason."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from pan123_tui.domain.commands import Command, ConfirmTasks
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from tests.engine_stage import execute
from tests.ui.dashboard_stage import PaperEngine, Story, story, task

S = TaskState
GONE = "This task has already been removed."
Deed = Callable[[PaperEngine], Awaitable[object]]
"""What the other screen does."""


async def removes(engine: PaperEngine) -> None:
    await engine.remove(list(engine.tasks))


async def sends(engine: PaperEngine) -> None:
    engine.tell(*(task(number, S.RUNNING) for number in engine.tasks))


async def confirms(engine: PaperEngine) -> None:
    await execute(cast("Engine", engine), ConfirmTasks(tuple(engine.tasks)))


def be_quicker(told: Story, deed: Deed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the other screen do `deed` when the first command is on its way."""
    call = told.app.client.call

    async def late(command: Command[Any]) -> Any:
        monkeypatch.undo()
        await deed(told.engine)
        return await call(command)

    monkeypatch.setattr(told.app.client, "call", late)


SENT = "Already sent."
EDITED = "1 link was sent meanwhile and stays as it was."
RETRIED = "Nothing to retry."
CONFIRMED = "These tasks are no longer unsure."


@pytest.mark.parametrize(
    ("state", "keys", "deed", "reason"),
    [
        (S.RUNNING, ["d"], removes, GONE),
        (S.FAILED, ["r"], removes, GONE),
        (S.FAILED, ["r"], sends, RETRIED),
        (S.QUEUED, ["e", "tab", "x", "ctrl+s"], removes, GONE),
        (S.QUEUED, ["e", "tab", "x", "ctrl+s"], sends, EDITED),
        (S.QUEUED, ["less_than_sign"], removes, GONE),
        (S.QUEUED, ["less_than_sign"], sends, SENT),
        (S.UNCONFIRMED, ["r", "i"], removes, GONE),
        (S.UNCONFIRMED, ["r", "i"], confirms, CONFIRMED),
    ],
)
async def test_a_command_that_comes_too_late_says_why(
    state: TaskState, keys: list[str], deed: Deed, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with story([task(1, state)], size=(140, 30)) as told:
        be_quicker(told, deed, monkeypatch)
        for key in keys:
            await told.press(key)
        await told.sees(lambda: told.toasts == [reason])


async def test_no_link_is_said_to_go_elsewhere_where_none_is_left() -> None:
    async with story([task(1, S.QUEUED, folder_id=7)], status=Status(missing_folders=(7,))) as told:
        await told.press("e")
        await told.reads("1 link to send")
        await removes(told.engine)
        await told.press("ctrl+s")
        await told.sees(lambda: told.toasts[-1:] == ["No link is queued for this folder."])
