"""Point 7: how late the end of a task is noticed; all worlds: `python -m tests.bench.schedule`."""

import time
from collections.abc import Iterator

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
    "1,000, 30 % silent": (World(1000, silent=0.3), "65 / – / 420 s"),
    "1,000 drained": (World(1000, is_drained=True), "0.42 × the requests"),
    "1,000, 5 s latency": (World(1000, latency_s=5.0), ""),
    "1,000, 5 % unanswered": (World(1000, errors=0.05), ""),
    "1,000, half the quota": (World(1000, quota=0.5), ""),
}


def figures() -> Iterator[Figure]:
    """Compare with round-robin, on a simulated clock."""
    for name, mean_s, p95_s, max_s in (("100 tasks", 3.5, 9, 40), ("1,000 tasks", 22, 55, 300)):
        usual, ours = _both(WORLDS[name][0])
        yield Figure(7, f"{name}: mean delay", usual.mean_s, ours.mean_s, "s", mean_s)
        yield Figure(7, f"{name}: p95", usual.p95_s, ours.p95_s, "s", p95_s)
        yield Figure(7, f"{name}: longest", usual.max_s, ours.max_s, "s", max_s)
    yield Figure(7, "1,000 tasks: visible rows behind by", usual.lag, ours.lag, "points", 2.2)
    usual, ours = _both(WORLDS["1,000, 30 % silent"][0])
    yield Figure(7, "1,000, 30 % silent: mean delay", usual.mean_s, ours.mean_s, "s", 65)
    yield Figure(7, "1,000, 30 % silent: longest", usual.max_s, ours.max_s, "s", 420)
    usual, ours = _both(WORLDS["1,000 drained"][0])
    what = "requests to drain 1,000 tasks"
    yield Figure(7, what, usual.requests, ours.requests, "", 0.42, is_ratio=True)


def _both(world: World) -> tuple[Result, Result]:
    usual, ours = (Simulation(world, kind()).run() for kind in ORDERS.values())
    return usual, ours


def main() -> None:
    """Print a line for each world and order, then what a pick costs."""
    print(f"{'':24}{'order':14}{'mean':>7}{'p95':>7}{'max':>7} s{'points':>8}{'requests':>10}")
    for name, (world, target) in WORLDS.items():
        for order, kind in ORDERS.items():
            result = Simulation(world, kind()).run()
            print(
                f"{name:24}{order:14}{result.mean_s:7.1f}{result.p95_s:7.1f}{result.max_s:7.1f}  "
                f"{result.lag:8.1f}{result.requests:10,}"
                + (f"   target {target}" if order == "ours" and target else ""),
                flush=True,
            )
    for count in (100, 1_000, 10_000):
        print(f"one poll of {count:,} tasks: {cost_of_a_poll_s(count) * 1e6:.0f} µs")


def cost_of_a_poll_s(count: int, polls: int = 20_000) -> float:
    """Measure the processor time of a pick and its answer among `count` tasks."""
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
        if (task_id := schedule.pick(now)) is not None:
            schedule.answered(tasks[task_id], now)
    return (time.process_time() - started) / polls


if __name__ == "__main__":
    main()
