"""What cannot be done, or came too late, says why in one line."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from pan123_tui.domain.commands import Command, ConfirmTasks
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import View
from pan123_tui.domain.task import TaskState
from tests.engine_stage import execute
from tests.ui.dashboard_stage import PaperEngine, go_to, story, task

S = TaskState
ONLINE = Status(connection=Connection.ONLINE)
USABLE = {
    *("links.add", "links.paste", "links.forget", "queue.pause", "view.back", "view.search"),
    *("view.sort", "view.reverse", *(f"view.show_{view}" for view in View)),
    *("app.settings", "app.manual", "app.words", "app.leave", "app.end"),
}


async def test_on_an_empty_list_every_key_has_a_reason_or_a_use() -> None:
    async with story(status=ONLINE) as told:
        await told.reads("No downloads yet")
        assert {it.id for it, reason, _also in told.dashboard.all_actions() if not reason} == USABLE
        await told.press("y")
        assert told.toasts == ["No task under the cursor."]


NO_RETRY = "Only a failed or unsure link can be retried."
NOT_QUEUED = "Only queued links can be sent next."
NO_EDIT = "Only a queued or failed link can be edited."
STAYS = "A link that is being sent right now cannot be removed: wait a moment."
NOT_RUNNING = "There is nothing to check: no task is queued or running."
NONE_FAILED = "Nothing has failed."
NO_CLEAR = "There is nothing to clear."
NO_FILE = "This task's file on the drive is not known yet: f5 looks for it."
NOT_HERE = "Only a file that has arrived has a download link."


REASONS = {
    S.QUEUED: {"r": NO_RETRY, "L": NOT_HERE},
    S.SUBMITTING: {"r": NO_RETRY, "e": NO_EDIT, "d": STAYS, "less_than_sign": NOT_QUEUED},
    S.UNCONFIRMED: {"e": NO_EDIT, "L": NO_FILE},
    S.RUNNING: {"r": NO_RETRY, "e": NO_EDIT, "u": "There is nothing to undo.", "L": NOT_HERE},
    S.RETRYING: {"r": NO_RETRY, "e": NO_EDIT},
    S.SUCCEEDED: {"r": NO_RETRY, "e": NO_EDIT, "L": NO_FILE},
    S.FAILED: {"less_than_sign": NOT_QUEUED},
    S.REJECTED: {"less_than_sign": NOT_QUEUED},
    S.MISSING: {"e": NO_EDIT, "less_than_sign": NOT_QUEUED},
}


async def test_what_cannot_be_done_to_a_task_in_its_state_is_explained() -> None:
    tasks = [task(n, state) for n, state in enumerate(REASONS)]
    async with story(tasks, status=ONLINE) as told:
        for number, reasons in enumerate(REASONS.values()):
            go_to(told.dashboard.table, number)
            for key, words in reasons.items():
                await told.pilot.press(key)
                assert told.toasts[-1:] == [words]
        await told.press("e", "e")  # of a key that is held down
        assert told.toasts.count(NO_EDIT) == 1
        assert [*told.engine.tasks.values()] == tasks


@pytest.mark.parametrize(
    ("state", "reasons"),
    [
        (S.SUBMITTING, {"R": NONE_FAILED, "c": NO_CLEAR, "f5": NOT_RUNNING}),
        (S.UNCONFIRMED, {"R": NONE_FAILED, "c": NO_CLEAR}),
        (S.FAILED, {"c": NO_CLEAR, "f5": NOT_RUNNING}),
    ],
)
async def test_what_no_task_allows_is_explained(state: TaskState, reasons: dict[str, str]) -> None:
    async with story([task(1, state)], status=ONLINE) as told:
        for key, words in reasons.items():
            await told.pilot.press(key)
            assert told.toasts[-1:] == [words]


# Another screen was quicker

GONE = "This task has already been removed."
Deed = Callable[[PaperEngine, int], Awaitable[object]]
"""What the other screen does to a task."""


async def removes(engine: PaperEngine, task_id: int) -> None:
    await engine.repository.remove([task_id])


async def sends(engine: PaperEngine, task_id: int) -> None:
    engine.tell(task(task_id, S.RUNNING))


async def confirms(engine: PaperEngine, task_id: int) -> None:
    await execute(engine, ConfirmTasks((task_id,)))


EDIT = ("e", "tab", "x", "ctrl+s")
RACES: tuple[tuple[TaskState, Sequence[str], Deed, str], ...] = (
    (S.RUNNING, "d", removes, GONE),
    (S.FAILED, "r", removes, GONE),
    (S.FAILED, "r", sends, "Nothing to retry."),
    (S.QUEUED, EDIT, removes, GONE),
    (S.QUEUED, EDIT, sends, "1 link was sent meanwhile and stays as it was."),
    (S.QUEUED, ["less_than_sign"], removes, GONE),
    (S.QUEUED, ["less_than_sign"], sends, "Already sent."),
    (S.UNCONFIRMED, ("r", "down", "enter"), removes, GONE),
    (S.UNCONFIRMED, ("r", "down", "enter"), confirms, "These tasks are no longer unsure."),
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
            go_to(told.dashboard.table, number)
            await told.press(*keys)
            await told.sees(lambda said=reason: told.toasts[-1:] == [said])  # type: ignore[misc]
            told.app.clear_notifications()


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (Connection.NO_ACCOUNT, "No account: press , to log in."),
        (Connection.OFFLINE, "Trying to reach 123pan…"),
        (Connection.ONLINE, "Checking all tasks…"),
    ],
)
async def test_f5_promises_no_check_that_cannot_be_made(connection: Connection, said: str) -> None:
    async with story([task(1, S.QUEUED)], status=Status(connection=connection)) as told:
        await told.press("f5")
        assert [text[: len(said)] for text in told.toasts] == [said]
