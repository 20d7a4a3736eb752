"""How late the end of a task is noticed, in a seeded simulation: the same on any machine."""

from pan123_tui.domain.schedule import Schedule
from tests.bench.polling import RoundRobin, Simulation, World


def test_the_ends_of_a_hundred_tasks_are_noticed_within_seconds() -> None:
    result = Simulation(World(100, hours=0.75), Schedule()).run()
    assert len(result.delays_s) > 50
    assert result.mean_s <= 3.5
    assert result.p95_s <= 9
    assert result.max_s <= 40


def test_the_ends_of_a_thousand_tasks_are_noticed_several_times_sooner_than_in_turns() -> None:
    world = World(1000, hours=1.0)
    ours = Simulation(world, Schedule()).run()
    in_turns = Simulation(world, RoundRobin()).run()
    assert ours.mean_s <= 0.24 * in_turns.mean_s
    assert ours.p95_s <= 0.32 * in_turns.p95_s
    assert ours.max_s <= 300
    assert ours.lag <= 0.3 * in_turns.lag


def test_silent_tasks_are_found_too() -> None:
    result = Simulation(World(1000, hours=1.0, silent=0.3), Schedule()).run()
    assert result.mean_s <= 65
    assert result.max_s <= 420


def test_draining_takes_less_than_half_the_requests() -> None:
    world = World(200, is_drained=True)
    ours = Simulation(world, Schedule()).run()
    in_turns = Simulation(world, RoundRobin()).run()
    assert len(ours.delays_s) == len(in_turns.delays_s) == 200
    assert ours.requests <= 0.42 * in_turns.requests


def test_slow_and_lost_answers_do_no_more_than_their_share_of_harm() -> None:
    world = World(300, hours=0.75, latency_s=5.0, errors=0.05)
    ours = Simulation(world, Schedule()).run()
    in_turns = Simulation(world, RoundRobin()).run()
    assert ours.mean_s <= 0.6 * in_turns.mean_s
