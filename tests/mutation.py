"""A pytest plugin for mutmut: each mutant meets the quick tests of its own room and the simulation.

A mutant that survives meets them all, so what took long in the first run is left out.
"""

import json
import os
from pathlib import Path

import pytest

QUICK_S = 0.4


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests for the room of the mutant, the quickest first."""
    mutant = os.environ.get("MUTANT_UNDER_TEST", "")
    if mutant == "fail":  # everything raises: one folder shows it
        del config.args[1:]
    if "." not in mutant:
        return
    room = mutant.split(".")[1]
    took_s = json.loads(Path("mutmut-stats.json").read_text())["duration_by_test"]
    kept = [
        test
        for test in config.args
        if _room_of(test) == "simulation" or (_room_of(test) == room and took_s[test] <= QUICK_S)
    ]
    config.args[:] = sorted(kept, key=took_s.__getitem__)


def _room_of(test: str) -> str:
    return Path(test).parts[1]
