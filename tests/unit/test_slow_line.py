"""When a line counts as slow: what waits to be written, look by look."""

import pytest

from pan123_tui.ui.slow_line import Backlog, SlowLine


def proved(*looks: tuple[int, int]) -> list[bool]:
    """Tell of each look, as (waiting, taken), whether it was the one that proved the line slow."""
    line = SlowLine()
    return [line.proves(Backlog(*look)) for look in looks]


def test_a_backlog_in_three_looks_in_a_row_proves_it() -> None:
    assert proved((4, 10), (5, 12), (3, 15)) == [False, False, True]


def test_it_is_proved_once() -> None:
    looks = [(9, n) for n in range(1, 9)]
    assert proved(*looks, (0, 20), *((9, n) for n in range(21, 30))).count(True) == 1


@pytest.mark.parametrize("looks", [[(0, 10)] * 20, [(0, n) for n in range(20)]])
def test_rest_and_a_line_that_keeps_up_prove_nothing(looks: list[tuple[int, int]]) -> None:
    assert not any(proved(*looks))


def test_one_write_on_its_way_at_each_look_proves_nothing() -> None:
    assert not any(proved(*[(1, n) for n in range(20)]))


def test_a_single_large_paint_proves_nothing() -> None:
    assert not any(proved((0, 10), (8, 12), (6, 14), (0, 20), (7, 22), (0, 30)))


def test_a_terminal_that_was_suspended_proves_nothing() -> None:
    stopped = [(waiting, 10) for waiting in range(2, 30)]
    assert not any(proved((0, 10), *stopped, (20, 19), (0, 40), (0, 41)))


def test_a_paint_that_takes_longer_than_two_looks_does_not_interrupt_the_proof() -> None:
    assert proved((5, 10), (6, 10), (6, 11), (6, 11), (6, 12))[-1]
