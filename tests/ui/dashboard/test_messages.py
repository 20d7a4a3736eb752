"""Another language while the program runs; query, cursor and marks stay."""

import asyncio

import pytest

from pan123_tui import i18n
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.dashboard import screen
from pan123_tui.ui.settings.screen import ChoiceSelect, SettingsScreen
from screenshots.stage import Setting, run_program, wait_until
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


async def test_no_tick_looks_for_widgets_while_they_are_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen, "TICK_S", 0.001)
    async with story(TASKS) as told:
        recompose, dashboard = told.dashboard.recompose, told.dashboard

        async def recompose_slowly() -> None:
            await dashboard.query("*").exclude(".-textual-system").remove()
            for _tick in range(10):
                await asyncio.sleep(0.001)  # the time in which a tick would come
            await recompose()

        monkeypatch.setattr(dashboard, "recompose", recompose_slowly)
        is_done = asyncio.Event()

        async def reload() -> None:
            await dashboard.reload_language()
            is_done.set()

        dashboard.call_next(reload)
        await told.sees(is_done.is_set)
        await told.sees(lambda: told.is_filled)


async def test_keys_and_news_reach_the_new_dashboard() -> None:
    async with story(TASKS) as told:
        await switch_to_chinese(told)
        await told.press("3")
        await told.sees(lambda: len(told.names) == 1)
        told.engine.end(1, TaskState.FAILED)
        await told.sees(lambda: len(told.names) == 2)


async def test_the_setting_takes_effect_when_it_is_saved() -> None:
    async with run_program(Setting()) as pilot:
        app = pilot.app
        assert isinstance(app, Pan123App)
        await pilot.press("comma")
        await wait_until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        app.screen.query_one("#set-ui-language", ChoiceSelect).value = "zh"
        await pilot.press("escape")
        await wait_until(pilot, lambda: "进行中" in app.export_screenshot())
