"""The window of rows that a long list holds, and the row that follows its task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.dashboard.row_window import LEAST_ROWS, RowWindow, follow_row

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
