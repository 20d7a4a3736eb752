"""A pytest plugin for mutmut: each mutant meets the tests of its own room and the simulation."""

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the mutant's room; the simulation is first where it finds most."""
    _, _, module = os.environ.get("MUTANT_UNDER_TEST", "").partition("pan123_tui.")
    room = module.partition(".")[0]
    if not room:
        return
    kept = [item for item in items if _room_of(item) in (room, "simulation")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(kept, key=lambda item: (_room_of(item) == "simulation") is (room == "domain"))


def _room_of(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath / "tests").parts[0]
