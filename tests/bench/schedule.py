"""Point 7: how late the end of a task is noticed; all worlds: `python -m tests.bench.schedule`."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter

from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import Task, TaskState
from tests.bench.figures import Figure
from tests.bench.polling import ORDERS, Result, Simulation, World

WORLDS = {
    "100 tasks": (World(100), "3.5 / 9 / 40 s"),
    "1,000 tasks": (World(1000), "22 / 55 / 300 s, 2.2 points"),
    "1,000, another seed": (World(1000, seed=2), "22 / 55 / 300 s, 2.2 points"),
    "1,000 steady": (World(1000, unevenness=0.0), ""),
    "1,000 very uneven": (World(1000, unevenness=1.0), ""),
    "1,000, 30 % silent": (World(1000, no_progress=0.3), "65 / – / 420 s"),
    "1,000 drained": (World(1000, is_drained=True), "0.42 × the requests"),
    "1,000, 5 % late": (World(1000, late=0.05), ""),
    "1,000, all late": (World(1000, latency_s=5.0), ""),
    "1,000, 5 % errors": (World(1000, errors=0.05), ""),
    "1,000, 1 % unanswered": (World(1000, hangs=0.01), ""),
    "1,000, a second process": (World(1000, other_processes=1), ""),
    "1,000, three more": (World(1000, other_processes=3), ""),
    "1,000, a deaf 2.5/s": (World(1000, unthrottled_process_per_s=2.5), ""),
    "100, callbacks": (World(100, has_callbacks=True), ""),
    "1,000, callbacks": (World(1000, has_callbacks=True), ""),
}


SEEDS = range(1, 6)
LIMITS: dict[str, dict[str, float]] = {
    "100 tasks": {"mean delay": 3.5, "p95": 9, "longest": 40},
    "1,000 tasks": {"mean delay": 22, "p95": 55, "longest": 300, "visible rows behind by": 2.2},
    "1,000, 30 % silent": {"mean delay": 65, "longest": 420},
    "1,000, callbacks": {"mean delay": 22, "p95": 55, "longest": 300},
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
    for name, aims in LIMITS.items():
        usual, ours = (_runs(WORLDS[name][0], order) for order in ORDERS)
        refused += sum(run.refused for run in ours)
        for what, limit in aims.items():
            worst, ours_worst = (max(map(MEASURES[what], runs)) for runs in (usual, ours))
            unit = "points" if what.startswith("visible") else "s"
            yield Figure(7, f"{name}: {what}", worst, ours_worst, unit, limit)
    yield Figure(7, "429 in all of these", None, refused, "", 0)
    world = WORLDS["1,000 drained"][0]
    requests, ours_took = (Simulation(world, new()).run().requests for new in ORDERS.values())
    what = "requests to drain 1,000 tasks"
    yield Figure(7, what, requests, ours_took, "", 0.42, is_ratio=True)


def _runs(world: World, order: str) -> list[Result]:
    return [Simulation(replace(world, seed=seed), ORDERS[order]()).run() for seed in SEEDS]


def main() -> None:
    """Print a row for each world and order, then the cost of a poll."""
    print(
        f"{'':25}{'order':12}{'mean':>7}{'p95':>7}{'max':>7} s{'points':>8}{'requests':>10}"
        f"{'429':>7}{'share':>7}"
    )
    for name, (world, target) in WORLDS.items():
        for order, kind in ORDERS.items():
            result = Simulation(world, kind()).run()
            print(
                f"{name:25}{order:12}{result.mean_s:7.1f}{result.p95_s:7.1f}{result.max_s:7.1f}  "
                f"{result.lag:8.1f}{result.requests:10,}{result.refused:7,}{result.share:7.0%}"
                + (f"   target {target}" if order == "ours" and target else ""),
                flush=True,
            )
    for count in (100, 1_000, 10_000):
        print(f"one poll of {count:,} tasks: {cost_of_a_poll_s(count) * 1e6:.0f} µs")


def cost_of_a_poll_s(count: int, polls: int = 20_000) -> float:
    """Measure the processor time of choosing a task and recording its answer among `count`."""
    schedule = Schedule()
    tasks = {
        number: Task(
            id=number, url="", created_at=0, sent_at=0, checked_at=0, state=TaskState.RUNNING
        )
        for number in range(1, count + 1)
    }
    for task in tasks.values():
        schedule.track(task, 0.0)
    started = time.process_time()
    for poll in range(polls):
        now = poll / 5
        if (task_id := schedule.next_due(now)) is not None:
            schedule.record_success(tasks[task_id], now)
    return (time.process_time() - started) / polls


if __name__ == "__main__":
    main()
