"""How late the end of a task is noticed, on a simulated clock, beside asking in turns."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter

from tests.bench.figures import Figure
from tests.bench.polling import ORDERS, Result, Simulation, World

SEEDS = range(1, 6)
AIMS: dict[str, tuple[World, dict[str, float]]] = {
    "100 tasks": (World(100), {"mean delay": 3.5, "p95": 9, "longest": 40}),
    "1,000 tasks": (
        World(1000),
        {"mean delay": 22, "p95": 55, "longest": 300, "visible rows behind by": 2.2},
    ),
    "1,000, 30 % silent": (World(1000, no_progress=0.3), {"mean delay": 65, "longest": 420}),
    "1,000, callbacks": (
        World(1000, has_callbacks=True),
        {"mean delay": 22, "p95": 55, "longest": 300},
    ),
}
MEASURES: dict[str, Callable[[Result], float]] = {
    "mean delay": attrgetter("mean_s"),
    "p95": attrgetter("p95_s"),
    "longest": attrgetter("max_s"),
    "visible rows behind by": attrgetter("lag"),
}


def figures() -> Iterator[Figure]:
    """Compare with round-robin, on a simulated clock; each value is the worst of five seeds."""
    refused = 0
    for name, (world, aims) in AIMS.items():
        usual, ours = (_runs(world, order) for order in ORDERS)
        refused += sum(run.refused for run in ours)
        for what, limit in aims.items():
            worst, ours_worst = (max(map(MEASURES[what], runs)) for runs in (usual, ours))
            unit = "points" if what.startswith("visible") else "s"
            yield Figure(f"{name}: {what}", worst, ours_worst, unit, limit)
    yield Figure("429 in all of these", None, refused, "", 0)
    drained = World(1000, is_drained=True)
    requests, ours_took = (Simulation(drained, new()).run().requests for new in ORDERS.values())
    what = "requests to drain 1,000 tasks"
    yield Figure(what, requests, ours_took, "", 0.42, is_ratio=True)


def _runs(world: World, order: str) -> list[Result]:
    return [Simulation(replace(world, seed=seed), ORDERS[order]()).run() for seed in SEEDS]
