"""The manual on a screen: its pages, their list, and links between them."""

import gc

import pytest
from textual.pilot import Pilot
from textual.widgets import Markdown

from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import set_language
from pan123_tui.manual import PAGES
from pan123_tui.ui.dialogs import manual
from pan123_tui.ui.dialogs.manual import ManualApp, ManualScreen, column_widths
from pan123_tui.ui.widgets.styled_text import GAP
from tests.ui.dashboard_stage import story, task
from tests.ui.stage import shown


async def painted(pilot: Pilot[None]) -> str:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    return shown(pilot.app)


async def test_the_pages_are_turned_and_the_last_stays_and_garbage_is_collected() -> None:
    gc.disable()  # as `cli.main` does
    try:
        async with ManualApp(PAGES[-2]).run_test(size=(40, 24)) as pilot:
            await painted(pilot)
            assert gc.isenabled()
            body = pilot.app.screen.query_one("#manual-body")
            body.scroll_to(y=9, animate=False)
            await pilot.press("l", "l")
            assert "0.3.0" in await painted(pilot)
            assert body.scroll_y == body.max_scroll_x == 0
            assert body.size.height > 15
    finally:
        gc.unfreeze()
        gc.enable()


async def test_a_link_opens_its_page_or_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    async def open_in_browser(address: str) -> None:
        opened.append(address)

    monkeypatch.setattr(manual, "open_in_browser", open_in_browser)
    async with ManualApp(PAGES[1]).run_test(size=(100, 30)) as pilot:
        await pilot.press("left", "left")
        assert "what it takes" in await painted(pilot), "the first stays"
        assert "l next chapter  h previous chapter" in await painted(pilot)
        page = pilot.app.screen.query_one(Markdown)
        page.post_message(Markdown.LinkClicked(page, "push.md"))
        await pilot.pause()
        assert "apprise" in await painted(pilot)
        page.post_message(Markdown.LinkClicked(page, "https://www.123pan.com/"))
        await pilot.press("right", "left")
        assert "apprise" in await painted(pilot), "it goes on from there"
        assert opened == ["https://www.123pan.com/"]
        body = pilot.app.screen.query_one("#manual-body")
        await pilot.press("j", "j", "k")
        await pilot.pause()
        assert body.scroll_target_y == 1
        await pilot.press("tab" if body.has_focus else "shift+tab", "up")
        assert "apprise" not in await painted(pilot)
        assert pilot.app.focused is not body
        await pilot.press("enter")
        assert pilot.app.focused is body
        await pilot.press("escape")
        await pilot.pause()
    assert not pilot.app.is_running


async def test_the_search_of_actions_opens_it_over_the_dashboard() -> None:
    async with story([task(1, TaskState.RUNNING)], size=(100, 30)) as told:
        await told.press("question_mark", *"manual", "enter")
        await told.reads("what it takes")
        await told.press("q")
        assert not isinstance(told.app.screen, ManualScreen)
        await told.press("question_mark", *"status bar", "enter")
        await told.reads("Six words")


TABLE = ("field", "中文", "what it takes", "percent", "进度", "多少个字也能换行" * 5)


@pytest.mark.parametrize(
    ("room", "expected"), [(200, [7, 4, 80]), (60, [7, 4, 45]), (30, [7, 4, 15]), (16, [4, 4, 4])]
)
def test_the_widest_column_of_a_table_gives_way(room: int, expected: list[int]) -> None:
    assert column_widths(TABLE, 3, room) == expected


def test_a_short_column_gives_way_before_one_with_much_text() -> None:
    texts = ("pan123-tui add LINK…, add -, add -f FILE", "what it does " * 6, "a", "b " * 60)
    commands, facts = column_widths(texts, 2, 60)
    assert commands + GAP + facts == 60
    assert 16 <= commands < facts


async def test_the_words_in_a_table_of_chinese_sentences_stay_whole() -> None:
    set_language("zh")
    async with ManualApp("search").run_test(size=(80, 60)) as pilot:
        text = await painted(pilot)
        await pilot.resize_terminal(44, 60)
        narrower = await painted(pilot)
    for words in ("percent   进度", "folder    文件夹", "finished  结束时间"):
        assert words in text
        assert words in narrower
