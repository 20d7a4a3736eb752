"""The dashboard opens as it was left."""

from pathlib import Path

from pan123_tui.domain.query import View
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.memory import FILE_NAME, read_state
from tests.ui.dashboard_stage import Story, story, task

TASKS = [task(1, TaskState.FAILED), task(2, TaskState.RUNNING), task(3, TaskState.FAILED)]


async def _wait_until_saved(told: Story, folder: Path) -> None:
    await told.sees(lambda: read_state(folder / FILE_NAME) == told.app.memory.state)


async def test_view_order_and_details_are_as_they_were(tmp_path: Path) -> None:
    async with story(TASKS, state_dir=tmp_path) as told:
        await told.press("3", "S", "enter")
        assert told.names == ["part-03.iso", "part-01.iso"]
        await _wait_until_saved(told, tmp_path)
    async with story(TASKS, state_dir=tmp_path) as told:
        assert told.names == ["part-03.iso", "part-01.iso"]
        assert told.dashboard.panel.is_detail_open
        assert told.dashboard.panel.tabs.list_query.view is View.TROUBLE


async def test_sort_menu_and_search_are_remembered_and_say_what_they_hide(
    tmp_path: Path,
) -> None:
    async with story(TASKS, state_dir=tmp_path) as told:
        await told.press("s")
        await told.reads("Sort by")
        await told.press("2")
        assert told.names == ["part-01.iso", "part-02.iso", "part-03.iso"]
        await told.press("slash", *"state:failed part-03", "enter")
        await _wait_until_saved(told, tmp_path)
    async with story(TASKS, state_dir=tmp_path) as told:
        await told.sees(lambda: told.names == ["part-03.iso"])
        line = told.text.splitlines()[1]
        assert "state:failed part-03" in line, "nothing says what hides the others"
        await told.press("escape")
        assert told.names == ["part-01.iso", "part-02.iso", "part-03.iso"]
