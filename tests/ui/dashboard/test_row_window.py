"""The window on a long list, rows that are followed, and ranges of marks."""

from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.dashboard.marks import Selection
from pan123_tui.ui.dashboard.row_window import follow_row, window_start

SIZE, PAGE = 100, 20
ORDERS = st.lists(st.integers(1, 50), unique=True)


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 2000))
def test_the_screen_is_always_within_the_window(
    start: int, cursor: int, top: int, total: int
) -> None:
    cursor, top = min(cursor, total - 1), min(top, max(total - PAGE, 0))
    start = min(start, max(total - SIZE, 0))
    found = window_start(start, cursor=cursor, top=top, page=PAGE, total=total, size=SIZE)
    assert 0 <= found <= max(total - SIZE, 0)
    assert found <= top
    assert min(top + PAGE, total) <= found + SIZE


@given(st.integers(0, 900), st.integers(0, 19))
def test_a_cursor_on_the_screen_is_within_the_window_with_room_to_go_on(
    top: int, line: int
) -> None:
    found = window_start(0, cursor=top + line, top=top, page=PAGE, total=1000, size=SIZE)
    assert found == 0 or top - found >= SIZE // 5
    assert found == 900 or found + SIZE - (top + PAGE) >= SIZE // 5


def test_the_window_stays_while_the_screen_is_well_inside() -> None:
    assert window_start(200, cursor=245, top=240, page=PAGE, total=1000, size=SIZE) == 200


def test_a_short_view_is_held_whole() -> None:
    assert window_start(7, cursor=90, top=80, page=PAGE, total=100, size=SIZE) == 0


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


def test_a_range_whose_beginning_is_not_in_the_view_begins_again() -> None:
    begun = Selection().extended(4, [1, 2, 3, 4])
    assert begun.extended(2, [1, 2, 3]) == Selection(frozenset({4, 2}), range_from=2)


def test_a_removed_task_ends_the_range_that_it_began() -> None:
    assert Selection(frozenset({4}), range_from=4).restricted_to({1, 2}) == Selection()
