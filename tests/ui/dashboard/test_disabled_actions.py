"""Disabled keys: each says why in one line."""

import pytest

from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.actions import ACTIONS
from tests.ui.dashboard_stage import Story, story, task

S = TaskState
ONLINE = Status(connection=Connection.ONLINE)
SILENT = ("view.back", "view.show_", "app.leave", "app.end", "app.settings")
"""Actions that change nothing visible on an empty list, or end the program."""
KEYS = [
    action.key.partition(",")[0]
    for action in ACTIONS.values()
    if action.key and not action.id.startswith(SILENT)
]


def visible_state(told: Story) -> tuple[object, ...]:
    """Return what can change on the screen: text, toasts and view."""
    return told.text, told.toasts, told.dashboard.panel.list_query.view


async def test_on_an_empty_list_every_key_says_or_does_something() -> None:
    async with story(status=ONLINE) as told:
        await told.reads("No downloads yet")
        for key in KEYS:
            before = visible_state(told)
            await told.press(key)
            await told.sees(lambda former=before: visible_state(told) != former)  # type: ignore[misc]
            while told.app.screen is not told.dashboard:
                await told.press("escape")
            await told.press("escape")
            told.app.clear_notifications()
            await told.pilot.pause()


NO_RETRY = "Only a failed or unsure link can be retried."
NO_EDIT = "Only a queued or failed link can be edited."
STAYS = "A link that is being sent right now cannot be removed: wait a moment."
NOT_RUNNING = "There is nothing to check: no task is queued or running."
NONE_FAILED = "Nothing has failed."
NO_CLEAR = "There is nothing to clear."
NO_FILE = "This task's file on the drive is not known yet: f5 looks for it."
NOT_HERE = "Only a file that has arrived has a download link."


@pytest.mark.parametrize(
    ("state", "disabled_reasons"),
    [
        (S.QUEUED, {"r": NO_RETRY, "R": NONE_FAILED, "c": NO_CLEAR}),
        (S.SUBMITTING, {"r": NO_RETRY, "e": NO_EDIT, "d": STAYS, "f5": NOT_RUNNING}),
        (S.UNCONFIRMED, {"e": NO_EDIT, "L": NO_FILE, "c": NO_CLEAR}),
        (S.RUNNING, {"r": NO_RETRY, "e": NO_EDIT, "u": "There is nothing to undo.", "L": NOT_HERE}),
        (S.RETRYING, {"r": NO_RETRY, "e": NO_EDIT, "R": NONE_FAILED, "c": NO_CLEAR}),
        (S.SUCCEEDED, {"r": NO_RETRY, "e": NO_EDIT, "L": NO_FILE}),
        (S.FAILED, {"c": NO_CLEAR, "f5": NOT_RUNNING}),
        (S.REJECTED, {"c": NO_CLEAR, "f5": NOT_RUNNING}),
        (S.MISSING, {"e": NO_EDIT, "R": NONE_FAILED, "c": NO_CLEAR, "f5": NOT_RUNNING}),
    ],
)
async def test_what_cannot_be_done_to_a_task_in_its_state_is_explained(
    state: TaskState, disabled_reasons: dict[str, str]
) -> None:
    async with story([task(1, state)], status=ONLINE) as told:
        for key, words in disabled_reasons.items():
            told.app.clear_notifications()
            await told.press(key)
            assert told.toasts == [words]
        assert told.engine.tasks == {1: task(1, state)}


async def test_a_key_that_is_held_down_says_why_once() -> None:
    async with story([task(1)]) as told:
        await told.press("e", "e", "r", "r")
        assert told.toasts == [NO_EDIT, NO_RETRY]
