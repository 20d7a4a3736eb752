"""Cells fill their columns, columns fill the width, and only differing cells are painted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui import i18n
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.visible import width
from pan123_tui.ui.widgets.columns import Place, TaskColumn, label, place_at, places
from pan123_tui.ui.widgets.lines import GAP, Cell, Line, Run, changed_spans
from pan123_tui.ui.widgets.task_cells import TONES, Look, cell

NOW = 1_750_000_000.0
TASKS = st.builds(
    Task,
    id=st.integers(1),
    url=st.text(),
    name=st.text(),
    created_at=st.floats(0, 2 * NOW),
    state=st.sampled_from(TaskState),
    status=st.none() | st.integers(0, 10**6),
    percent=st.floats(0, 100),
    task_id=st.none() | st.integers(1),
    folder_id=st.none() | st.integers(1),
    sent_at=st.none() | st.floats(0, NOW),
    checked_at=st.none() | st.floats(0, NOW),
)


def text(parts: Cell) -> str:
    return "".join(run.text for run in parts)


@given(TASKS, st.integers(60, 200), st.text(max_size=3), st.booleans())
def test_every_cell_fills_its_column_exactly(
    task: Task, total: int, needle: str, is_ascii: bool
) -> None:
    look = Look(NOW, is_ascii, needle, {1: "文件夹"})
    for place in places(total):
        drawn = cell(place, task, look, is_marked=True)
        assert width(text(drawn)) == place.width
        assert all(run.tone in (*TONES, "") for run in drawn)


@given(st.integers(60, 400))
def test_the_columns_fill_the_width(total: int) -> None:
    row = places(total)
    assert sum(place.width for place in row) + GAP * (len(row) - 1) == total


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wider_screens_have_more_columns(language: str) -> None:
    i18n.use(language)
    try:
        counts = [len(places(total)) for total in (40, 60, 100, 140)]
    finally:
        i18n.use("en")
    assert counts == [4, 5, 7, 10]


@pytest.mark.parametrize("total", [40, 50, 59, 60, 80, 100, 139, 140])
def test_the_name_has_room_at_every_width(total: int) -> None:
    names = [place.width for place in places(total) if place.column is TaskColumn.NAME]
    assert names[0] >= 15


def test_every_column_but_the_marks_has_a_heading() -> None:
    assert [column for column in TaskColumn if not label(column)] == [TaskColumn.MARK]


def test_a_cell_of_the_screen_belongs_to_the_column_drawn_there() -> None:
    row = (Place(TaskColumn.MARK, 1), Place(TaskColumn.NAME, 10))
    assert place_at(row, 0) == row[0]
    assert place_at(row, 3) == row[1]
    assert place_at(row, 40) is None


def test_only_the_part_of_a_cell_that_differs_is_painted() -> None:
    was = Line(((Run("name"),), (Run("##", "running"), Run("--", "track"), Run(" 50%"))))
    now = Line(((Run("name"),), (Run("##", "running"), Run("--", "track"), Run(" 51%"))))
    spans = changed_spans(was, now)
    assert spans is not None
    assert list(spans) == [(4 + GAP + 4, 4)]


def test_a_cell_whose_parts_moved_is_painted_whole() -> None:
    was = Line(((Run("##", "running"), Run("--", "track")), (Run("x"),)))
    now = Line(((Run("###", "running"), Run("-", "track")), (Run("x"),)))
    spans = changed_spans(was, now)
    assert spans is not None
    assert list(spans) == [(0, 4)]


def test_a_line_that_the_cursor_reaches_is_painted_whole() -> None:
    assert changed_spans(Line(((Run("x"),),)), Line(((Run("x"),),), has_cursor=True)) is None
