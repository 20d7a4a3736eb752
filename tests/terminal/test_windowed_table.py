"""A window of rows moves with the screen; cursor and scrolling follow the ids."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment, Segments
from textual.pilot import Pilot

from pan123_tui.terminal.windowed_table import LEAST_ROWS, RowWindow, WindowedTable, follow_row
from tests.ui.stage import Stage, resize, shown


class Names(WindowedTable[str]):
    """Shows each id and the width, in two columns."""

    BINDINGS = [("g", "to_row(0)"), ("G", "to_row(-1)")]  # noqa: RUF012 - Textual's type
    sign, label = ".", "id"
    followed: object = None

    def follow_cursor(self) -> None:
        self.followed = self.order, self.cursor_id

    def place_columns(self, width: int) -> None:
        self.add_column(self.label, width=width - 8, key="id")
        self.add_column("width", width=8, key="width")

    def render_row(self, row_id: str) -> list[Segments]:
        return [Segments([Segment(text)]) for text in (row_id + self.sign, str(self.size.width))]


def names(numbers: Iterable[int]) -> list[str]:
    return [f"name {number}" for number in numbers]


@asynccontextmanager
async def running(order: Iterable[str]) -> AsyncIterator[tuple[Names, Pilot[None]]]:
    table = Names(cell_padding=0)
    table.styles.height = "100%"
    async with Stage([table]).run_test(size=(60, 21)) as pilot:
        table.focus()
        table.show_order(list(order))
        await pilot.pause()
        yield table, pilot


async def test_walking_goes_on_past_the_ends_of_the_window() -> None:
    order = names(range(1, 1401))
    async with running(order) as (table, pilot):
        for key, end in (("pagedown", 241), ("pageup", 1)):
            for _ in range(12):
                await pilot.press(key)
                await pilot.pause()
                assert table.cursor_id in table.visible_ids()
                lines = [line.split()[:2] for line in shown(pilot.app).splitlines()[1:]]
                assert [" ".join(it) for it in lines] == [f"{it}." for it in table.visible_ids()]
            assert table.cursor_id == f"name {end}"
            assert table.row_count == LEAST_ROWS


async def test_the_cursor_follows_its_id_unless_it_is_to_stay_at_the_top() -> None:
    order = names(range(1, 401))
    async with running(order) as (table, pilot):
        table.show_order(["new", *order], keeps_top=True)
        assert table.followed == (("new", *order), "new")
        table.show_order(order)
        assert table.followed == (tuple(order), "name 1"), "the next one"
        table.show_order(["new", *order])
        assert (table.cursor_id, table.visible_ids()[0]) == ("name 1", "new"), "with its room"
        table.move_to("name 250")
        await pilot.pause()
        before = table.visible_ids()
        assert "name 250" in before[5:-5]
        table.show_order(["newest", "new", *order], keeps_top=True)
        await pilot.pause()
        assert (table.cursor_id, table.visible_ids()) == ("name 250", before)
        table.move_to(before[0])
        assert table.visible_ids() == before, "it is on the screen"
        below = table.order[table.order.index(before[-1]) + 1]
        table.move_to(below)
        await pilot.pause()
        assert below in table.visible_ids()[5:-5], "it was one row off the screen"
        for away_from in ("name 250", "newest"):
            table.move_to(away_from)
            table.scroll_to(y=20, animate=False)
            await pilot.pause()
            before = table.visible_ids()
            assert away_from not in before
            table.show_order([away_from, *before, *order[250:]], keeps_top=True)
            assert (table.cursor_id, table.visible_ids()[0]) == (away_from, before[0])
            table.show_order(["newest", "new", *order])
        table.move_to("name 250")
        table.show_order([it for it in order if it != "name 250"])
        table.move_to("gone")
        assert table.cursor_id == "name 251"
        await pilot.press("down")
        assert table.followed == (table.order, "name 252")


async def test_what_changes_is_filled_anew_where_it_is_seen_and_elsewhere_when_it_is() -> None:
    async with running(names(range(1, 101))) as (table, pilot):
        table.label = "no"
        table.lay_out(anew=True)
        await pilot.pause()
        assert shown(pilot.app).split()[:2] == ["no", "width"]
        table.relabel({"id": "who"})
        await pilot.pause()
        assert shown(pilot.app).split()[:2] == ["who", "width"]
        table.sign = "!"
        table.fill({"name 2", "name 99"})
        await pilot.pause()
        _top, *lines = shown(pilot.app).splitlines()
        assert [line.split()[1] for line in lines[:3]] == ["1.", "2!", "3."]
        await pilot.press("G")
        await pilot.pause()
        assert "name 99!" in shown(pilot.app)


async def test_another_size_places_other_columns_and_still_shows_the_cursor() -> None:
    async with running(names(range(1, 101))) as (table, pilot):
        await pilot.press(*["down"] * 18)
        await resize(pilot, 50, 10)
        assert table.cursor_id == "name 19"
        assert "name 19." in shown(pilot.app)
        assert {line.split()[2] for line in shown(pilot.app).splitlines()[1:]} == {"50"}


async def test_a_table_hidden_while_it_was_empty_shows_what_came_meanwhile() -> None:
    async with running([]) as (table, pilot):
        assert table.cursor_id is None
        table.display = False
        await pilot.pause()
        table.show_order(names(range(1, 51)))
        table.display = True
        table.focus()
        await pilot.pause()
        assert "name 1." in shown(pilot.app)
        await pilot.press("G")
        assert table.cursor_id == "name 50"


async def test_an_order_that_shrinks_while_its_end_is_on_the_screen_shows_its_end() -> None:
    order = names(range(1, 1101))
    async with running(order) as (table, pilot):
        await pilot.press("G")
        for total in (1090, 1001, 1000, 990, 700, 130, 90, 12, 1):
            table.show_order(order[:total])
            await pilot.pause()
            assert table.cursor_id == f"name {total}"
            assert table.visible_ids()[-1] == f"name {total}"


PAGE = 20
ORDERS = st.lists(st.integers(1, 50), unique=True)
PLACES = st.integers(0, 3000)


@given(PLACES, PLACES, st.integers(1, 3000), st.integers(1, 300))
def test_the_screen_is_within_the_window(first: int, top: int, total: int, page: int) -> None:
    top = min(top, max(total - page, 0))
    found = RowWindow(first, LEAST_ROWS).around(top, page=page, total=total)
    assert 0 <= found.first <= top
    assert min(top + page, total) <= found.first + found.size <= total


@given(st.integers(0, 1980))
def test_the_screen_has_room_to_go_on_in_the_window(top: int) -> None:
    found = RowWindow().around(top, page=PAGE, total=2000)
    end = found.first + found.size
    assert found.size == LEAST_ROWS
    assert found.first == 0 or top - found.first >= LEAST_ROWS // 5
    assert end == 2000 or end - (top + PAGE) >= LEAST_ROWS // 5


def test_the_window_stays_while_the_screen_is_well_inside() -> None:
    window = RowWindow(200, LEAST_ROWS)
    assert window.around(240, page=PAGE, total=2000) == window


@pytest.mark.parametrize(
    ("index", "new", "found"),
    [(0, [9, 1, 2, 3], 1), (0, [3, 2], 1), (2, [2, 1], 0), (1, [1, 2, 3], 1), (3, [1, 2], 0)],
)
def test_a_row_is_followed_to_its_id_or_the_next(index: int, new: list[int], found: int) -> None:
    assert follow_row(index, [1, 2, 3], new) == found


@given(ORDERS, ORDERS, st.integers(0, 60))
def test_an_id_that_stayed_is_followed(old: list[int], new: list[int], index: int) -> None:
    found = follow_row(index, old, new)
    if index < len(old) and old[index] in new:
        assert new[found] == old[index]
    assert 0 <= found < max(len(new), 1)
