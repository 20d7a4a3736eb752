"""How late the end of a task is noticed, in a seeded simulation."""

import pytest

from tests.bench.polling import Simulation, World


def test_the_ends_of_a_hundred_tasks_are_noticed_within_seconds() -> None:
    result = Simulation(World(100, hours=0.75)).run()
    assert len(result.delays_s) > 50
    assert result.mean_s <= 3.5
    assert result.p95_s <= 9
    assert result.max_s <= 40


def test_the_ends_of_a_thousand_tasks_are_noticed_several_times_sooner_than_in_turns() -> None:
    """Asking in turns comes to 101, 191 and 8.9."""
    result = Simulation(World(1000, hours=0.6)).run()
    assert result.mean_s <= 28
    assert result.p95_s <= 64
    assert result.max_s <= 300
    assert result.lag <= 2.8


def test_silent_tasks_are_found_too() -> None:
    result = Simulation(World(1000, hours=0.3, no_progress=0.3)).run()
    assert result.mean_s <= 65
    assert result.max_s <= 420


def test_one_process_is_never_told_that_it_asks_too_often() -> None:
    for world in (World(100, hours=0.25), World(1000, hours=0.25, late=0.1)):
        assert Simulation(world).run().refused == 0


def test_processes_that_share_a_quota_come_to_equal_shares_with_few_refusals() -> None:
    result = Simulation(World(300, hours=1.0, other_processes=3)).run()
    assert result.share == pytest.approx(1 / 4, rel=0.3)
    assert result.refused <= 0.1 * result.requests
