"""How the poller gives way after "429", and comes back."""

import pytest

from pan123_tui.engine.restraint import LEAST, Restraint


def test_without_a_refusal_the_whole_rate_is_used() -> None:
    restraint = Restraint()
    assert restraint.share(0.0) == restraint.share(1e6) == 1


def test_a_refusal_takes_a_part_at_once_which_comes_back_within_half_a_minute() -> None:
    restraint = Restraint()
    restraint.refused(0.5)
    assert restraint.share(0.5) == pytest.approx(0.7)
    assert restraint.share(15.5) == pytest.approx(0.85)
    assert restraint.share(31.0) == 1


def test_refusals_that_were_on_the_wire_together_count_once() -> None:
    restraint = Restraint()
    for _ in range(3):
        restraint.refused(100.0)
    assert restraint.share(100.0) == pytest.approx(0.7)


def test_one_refusal_after_the_other_leaves_a_tenth() -> None:
    restraint = Restraint()
    for turn in range(50):
        restraint.refused(100.0 + 3 * turn)
    assert restraint.share(247.0) == pytest.approx(LEAST, abs=0.01)
