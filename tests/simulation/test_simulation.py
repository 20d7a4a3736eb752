"""Years of the program's life under seeded faults: it sends exactly once and loses nothing."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.simulation.month import month_of
from tests.simulation.scenario import KILLS, Scenario, scenario_of
from tests.simulation.simulation import Outcome, SimulationFailed, play

EVERYDAY_RUNS = 100
ROW = 20
"""Everyday runs in one test, so that several processes share them."""
MENDED = (15248, 416164, 519302, 822176)
"""Seeds of long runs that once found a fault which no planted one stands for."""


def play_some(seeds: range, folder: Path, make: Callable[[int], Scenario] = scenario_of) -> Outcome:
    """Play a row of seeds and give what they were made of."""
    total = Outcome()
    for seed in seeds:
        try:
            total.add(play(make(seed), folder / str(seeds.start)))
        except SimulationFailed as failed:
            total.failures.append(str(failed))
    return total


@pytest.mark.parametrize("first", range(0, EVERYDAY_RUNS, ROW))
def test_every_promise_holds_in_each_run(tmp_path: Path, first: int) -> None:
    total = play_some(range(first, first + ROW), tmp_path)
    assert not total.failures, "\n".join(total.failures)
    assert sum(total.counts[kill] for kill in KILLS) > ROW


def test_what_a_long_run_has_found_stays_mended(tmp_path: Path) -> None:
    for seed in MENDED:
        play(scenario_of(seed), tmp_path)


def test_a_seed_replays_exactly(tmp_path: Path) -> None:
    first, second = (play(scenario_of(7), tmp_path) for _ in range(2))
    assert first == second
    assert first.trace


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "runs", "batch"),
    [(scenario_of, 20_000, 500), (month_of, 12, 1)],
    ids=["runs", "months"],
)
def test_every_promise_holds_for_years(
    tmp_path: Path, make: Callable[[int], Scenario], runs: int, batch: int
) -> None:
    batches = [range(first, first + batch) for first in range(0, runs, batch)]
    total = Outcome()
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        for outcome in processes.map(partial(play_some, folder=tmp_path, make=make), batches):
            total.add(outcome)
    print(f"\n{runs} runs, {total.counts['seconds'] // 86_400} days")
    for row in (total.counts, total.checks, total.ends):
        print(", ".join(f"{number} {key}" for key, number in row.most_common()))
    assert not total.failures, "\n".join(total.failures)
