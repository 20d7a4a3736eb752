"""How late the end of a task is noticed, in a seeded simulation."""

from typing import NamedTuple

import pytest

from pan123_tui.domain.schedule import Schedule
from tests.bench.polling import CALLBACK_DELAY_S, RoundRobin, Simulation, World


class InTurns(NamedTuple):
    """What asking in turns comes to."""

    mean_s: float
    p95_s: float
    lag: float
    requests: int


THOUSAND = World(1000, hours=1.0)
DRAINED = World(200, is_drained=True)
TROUBLED = World(300, hours=0.75, late=0.1, errors=0.05, hangs=0.005)
IN_TURNS = {
    THOUSAND: InTurns(100.89, 190.63, 8.915, 18_000),
    DRAINED: InTurns(9.52, 29.38, 0.513, 64_593),
    TROUBLED: InTurns(54.73, 127.05, 5.186, 8_065),
}
"""The same every time, so written down; a slow test measures it again."""


def test_the_ends_of_a_hundred_tasks_are_noticed_within_seconds() -> None:
    result = Simulation(World(100, hours=0.75), Schedule()).run()
    assert len(result.delays_s) > 50
    assert result.mean_s <= 3.5
    assert result.p95_s <= 9
    assert result.max_s <= 40


def test_the_ends_of_a_thousand_tasks_are_noticed_several_times_sooner_than_in_turns() -> None:
    ours, in_turns = Simulation(THOUSAND, Schedule()).run(), IN_TURNS[THOUSAND]
    assert ours.mean_s <= 0.24 * in_turns.mean_s
    assert ours.p95_s <= 0.32 * in_turns.p95_s
    assert ours.max_s <= 300
    assert ours.lag <= 0.3 * in_turns.lag


def test_silent_tasks_are_found_too() -> None:
    result = Simulation(World(1000, hours=1.0, no_progress=0.3), Schedule()).run()
    assert result.mean_s <= 65
    assert result.max_s <= 420


def test_draining_takes_less_than_half_the_requests() -> None:
    ours, in_turns = Simulation(DRAINED, Schedule()).run(), IN_TURNS[DRAINED]
    assert len(ours.delays_s) == 200
    assert ours.requests <= 0.42 * in_turns.requests


def test_late_and_lost_answers_do_no_more_than_their_share_of_harm() -> None:
    ours, in_turns = Simulation(TROUBLED, Schedule()).run(), IN_TURNS[TROUBLED]
    assert ours.mean_s <= 0.5 * in_turns.mean_s


def test_one_process_is_never_told_that_it_asks_too_often() -> None:
    for world in (World(100, hours=0.25), World(1000, hours=0.25, late=0.1)):
        assert Simulation(world, Schedule()).run().refused == 0


@pytest.mark.parametrize("rivals", [1, 3])
def test_processes_that_share_a_quota_come_to_equal_shares_with_few_refusals(rivals: int) -> None:
    result = Simulation(World(300, hours=1.0, other_processes=rivals), Schedule()).run()
    assert result.share == pytest.approx(1 / (1 + rivals), rel=0.3)
    assert result.refused <= 0.1 * result.requests


def test_a_callback_tells_of_each_end_at_once() -> None:
    result = Simulation(World(300, hours=0.5, has_callbacks=True), Schedule()).run()
    assert result.max_s <= CALLBACK_DELAY_S + 2


@pytest.mark.slow
@pytest.mark.parametrize("world", IN_TURNS)
def test_asking_in_turns_still_comes_to_what_is_written_down(world: World) -> None:
    result = Simulation(world, RoundRobin()).run()
    measured = (result.mean_s, result.p95_s, result.lag, result.requests)
    assert measured == pytest.approx(IN_TURNS[world], rel=0.001)
