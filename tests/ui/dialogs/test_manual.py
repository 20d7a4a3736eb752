"""The manual on a screen: its pages, their list, and links between them."""

import gc

import pytest
from textual.pilot import Pilot
from textual.widgets import Markdown

from pan123_tui.domain.task import TaskState
from pan123_tui.manual import PAGES
from pan123_tui.ui.dialogs.manual import ManualApp, ManualScreen
from tests.ui.dashboard_stage import story, task
from tests.ui.stage import shown


async def painted(pilot: Pilot[None]) -> str:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    return shown(pilot.app)


async def test_the_pages_are_turned_and_the_first_and_the_last_stay() -> None:
    for page, key, words in ((PAGES[1], "left", "what it takes"), (PAGES[-2], "l", "0.2.0")):
        async with ManualApp(page).run_test(size=(100, 30)) as pilot:
            await painted(pilot)
            body = pilot.app.screen.query_one("#manual-body")
            body.scroll_to(y=9, animate=False)
            await pilot.press(key, key)
            assert words in await painted(pilot)
            assert body.scroll_y == 0


async def test_garbage_is_collected_once_it_is_shown() -> None:
    gc.disable()  # as `cli.main` does
    try:
        async with ManualApp(PAGES[0]).run_test() as pilot:
            await painted(pilot)
            assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()


async def test_a_link_opens_its_page() -> None:
    async with ManualApp("terminals").run_test(size=(100, 30)) as pilot:
        await painted(pilot)
        page = pilot.app.screen.query_one(Markdown)
        page.post_message(Markdown.LinkClicked(page, "push.md"))
        await pilot.pause()
        assert "apprise" in await painted(pilot)
        await pilot.press("escape")
        await pilot.pause()
    assert not pilot.app.is_running


@pytest.mark.parametrize("columns", [40, 140])
async def test_every_page_fits_every_width(columns: int) -> None:
    async with ManualApp("links").run_test(size=(columns, 24)) as pilot:
        assert "Adding links" in await painted(pilot)
        assert "pan123-tui LINK…" in shown(pilot.app)
        body = pilot.app.screen.query_one("#manual-body")
        assert body.max_scroll_x == 0
        assert body.size.height > 15


async def test_the_search_of_actions_opens_it_over_the_dashboard() -> None:
    async with story([task(1, TaskState.RUNNING)], size=(100, 30)) as told:
        await told.press("question_mark", *"manual", "enter")
        await told.reads("what it takes")
        await told.press("q")
        assert not isinstance(told.app.screen, ManualScreen)
