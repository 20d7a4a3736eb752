"""Disabled keys: each says why in one line."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
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
    return told.text, told.toasts, told.dashboard.panel.list_state.query.view


@pytest.mark.parametrize("key", KEYS)
async def test_on_an_empty_list_every_key_says_or_does_something(key: str) -> None:
    async with story(status=ONLINE) as told:
        await told.reads("No downloads yet")
        before = visible_state(told)
        await told.press(key)
        await told.sees(lambda: visible_state(told) != before)


AT_WORK = "The service is still working on this task: only what has failed can be retried."
THERE = "The service has this link: only what is queued or has failed can be edited."
SENDING = "This link is being sent right now."
NOW_SENT = "This link is being sent right now: it cannot be edited."
STAYS = "A link that is being sent right now cannot be removed: wait a moment."
NOT_RUNNING = "Nothing is queued or running, so there is nothing to check."
NONE_FAILED = "Nothing has failed."
NO_CLEAR = "There is nothing to clear."
QUEUED = "This link is queued already."
DOUBT = "The service may have this link: send it again or remove it first."
NO_FILE = "This task's file on the drive is not known yet: f5 looks for it."
NOT_HERE = "Only a file that has arrived has a download link."
NO_MORE = "This task is done: there is nothing to retry."
NO_EDIT = "This task is done: there is nothing to edit."


@pytest.mark.parametrize(
    ("state", "disabled_reasons"),
    [
        (S.QUEUED, {"r": QUEUED, "R": NONE_FAILED, "c": NO_CLEAR}),
        (S.SUBMITTING, {"r": SENDING, "e": NOW_SENT, "d": STAYS, "f5": NOT_RUNNING}),
        (S.UNCONFIRMED, {"e": DOUBT, "L": NO_FILE, "c": NO_CLEAR}),
        (S.RUNNING, {"r": AT_WORK, "e": THERE, "u": "There is nothing to undo.", "L": NOT_HERE}),
        (S.RETRYING, {"r": AT_WORK, "e": THERE, "R": NONE_FAILED, "c": NO_CLEAR}),
        (S.SUCCEEDED, {"r": NO_MORE, "e": NO_EDIT, "L": NO_FILE}),
        (S.FAILED, {"c": NO_CLEAR, "f5": NOT_RUNNING}),
        (S.REJECTED, {"c": NO_CLEAR, "f5": NOT_RUNNING}),
        (S.MISSING, {"e": DOUBT, "R": NONE_FAILED, "c": NO_CLEAR, "f5": NOT_RUNNING}),
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


async def test_a_task_that_is_not_known_now_is_not_said_to_be_at_work() -> None:
    unknown = replace(task(1), problem=Problem(ProblemKind.TASK_UNKNOWN))
    async with story([unknown], status=ONLINE) as told:
        await told.press("r")
        assert told.toasts == [
            "The service does not know this task at the moment: retry it once it is unsure."
        ]


async def test_a_held_queue_is_said_to_be_tried() -> None:
    held = replace(ONLINE, hold=Problem(ProblemKind.SERVICE_UNAVAILABLE))
    async with story([task(1, S.QUEUED)], status=held) as told:
        await told.sees(lambda: told.app.model.status.hold)
        await told.press("f5")
        await told.sees(lambda: told.toasts == ["Checking all tasks, and trying to send…"])


async def test_of_many_marked_tasks_none_of_which_failed_the_count_is_shown() -> None:
    async with story([task(1), task(2, S.SUCCEEDED)]) as told:
        await told.press("ctrl+a", "r")
        assert told.toasts == ["None of the 2 marked tasks has failed: there is nothing to retry."]


async def test_a_key_that_is_held_down_says_why_once() -> None:
    async with story([task(1)]) as told:
        await told.press("e", "e", "r", "r")
        assert told.toasts == [THERE, AT_WORK]


async def test_where_only_unconfirmed_links_wait_the_message_says_how_to_look_for_them() -> None:
    async with story([task(1, S.UNCONFIRMED), task(2, S.FAILED)]) as told:
        await told.press("f5")
        await told.sees(lambda: "On an unsure link this key looks" in told.toasts[-1])
