"""The simulation can fail: each planted fault is found, and the table says after how many runs."""

from pathlib import Path

import pytest

from tests.simulation.planted import FAULTS, Plant
from tests.simulation.scenario import scenario_of
from tests.simulation.simulation import SimulationFailed, play

pytestmark = pytest.mark.slow

MOST_RUNS = 1_000


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(
    plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    for seed in range(MOST_RUNS):
        try:
            play(scenario_of(seed), tmp_path)
        except SimulationFailed as failed:
            if " broke: " in str(failed):
                pytest.fail("the fault itself does not fit the program")
            words = str(failed).partition(": ")[2].partition(":")[0]
            name = plant.__name__.replace("_", " ")
            print(f"\n| {name} | {seed + 1} | {words} |")
            return
    pytest.fail(f"not found in {MOST_RUNS} runs")
