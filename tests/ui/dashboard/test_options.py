"""Options and sizes: any width, ASCII only, a screen that is too small."""

import itertools
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec.structs import replace
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets import Input

from pan123_tui import i18n
from pan123_tui.config.schema import Ui
from pan123_tui.config.settings import Settings
from pan123_tui.domain.task import TaskState
from pan123_tui.system.clipboard import ClipboardFailure
from pan123_tui.terminal.textual_private import withdraw
from pan123_tui.ui.dashboard.status_bar import StatusBar
from pan123_tui.ui.theme import VERTICAL_BREAKPOINTS
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.actions import clipboard_text
from tests.ui.dashboard_stage import Story, go_to, on_its_way, story, task
from tests.ui.stage import resize
from tests.ui.textual_private import Toast

S = TaskState
ALL_STATES = [task(n, state) for n, state in enumerate(TaskState, 1)]
PLAIN = Settings(ui=Ui(ascii=True))


async def test_when_everything_is_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with story([task(1)]) as told:
        forget = Mock()
        monkeypatch.setattr(told.app, "forget_screen", forget)
        told.app.app_resume_signal.publish(told.app)
        await told.sees(lambda: forget.call_count == 1)
        await told.press("ctrl+l")
        assert forget.call_count == 2
        await resize(told.pilot, 100, 30)
        assert forget.call_count > 2


async def test_the_details_are_beside_the_table_where_there_is_room() -> None:
    async with story([on_its_way(1)], size=(80, 30)) as told:
        await told.press("enter")
        for cells, is_beside in ((80, False), (140, True)):
            await resize(told.pilot, cells, 30)
            table, detail = told.dashboard.table.region, told.dashboard.panel.detail.region
            assert (detail.x >= table.right) is is_beside
            assert (detail.y >= table.bottom) is not is_beside
            assert "https://example.com/" in told.text


async def test_a_small_screen_shows_all_that_a_message_says() -> None:
    async with story(size=(50, 15)) as told:
        text = "2 links queued again: they are sent."  # a line, if there is no scrollbar
        told.app.notify(text, timeout=60, markup=False)
        await told.reads(text)
        told.app.clear_notifications()
        said = clipboard_text(ClipboardFailure.NO_TOOL)
        assert len(said) > 2 * 50
        told.app.notify(said, timeout=60, markup=False)
        await told.sees(lambda: said in " ".join(told.text.replace("▌", "").split()))


async def test_every_screen_is_drawn_in_ascii_where_that_is_asked_for() -> None:
    async with story(ALL_STATES, size=(140, 30), settings=PLAIN) as told:
        table = told.dashboard.table
        go_to(table, next(t.id for t in ALL_STATES if t.state is S.FAILED))
        for keys in ([], ["enter"], ["escape", "f1"], ["escape", "a"], ["escape", "slash"]):
            await told.press(*keys)
            assert _non_ascii(told.text) == set()
            fields = [*told.app.screen.query(Input)]
            assert len(fields) >= (keys[-1:] in (["f1"], ["a"], ["slash"]))
            assert not any(field.cursor_blink for field in fields)


def _non_ascii(text: str) -> set[str]:
    """Return the characters beyond ASCII, without the Chinese name of the service's folder."""
    return set(text.replace("离线下载", "").replace("来自", "")) - {
        chr(code) for code in range(128)
    }


@pytest.mark.parametrize("size", [(50, 14), (80, 24), (100, 30)])
async def test_messages_cover_neither_rows_nor_keys_nor_each_other(size: tuple[int, int]) -> None:
    async with story([task(n) for n in range(1, 40)], size=size) as told:
        await told.press("G")
        is_short = size[1] < VERTICAL_BREAKPOINTS[-1][0]
        several_lines = "A text that needs several lines on a small screen. " * 2
        for text in ("one too many", "first", several_lines, "last"):
            told.app.notify(text, timeout=60, markup=False)
        covered = {
            (): "TaskTable, StatusBar, KeyBar",
            ("question_mark",): ".dialog",
            ("escape", "comma"): "#settings-body, #settings-help, KeyBar",
            ("escape", "a"): "#add-body, #add-summary, KeyBar",
        }
        for keys, widgets in covered.items():
            await told.press(*keys)
            await told.sees(lambda: len(_shown_toasts(told.app.screen)) == (1 if is_short else 3))
            regions = [it.region for it in told.app.screen.query(widgets)]
            for region, other in itertools.combinations(
                (*regions, *_shown_toasts(told.app.screen)), 2
            ):
                assert not region.overlaps(other), told.text
        await told.press("escape")
        told.app.notify(several_lines, timeout=60, markup=False)  # the review took the others away
        await told.reads("several lines")
        await told.reads("part-01.iso")  # the cursor stays in sight


async def test_a_message_covers_no_key_of_the_smallest_screen_and_nothing_that_is_asked() -> None:
    async with story([task(1)], size=(40, 12)) as told:
        for text in ("first", "A long text that needs several lines. " * 4):
            told.app.notify(text, timeout=60, markup=False)
        await told.sees(lambda: _shown_toasts(told.app.screen))
        toast = _shown_toasts(told.app.screen)[-1]
        assert toast.size == (40, 4)
        assert toast.y >= told.dashboard.query_one(StatusBar).region.bottom
        assert toast.bottom <= told.dashboard.query_one(KeyBar).region.y
        for key in ("s", "question_mark"):
            await told.press(key)
            await told.sees(lambda: _shown_toasts(told.app.screen))
            toast = _shown_toasts(told.app.screen)[-1]
            (box,) = told.app.screen.query(".dialog")
            assert toast.size == (40, 1)
            assert not toast.overlaps(box.region)
            await told.press("escape")


async def test_what_a_message_took_is_given_back_and_a_former_one_is_not_shown_again() -> None:
    async with story([task(1)], size=(50, 15)) as told:
        await told.reads("part-01.iso")
        rows = told.dashboard.table.size.height
        told.app.notify("former", timeout=60, markup=False)
        told.app.notify("latest", timeout=60, markup=False)
        await told.reads("latest")
        withdraw(told.app, "latest")
        await told.sees(lambda: told.dashboard.table.size.height == rows)
        assert "former" not in told.text


def _shown_toasts(screen: Screen[Any]) -> list[Region]:
    return [toast.region for toast in screen.query(Toast) if toast.region]


TASKS = [
    on_its_way(1, batch="b"),
    task(2, TaskState.FAILED, batch="b"),
    task(3, TaskState.SUCCEEDED, batch="b"),
]


async def switch_to_chinese(told: Story) -> None:
    i18n.set_language("zh")
    told.app.settings_changed.publish({"ui.language"})
    await told.pilot.pause()


async def test_in_another_language_cursor_marks_query_and_details_stay() -> None:
    async with story(TASKS) as told:
        await told.press("space", "j", "space", "S", "enter")
        before = view_state(told)
        assert "1 of 3" in told.text
        await switch_to_chinese(told)
        assert " of " not in told.text
        await told.reads("进行中")
        assert "d 移出列表 2" in told.footer
        assert view_state(told) == before
        of_all = told.dashboard.panel.list_query
        await told.press("3", "S")
        trouble = told.dashboard.panel.list_query
        await switch_to_chinese(told)
        await told.press("1")
        query = replace(told.dashboard.panel.list_query, other_order=None)
        assert query == of_all, "each tab keeps its order"
        await told.press("3")
        assert told.dashboard.panel.list_query == trouble
        await told.sees(lambda: len(told.names) == 1)
        told.engine.end(1, TaskState.FAILED)
        await told.sees(lambda: len(told.names) == 2)


def view_state(told: Story) -> tuple[object, ...]:
    table, panel = told.dashboard.table, told.dashboard.panel
    query = panel.list_query
    return table.cursor_id, table.marks.ids, table.order, query, panel.is_detail_open
