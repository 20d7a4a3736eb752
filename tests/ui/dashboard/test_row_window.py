"""The window on a long list, and rows that are followed."""

from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.dashboard.task_table import LEAST_ROWS, MANY_ROWS, RowWindow, follow_row

PAGE = 20
ORDERS = st.lists(st.integers(1, 50), unique=True)
PLACES = st.integers(0, 3000)


@given(PLACES, PLACES, st.integers(1, 3000), st.integers(1, 300))
def test_the_screen_is_always_within_the_window(
    first: int, top: int, total: int, page: int
) -> None:
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


def test_a_short_list_is_held_whole() -> None:
    window = RowWindow(7, LEAST_ROWS)
    assert window.around(80, page=PAGE, total=MANY_ROWS) == RowWindow(0, MANY_ROWS)


@given(ORDERS, ORDERS, st.integers(0, 60))
def test_a_task_that_stayed_is_followed(old: list[int], new: list[int], index: int) -> None:
    found = follow_row(index, old, new)
    if index < len(old) and old[index] in new:
        assert new[found] == old[index]
    assert 0 <= found < max(len(new), 1)


def test_after_a_removal_the_next_one_that_stayed_is_taken_then_the_one_before() -> None:
    assert follow_row(1, [5, 6, 7, 8], [5, 8]) == 1
    assert follow_row(3, [5, 6, 7, 8], [5, 6]) == 1
    assert follow_row(2, [5, 6, 7], []) == 0
