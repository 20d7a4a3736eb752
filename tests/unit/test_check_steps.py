"""Within which time all was checked, in steps that seldom change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.widgets.check_steps import EASE, STEPS_S, is_busy, step_for

ages = st.floats(0, 2 * STEPS_S[-1])
MINUTE = 60


@pytest.mark.parametrize(
    ("age_s", "step_s"),
    [
        (0, 2 * MINUTE),
        (120, 2 * MINUTE),
        (121, 5 * MINUTE),
        (400, 10 * MINUTE),
        (3 * 3600, 6 * 3600),
        (2 * 86400, None),
    ],
)
def test_the_least_step_that_holds_is_said_first(age_s: float, step_s: float | None) -> None:
    assert step_for(age_s, None) == step_s


@given(st.lists(ages, min_size=1))
def test_what_is_said_is_true_at_every_moment(story: list[float]) -> None:
    said = None
    for age_s in story:
        said = step_for(age_s, said)
        assert age_s <= said if said is not None else age_s > STEPS_S[-1]


@pytest.mark.parametrize("edge_s", STEPS_S[:-1])
def test_an_age_that_hovers_at_an_edge_changes_the_words_once(edge_s: float) -> None:
    said = step_for(edge_s - 1, None)
    steps = []
    for age_s in [edge_s + 1, edge_s - 1] * 50:
        said = step_for(age_s, said)
        steps.append(said)
    assert len(set(steps)) == 1


def test_an_age_well_within_a_lesser_step_is_said_with_it() -> None:
    assert step_for(5 * MINUTE * EASE + 1, 10 * MINUTE) == 10 * MINUTE
    assert step_for(5 * MINUTE * EASE, 10 * MINUTE) == 5 * MINUTE
    assert step_for(5, 10 * MINUTE) == 2 * MINUTE


def test_a_use_of_the_budget_that_hovers_at_the_edge_is_busy_all_the_time() -> None:
    assert not is_busy(0.7, was_busy=False)
    assert is_busy(0.8, was_busy=False)
    assert is_busy(0.7, was_busy=True)
    assert not is_busy(0.5, was_busy=True)
