"""The table of tasks in a running app: painting, cursor, scrolling, marks and mouse."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.color import Color
from textual.pilot import Pilot

from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.ui.dashboard.task_table import LEAST_ROWS, RowWindow, TaskTable, follow_row
from pan123_tui.ui.dashboard.view import Rows
from pan123_tui.ui.theme import THEMES
from pan123_tui.wording.notes import NoteContext
from tests.ui.dashboard_stage import NOW, go_to, task
from tests.ui.stage import Stage, resize
from tests.ui.textual_private import painted, painted_anew


def make_task(number: int, **facts: Any) -> Task:
    known: dict[str, Any] = {"name": f"task {number:05}", "created_at": NOW - 100}
    return task(number, **(known | facts))


def make_tasks(count: int) -> dict[int, Task]:
    return {number: make_task(number) for number in range(1, count + 1)}


class Host(Stage):
    def __init__(self) -> None:
        self.received: list[object] = []
        self.table = TaskTable(lambda: self.received.append(("highlighted", self.table.cursor_id)))
        super().__init__([self.table])

    def on_data_table_row_selected(self) -> None:
        self.received.append(("selected", self.table.cursor_id))


@asynccontextmanager
async def running(
    tasks: dict[int, Task], order: Iterable[int] | None = None, *, size: tuple[int, int] = (120, 21)
) -> AsyncIterator[tuple[TaskTable, Pilot[None]]]:
    host = Host()
    table = host.table
    async with host.run_test(size=size) as pilot:
        table.focus()
        table.rows_shown = Rows(ids=tuple(order or tasks), tasks=tasks, notes=NoteContext(now=NOW))
        await pilot.pause()
        yield table, pilot


def show(table: TaskTable, ids: Iterable[int] | None = None, **changes: Any) -> None:
    """Show the table's tasks, or those with `ids`."""
    ids = table.order if ids is None else tuple(ids)
    table.rows_shown = replace(table.rows_shown, ids=ids, **({"goes_to": None} | changes))


def lines(table: TaskTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


def screen(pilot: Pilot[None]) -> list[str]:
    """Return the lines that the compositor holds."""
    width, height = pilot.app.size
    strips = painted(pilot.app)
    assert len(strips) == height
    assert all(strip.cell_length == width for strip in strips)
    return [strip.text for strip in strips]


def received(pilot: Pilot[None]) -> list[object]:
    assert isinstance(pilot.app, Host)
    return pilot.app.received


# Painting


async def test_a_change_is_shown_in_its_row_also_when_it_was_off_the_screen() -> None:
    tasks = make_tasks(100)
    async with running(tasks) as (table, pilot):
        tasks |= {n: replace(tasks[n], percent=n * 11.0) for n in (2, 3)}
        show(table)
        await pilot.pause()
        assert "33%" in screen(pilot)[3]
        await pilot.press("G")
        show(table)
        await pilot.press("g")
        assert "22%" in screen(pilot)[2]


async def test_ages_are_told_by_the_notes_and_a_task_that_has_gone_leaves_its_line_blank() -> None:
    tasks = make_tasks(30)
    async with running(tasks) as (table, pilot):
        assert "1 min" in screen(pilot)[5]
        show(table, notes=NoteContext(now=NOW + 500))
        await pilot.pause()
        assert "10 min" in screen(pilot)[5]
        del tasks[4]
        show(table, notes=NoteContext(now=NOW + 1))
        await pilot.pause()
        assert not screen(pilot)[4].strip()


Step = Callable[[TaskTable, Pilot[None]], Awaitable[object] | object]


STEPS: tuple[Step, ...] = (
    lambda _table, pilot: pilot.press("j"),
    lambda _table, pilot: pilot.press("G"),
    lambda _table, pilot: pilot.app.set_focus(None),
    lambda table, _pilot: table.focus(),
    lambda table, _pilot: table.add_class("-lost"),
    lambda _table, pilot: setattr(pilot.app, "theme", THEMES[1].name),
    lambda table, pilot: pilot.hover(table, offset=(30, 3)),
    lambda table, pilot: pilot.hover(table, offset=(30, 0)),
    lambda table, pilot: pilot.click(table, offset=(30, 4)),
    lambda table, _pilot: table.marks.add([2, 3, 90]),
    lambda table, _pilot: table.marks.clear(),
    lambda table, _pilot: show(table, list(table.order), query=Query(search="task")),
    lambda table, _pilot: show(table, list(table.order), query=Query(sort=SortKey.NAME)),
    lambda table, _pilot: show(table, list(table.order), query=Query(View.TROUBLE)),
    lambda table, _pilot: show(table, notes=NoteContext(now=NOW + 500)),
    lambda table, _pilot: table.scroll_to(y=30, animate=False),
    lambda table, _pilot: show(table, reversed(table.order), tasks=make_tasks(100)),
    lambda _table, pilot: resize(pilot, 70, 9),
    lambda table, _pilot: show(table, (7, 3), tasks=make_tasks(7)),
)


async def test_what_is_shown_is_what_a_plain_data_table_shows_after_each_step() -> None:
    async with running(make_tasks(100), size=(90, 14)) as (table, pilot):
        for step in STEPS:
            painted(pilot.app)  # what is remembered
            if isawaitable(done := step(table, pilot)):
                await done
            await pilot.pause()
            assert painted(pilot.app) == painted_anew(pilot.app, table)


# Cursor and scrolling


async def test_removing_rows_moves_the_cursor_to_the_next_task_or_to_the_one_before() -> None:
    tasks = make_tasks(10)
    async with running(tasks) as (table, pilot):
        go_to(table, 4)
        del tasks[4]
        show(table, tasks, tasks=tasks)
        assert table.cursor_id == 5
        go_to(table, 10)
        show(table, (1, 2, 3))
        assert table.cursor_id == 3
        show(table, (), tasks={})
        await pilot.press("j", "k", "G", "g", "enter")
        assert ("selected", None) not in received(pilot)
        assert table.visible_ids() == ()
        assert all(not line.strip() for line in lines(table)[1:])


async def test_walking_goes_on_past_the_ends_of_the_window() -> None:
    async with running(make_tasks(1400)) as (table, pilot):
        for key, end in (("pagedown", 241), ("pageup", 1)):
            for _ in range(12):
                await pilot.press(key)
                assert table.cursor_id in table.visible_ids()
                shown = [f"task {it:05}" for it in table.visible_ids()]
                assert all(map(str.__contains__, screen(pilot)[1:], shown))
            assert table.cursor_id == end
            assert table.row_count == LEAST_ROWS


async def test_who_scrolls_the_cursor_out_of_the_window_is_told_of_the_next_task() -> None:
    async with running(make_tasks(1400)) as (table, pilot):
        received(pilot).clear()
        for _ in range(12):
            table.scroll_to(y=table.scroll_y + table.size.height, animate=False)
            await pilot.pause()
        assert table.cursor_id != 1
        assert received(pilot)[-1] == ("highlighted", table.cursor_id)


async def test_the_cursor_follows_its_task_unless_it_is_to_stay_at_the_top() -> None:
    tasks = make_tasks(402)
    new, newest, order = 401, 402, tuple(range(1, 401))
    async with running(tasks, order) as (table, pilot):

        async def show_all(*ids: int, keeps_top: bool = False) -> None:
            show(table, ids, keeps_top=keeps_top)
            await pilot.pause()

        await show_all(new, *order, keeps_top=True)
        assert table.cursor_id == new
        await show_all(*order)
        assert table.cursor_id == 1, "the next one"
        await show_all(new, *order)
        assert (table.cursor_id, table.visible_ids()[0]) == (1, new), "with its room"
        go_to(table, 250)
        await pilot.pause()
        before = table.visible_ids()
        assert 250 in before[5:-5]
        await show_all(newest, new, *order, keeps_top=True)
        assert (table.cursor_id, table.visible_ids()) == (250, before)
        go_to(table, before[0])
        assert table.visible_ids() == before, "it is on the screen"
        below = before[-1] + 1
        go_to(table, below)
        await pilot.pause()
        assert below in table.visible_ids()[5:-5], "it was one row off the screen"
        for away_from in (250, newest):
            go_to(table, away_from)
            table.scroll_to(y=20, animate=False)
            await pilot.pause()
            before = table.visible_ids()
            assert away_from not in before
            await show_all(away_from, *before, *order[250:], keeps_top=True)
            assert (table.cursor_id, table.visible_ids()[0]) == (away_from, before[0])
            await show_all(newest, new, *order)


async def test_another_size_places_other_columns_and_still_shows_the_cursor() -> None:
    async with running(make_tasks(100)) as (table, pilot):
        assert "host" in screen(pilot)[0]
        await pilot.press(*["down"] * 18)
        await resize(pilot, 70, 10)
        assert table.cursor_id == 19
        assert any("task 00019" in line for line in screen(pilot))
        assert "host" not in screen(pilot)[0]


async def test_a_table_hidden_while_it_was_empty_shows_what_came_meanwhile() -> None:
    async with running({}) as (table, pilot):
        assert table.cursor_id is None
        table.display = False
        await pilot.pause()
        tasks = make_tasks(50)
        show(table, tasks, tasks=tasks)
        table.display = True
        table.focus()
        await pilot.pause()
        assert "task 00001" in screen(pilot)[1]
        await pilot.press("G")
        assert table.cursor_id == 50


async def test_an_order_that_shrinks_while_its_end_is_on_the_screen_shows_its_end() -> None:
    tasks = make_tasks(1100)
    async with running(tasks) as (table, pilot):
        await pilot.press("G")
        for total in (1090, 1001, 1000, 990, 700, 130, 90, 12, 1):
            show(table, range(1, total + 1))
            await pilot.pause()
            assert table.cursor_id == total
            assert table.visible_ids()[-1] == total


async def test_keys_move_the_cursor() -> None:
    async with running(make_tasks(100)) as (table, pilot):
        for key, task_id in (("j", 2), ("down", 3), ("k", 2), ("up", 1), ("G", 100), ("g", 1)):
            await pilot.press(key)
            assert table.cursor_id == task_id
            assert table.vertical_scrollbar.position == table.scroll_y


async def test_enter_and_clicks_move_and_choose() -> None:
    async with running(make_tasks(9)) as (table, pilot):
        received(pilot).clear()
        await pilot.press("j", "enter")
        assert received(pilot) == [("highlighted", 2), ("selected", 2)]
        received(pilot).clear()
        await pilot.click(table, offset=(30, 4))
        await pilot.click(table, offset=(30, 4))
        await pilot.click(table, offset=(30, 15))
        assert received(pilot) == [("highlighted", 4), ("selected", 4)]


# Cells


async def test_the_state_keeps_its_colour_under_the_cursor() -> None:
    tasks = {1: make_task(1, state=TaskState.FAILED), 2: make_task(2, state=TaskState.FAILED)}
    async with running(tasks) as (table, _):
        under, beside = (
            next(segment for segment in table.render_line(y) if "failed" in segment.text).style
            for y in (1, 2)
        )
        assert under is not None
        assert beside is not None
        assert under.color == beside.color
        assert under.bgcolor != beside.bgcolor


async def test_another_theme_restyles_the_rows() -> None:
    async with running(make_tasks(3)) as (table, pilot):
        before = table.render_line(2)
        pilot.app.theme = THEMES[1].name
        await pilot.pause()
        assert table.render_line(2).text == before.text
        state = next(part for part in table.render_line(2) if "running" in part.text)
        assert state.style is not None
        assert state.style.color == Color.parse(THEMES[1].variables["text-primary"])
        for name in ("ansi-dark", "nord"):  # "ansi_green", "auto 60%"
            pilot.app.theme = name
            await pilot.pause()
            assert table.render_line(2).text.strip(), name


async def test_without_colours_the_cursor_is_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(make_tasks(3)) as (table, _):
        under, beside = (next(iter(table.render_line(y))).style for y in (1, 2))
        assert under is not None
        assert under.reverse
        assert beside is not None
        assert not beside.reverse


# The rows that are held

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
