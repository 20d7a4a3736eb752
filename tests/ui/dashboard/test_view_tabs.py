"""The tabs of the views."""

import pytest
from textual import on

from pan123_tui.domain.query import Query, View
from pan123_tui.ui.dashboard.view_tabs import ViewCount, ViewTabs, layout_tabs
from tests.ui.stage import Stage, shown

VIEWS: list[ViewCount] = [
    ("all", "all", 12345),
    ("active", "active", 3),
    ("trouble", "trouble", 2),
    ("done", "done", 12340),
]


class _Tabs(Stage):
    def __init__(self) -> None:
        self.tabs = ViewTabs()
        self.tabs.views = VIEWS
        self.chosen: list[str] = []
        super().__init__([self.tabs])

    @on(ViewTabs.ViewChosen)
    def record(self, event: ViewTabs.ViewChosen) -> None:
        self.chosen.append(event.key)


async def test_a_wide_line_names_the_key_the_view_and_its_count() -> None:
    app = _Tabs()
    async with app.run_test(size=(140, 12)):
        line = shown(app).splitlines()[0]
        assert line == " 1:all 12,345  2:active 3  3:trouble 2  4:done 12,340"


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (50, " all 12,345  active 3  trouble 2  done 12,340"),
        (40, " all 12,345  ▸ 3  trouble 2  √ 12,340"),
        (28, " all  ▸  trouble 2  √"),
    ],
)
async def test_on_a_short_line_only_the_chosen_view_is_named_and_the_others_have_signs(
    columns: int, line: str
) -> None:
    app = _Tabs()
    async with app.run_test(size=(columns, 12)) as pilot:
        app.tabs.list_query = Query(View.TROUBLE)
        await pilot.pause()
        assert shown(app).splitlines()[0] == line


async def test_with_few_tasks_the_narrowest_line_has_all_counts() -> None:
    app = _Tabs()
    async with app.run_test(size=(40, 12)):
        app.tabs.views = [(key, label, 20) for key, label, _ in VIEWS]
        assert shown(app).splitlines()[0] == " all 20  active 20  trouble 20  done 20"


def test_the_tabs_lose_detail_step_by_step_and_never_a_view() -> None:
    for cells in range(30, 141):
        tabs = layout_tabs(VIEWS, "done", cells)
        assert [tab.key for tab in tabs] == [key for key, _, _ in VIEWS]
        assert tabs[-1].end <= cells
        assert "done" in tabs[3].text


async def test_a_click_asks_for_its_view_and_leaves_the_mark_to_whoever_answers() -> None:
    app = _Tabs()
    async with app.run_test(size=(140, 12)) as pilot:
        await pilot.click(ViewTabs, offset=(18, 0))
        await pilot.click(ViewTabs, offset=(130, 0))
        assert app.chosen == ["active"]
        assert app.tabs.list_query.view is View.ALL


@pytest.mark.paints
async def test_counts_are_repainted_only_when_they_change() -> None:
    app = _Tabs()
    async with app.run_test(size=(140, 12)) as pilot:
        painted = []
        render = app.tabs.render
        app.tabs.render = lambda: painted.append(1) or render()  # type: ignore[func-returns-value, method-assign]
        app.tabs.views = list(VIEWS)
        app.tabs.list_query = Query()
        await pilot.pause()
        assert not painted
        app.tabs.views = [("all", "all", 1), *VIEWS[1:]]
        await pilot.pause()
        assert painted
        assert "1:all 1 " in shown(app)
