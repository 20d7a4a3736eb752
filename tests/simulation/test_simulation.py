"""Years of the program's life under seeded faults: it sends exactly once and loses nothing."""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.simulation.scenario import KILLS, scenario_of
from tests.simulation.simulation import Outcome, SimulationFailed, play

EVERYDAY_RUNS = 100
ROW = 20
"""Everyday runs in one test, so that several processes share them."""
MENDED = (15248, 416164, 519302, 822176)
"""Seeds of long runs that once found a fault which no planted one stands for."""
SLOW_RUNS = 20_000
BATCH = 500


def play_some(seeds: range, folder: Path) -> Outcome:
    """Play a row of seeds and give what they were made of."""
    total = Outcome()
    for seed in seeds:
        try:
            total.add(play(scenario_of(seed), folder / str(seeds.start)))
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
def test_every_promise_holds_in_twenty_thousand_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batches = [range(first, first + BATCH) for first in range(0, SLOW_RUNS, BATCH)]
    total = Outcome()
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        for outcome in processes.map(play_some, batches, [tmp_path] * len(batches)):
            total.add(outcome)
    counts = (total.counts, total.checks, total.ends)
    with capsys.disabled():
        days = total.counts["seconds"] // 86_400
        print(f"\n{SLOW_RUNS} runs, {days} days")
        for row in counts:
            print(", ".join(f"{number} {key}" for key, number in row.most_common()))
    assert not total.failures, "\n".join(total.failures)
