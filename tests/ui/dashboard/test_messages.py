"""Another language while the program runs; query, cursor and marks stay."""

from pan123_tui import i18n
from pan123_tui.domain.task import TaskState
from tests.ui.dashboard_stage import Story, on_its_way, story, task

TASKS = [on_its_way(1), task(2, TaskState.FAILED), task(3, TaskState.SUCCEEDED)]


async def switch_to_chinese(told: Story) -> None:
    former = told.dashboard.panel
    i18n.set_language("zh")
    told.dashboard.call_next(told.dashboard.reload_language)
    await told.sees(lambda: former not in told.dashboard.children and told.is_filled)


async def test_the_dashboard_speaks_chinese_at_once() -> None:
    async with story(TASKS) as told:
        await told.reads("running")
        await switch_to_chinese(told)
        await told.reads("进行中")
        assert "running" not in told.text
        assert "a 添加" in told.footer


async def test_cursor_marks_query_and_details_stay() -> None:
    async with story(TASKS) as told:
        await told.press("space", "j", "space", "S", "enter")
        before = view_state(told)
        await switch_to_chinese(told)
        await told.reads("进行中")
        assert view_state(told) == before


def view_state(told: Story) -> tuple[object, ...]:
    table, panel = told.dashboard.table, told.dashboard.panel
    query = panel.list_state.query
    return table.cursor_task_id, table.marks.ids, table.order, query, panel.is_detail_open


async def test_keys_and_news_reach_the_new_dashboard() -> None:
    async with story(TASKS) as told:
        await switch_to_chinese(told)
        await told.press("3")
        await told.sees(lambda: len(told.names) == 1)
        told.engine.end(1, TaskState.FAILED)
        await told.sees(lambda: len(told.names) == 2)
