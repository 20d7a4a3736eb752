"""The tabs of the views."""

import pytest
from textual import on

from pan123_tui.ui.dashboard.view_tabs import ViewCount, ViewTabs, layout_tabs
from tests.ui.stage import Stage, shown

VIEWS: list[ViewCount] = [
    ("all", "All", 12345),
    ("active", "Active", 3),
    ("failed", "Failed", 2),
    ("waiting", "Waiting", 0),
    ("succeeded", "Succeeded", 12340),
    ("stalled", "Stalled", 1),
]


class _Tabs(Stage):
    def __init__(self) -> None:
        self.tabs = ViewTabs()
        self.tabs.views, self.tabs.chosen = VIEWS, "all"
        self.chosen: list[str] = []
        super().__init__([self.tabs])

    @on(ViewTabs.ViewChosen)
    def record(self, event: ViewTabs.ViewChosen) -> None:
        self.chosen.append(event.key)


async def test_a_wide_line_names_the_key_the_view_and_its_count() -> None:
    app = _Tabs()
    async with app.run_test(size=(140, 12)):
        line = shown(app).splitlines()[0]
        assert line == (
            " 1:All 12,345  2:Active 3  3:Failed 2  4:Waiting 0  5:Succeeded 12,340  6:Stalled 1"
        )


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (72, " All 12,345  Active 3  Failed 2  Waiting 0  Succeeded 12,340  Stalled 1"),
        (60, " All 12,345  ▸ 3  Failed 2  ◊ 0  √ 12,340  = 1"),
        (50, " All 12,345  ▸ 3  Failed 2  ◊ 0  √ 12,340  = 1"),
        (40, " All  ▸  Failed 2  ◊  √  ="),
    ],
)
async def test_on_a_short_line_only_the_chosen_view_is_named_and_the_others_have_signs(
    columns: int, line: str
) -> None:
    app = _Tabs()
    async with app.run_test(size=(columns, 12)) as pilot:
        app.tabs.chosen = "failed"
        await pilot.pause()
        assert shown(app).splitlines()[0] == line


async def test_with_few_tasks_the_narrowest_line_has_all_counts() -> None:
    app = _Tabs()
    async with app.run_test(size=(40, 12)):
        app.tabs.views = [(key, label, 20) for key, label, _ in VIEWS]
        assert shown(app).splitlines()[0] == " All 20  ▸ 20  × 20  ◊ 20  √ 20  = 20"


def test_the_tabs_lose_detail_step_by_step_and_never_a_view() -> None:
    for cells in range(40, 141):
        tabs = layout_tabs(VIEWS, "succeeded", cells)
        assert [tab.key for tab in tabs] == [key for key, _, _ in VIEWS]
        assert tabs[-1].end <= cells
        assert "Succeeded" in tabs[4].text


async def test_a_click_asks_for_its_view_and_leaves_the_mark_to_whoever_answers() -> None:
    app = _Tabs()
    async with app.run_test(size=(140, 12)) as pilot:
        await pilot.click(ViewTabs, offset=(18, 0))
        await pilot.click(ViewTabs, offset=(130, 0))
        assert app.chosen == ["active"]
        assert app.tabs.chosen == "all"


@pytest.mark.paints
async def test_counts_are_repainted_only_when_they_change() -> None:
    app = _Tabs()
    async with app.run_test(size=(140, 12)) as pilot:
        painted = []
        render = app.tabs.render
        app.tabs.render = lambda: painted.append(1) or render()  # type: ignore[func-returns-value, method-assign]
        app.tabs.views = list(VIEWS)
        app.tabs.chosen = "all"
        await pilot.pause()
        assert not painted
        app.tabs.views = [("all", "All", 1), *VIEWS[1:]]
        await pilot.pause()
        assert painted
        assert "1:All 1 " in shown(app)
