"""Leaving the dashboard, and what hides tasks besides the views."""

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from tests.ui.dashboard_stage import story, task

UNSAVED = Status(store_problem=Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device"))


async def test_q_leaves_at_once_where_everything_is_saved() -> None:
    async with story([task(1)]) as told:
        await told.press("q")
        await told.sees(lambda: told.app.return_value == 0)


async def test_q_asks_first_where_nothing_can_be_saved() -> None:
    async with story([task(1)], status=UNSAVED) as told:
        await told.reads("Not saved")
        await told.press("q")
        await told.reads("Quit, though nothing can be saved?")
        await told.press("n")
        await told.sees(lambda: told.app.screen is told.dashboard)
        assert told.app.return_value is None
        await told.press("q")
        await told.reads("Quit, though nothing can be saved?")
        await told.press("y")
        await told.sees(lambda: told.app.return_value == 0)


async def test_a_search_that_was_kept_stays_in_sight_with_what_it_hides() -> None:
    tasks = [task(1), task(2), task(3, TaskState.FAILED)]
    async with story(tasks) as told:
        await told.press("f", *"state:failed", "enter")
        await told.reads("filter: state:failed")
        await told.reads("1 of 3")
        await told.press("escape")
        await told.sees(lambda: "filter:" not in told.text)
