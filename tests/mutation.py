"""A pytest plugin for mutmut: each mutant meets the quick tests of its own room and the simulation.

What has killed a mutant of the same function before comes first, then the module's own tests, then
what is quickest. A mutant that survives meets them all, so what took long at first is left out.
"""

import json
import math
import os
from collections.abc import Collection
from pathlib import Path

import pytest

LONGEST_S = {"domain": 0.5, "engine": 0.4, "store": 1.0, "api": 0.4}
"""By room: the engine has a hundred tests that wait."""
QUICK_S = 2.0
KILLERS = Path("mutmut-killers.txt").absolute()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests for the room of the mutant, the most promising first."""
    mutant = _mutant()
    if mutant == "fail":  # everything raises: one file shows it
        config.args[:] = ["tests/domain/test_task.py"]
    if mutant and "." not in mutant:
        return
    took_s = json.loads(Path("mutmut-stats.json").read_text())["duration_by_test"]
    rooms = [mutant.split(".")[1]] if mutant else LONGEST_S
    killers = _killers(mutant)
    own = f"/test_{mutant.split('.')[2]}.py" if mutant else "(none)"
    kept = [
        test
        for test in config.args
        if own in test or took_s.get(test, 0.0) <= _longest_s(test, rooms)
    ]

    def order(test: str) -> tuple[bool, bool, float]:
        return test not in killers, own not in test, took_s.get(test, 0.0)

    config.args[:] = sorted(kept or config.args, key=order)  # some are called from other rooms only


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember which test has killed a mutant of which function, unless it took long to fail."""
    if report.failed and report.duration < QUICK_S and "." in _mutant():
        with KILLERS.open("a") as killers:
            killers.write(f"{_function_of(_mutant())} {report.nodeid}\n")


def _longest_s(test: str, rooms: Collection[str]) -> float:
    """Return how long a test may take that a mutant of one of `rooms` meets."""
    room = Path(test).parts[1]
    if room == "simulation":  # the engine meets all its seeds
        return math.inf if "engine" in rooms else 1.0
    return LONGEST_S[room] if room in rooms else -1.0


def _mutant() -> str:
    """Return the mutant under test, or a word of mutmut's for its other runs."""
    return os.environ.get("MUTANT_UNDER_TEST", "")


def _killers(mutant: str) -> set[str]:
    if not KILLERS.exists():
        return set()
    pairs = [line.split(" ", 1) for line in KILLERS.read_text().splitlines()]
    return {test for function, test in pairs if function == _function_of(mutant)}


def _function_of(mutant: str) -> str:
    return mutant.partition("__mutmut_")[0]
