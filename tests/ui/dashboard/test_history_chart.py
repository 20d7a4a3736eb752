"""The chart of a percentage over time."""

from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.task import Sample
from pan123_tui.ui.dashboard.history import chart

FULL = "⣿"


def _line(*percents: float) -> list[Sample]:
    return [Sample(float(at), percent) for at, percent in enumerate(percents)]


def test_a_steady_rise_is_drawn_as_a_slope() -> None:
    history = [Sample(at / 10, at * 10.0) for at in range(11)]
    assert chart(history, 5, 2) == ["  ⢀⣤⣾", "⣠⣴⣿⣿⣿"]


def test_only_a_hundred_percent_reaches_the_top_and_what_is_begun_is_seen() -> None:
    assert chart(_line(100, 100), 2, 1) == [FULL * 2]
    assert chart(_line(99.9, 99.9), 2, 1) == ["⣶⣶"]
    assert chart(_line(0.1, 0.1), 2, 1) == ["⣀⣀"]
    assert chart(_line(0, 0), 2, 1) == ["  "]


def test_a_percentage_holds_until_the_next_one_was_seen() -> None:
    history = [Sample(0, 100), Sample(10, 0), Sample(20, 0)]
    assert chart(history, 4, 1) == ["⣿⡇  "]


def test_without_a_span_of_time_there_is_nothing_to_draw() -> None:
    assert chart([], 10, 4) == []
    assert chart([Sample(5, 50)], 10, 4) == []
    assert chart([Sample(5, 50), Sample(5, 60)], 10, 4) == []


@given(
    st.lists(st.tuples(st.floats(0, 2e9), st.floats(-50, 150)), min_size=2, max_size=64),
    st.integers(1, 80),
    st.integers(1, 6),
)
def test_a_chart_fills_exactly_its_place(
    points: list[tuple[float, float]], cells: int, rows: int
) -> None:
    history = sorted(Sample(*point) for point in points)
    drawn = chart(history, cells, rows)
    assert not drawn or [len(row) for row in drawn] == [cells] * rows
