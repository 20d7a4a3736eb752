"""Another language while the program runs; what is looked at stays."""

import pytest

from pan123_tui import i18n
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.screens.help import HelpScreen
from pan123_tui.ui.speaking import speak
from tests.ui.dashboard_stage import on_its_way, story, task

TASKS = [on_its_way(1), task(2, TaskState.FAILED), task(3, TaskState.SUCCEEDED)]


async def test_the_dashboard_speaks_chinese_at_once() -> None:
    async with story(TASKS) as told:
        await told.reads("running")
        speak(told.app, "zh")
        await told.reads("进行中")
        assert "running" not in told.text
        assert "添加链接" in told.footer


async def test_cursor_marks_and_query_stay() -> None:
    async with story(TASKS) as told:
        await told.press("v", "j", "space", "s", "down", "enter", "enter")
        before = (
            told.dashboard.table.cursor_task_id,
            told.dashboard.table.marked,
            told.dashboard.browser.viewpoint.query,
            told.dashboard.browser.is_detail_open,
        )
        speak(told.app, "zh")
        await told.reads("进行中")
        assert before == (
            told.dashboard.table.cursor_task_id,
            told.dashboard.table.marked,
            told.dashboard.browser.viewpoint.query,
            told.dashboard.browser.is_detail_open,
        )


async def test_keys_work_after_the_change() -> None:
    async with story(TASKS) as told:
        speak(told.app, "zh")
        await told.press("3")
        await told.sees(lambda: len(told.names) == 1)
        await told.press("question_mark")
        await told.sees(lambda: isinstance(told.app.screen, HelpScreen))


async def test_it_works_below_an_open_dialog() -> None:
    async with story(TASKS) as told:
        await told.press("d")
        speak(told.app, "zh")
        await told.press("n")
        await told.reads("进行中")


async def test_auto_means_what_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    async with story(TASKS) as told:
        speak(told.app, "auto")
        assert i18n.language() == "zh_CN"
        await told.reads("进行中")
        speak(told.app, "en")
        await told.reads("running")
