"""Fitting items of different importance into one line."""

from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.widgets.styled_text import StatusItem, fitted_line

items = st.lists(
    st.builds(
        StatusItem,
        st.integers(0, 100),
        st.lists(st.text("ab中 ", max_size=20), min_size=1, max_size=4).map(tuple),
    ),
    max_size=5,
)


def test_the_least_important_item_gives_way_first() -> None:
    store = StatusItem(90, ("nothing is saved", "unsaved"))
    budget = StatusItem(10, ("reads 60%", "60%", ""))
    assert fitted_line([store], [budget], 30).plain == "nothing is saved     reads 60%"
    assert fitted_line([store], [budget], 24).plain == "nothing is saved     60%"
    assert fitted_line([store], [budget], 18).plain == "nothing is saved"
    assert fitted_line([store], [budget], 10).plain == "unsaved"


def test_a_line_that_never_fits_is_cut_with_a_sign() -> None:
    assert fitted_line([StatusItem(1, ("abcdef",))], [], 4).plain == "abc…"


@given(items, items, st.integers(0, 60))
def test_no_line_is_ever_wider_than_its_place(
    left: list[StatusItem], right: list[StatusItem], cells: int
) -> None:
    assert fitted_line(left, right, cells).cell_length <= cells
