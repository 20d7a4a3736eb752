"""The tabs of the views."""

from collections.abc import Mapping

import pytest

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.view_tabs import ViewTabs
from tests.ui.dashboard_stage import story, task
from tests.ui.stage import Stage, shown

MANY = {View.ALL: 12345, View.ACTIVE: 3, View.TROUBLE: 2, View.DONE: 12340}
FEW = dict.fromkeys(View, 20)


@pytest.mark.parametrize(
    ("columns", "views", "line"),
    [
        (140, MANY, " 1:all 12,345  2:active 3  3:trouble 2  4:done 12,340"),
        (50, MANY, " all 12,345  active 3  trouble 2  done 12,340"),
        (40, FEW, " all 20  active 20  trouble 20  done 20"),
    ],
)
async def test_tabs_lose_their_keys_where_there_is_no_room(
    columns: int, views: Mapping[View, int], line: str
) -> None:
    tabs = ViewTabs()
    async with Stage([tabs]).run_test(size=(columns, 12)) as pilot:
        tabs.counts, tabs.list_query = views, Query(View.TROUBLE)
        await pilot.pause()
        assert shown(pilot.app).splitlines()[0] == line


async def test_a_click_shows_its_view() -> None:
    async with story([task(1), task(2, TaskState.FAILED)]) as told:
        await told.pilot.click(ViewTabs, offset=(25, 0))
        await told.sees(lambda: told.names == ["part-02.iso"])
        await told.pilot.click(ViewTabs, offset=(100, 0))
        assert told.names == ["part-02.iso"]
