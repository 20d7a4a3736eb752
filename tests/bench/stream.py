"""The dashboard and the stock app at 200 changes per second, without requests and files."""

import sys
import time
from functools import cache

from tests.bench.runs import stock_app
from tests.bench.watched import Watched

TASKS, ACTIVE, CHANGES_PER_S = 10_000, 1_000, 200


def our_dashboard(*, changes_per_s: int, report: str = "") -> Watched:
    """Run the dashboard with 10,000 tasks on an engine that only publishes changes."""
    options = [f"--changes={changes_per_s}", *([f"--report={report}"] if report else [])]
    return Watched([sys.executable, "-m", "tests.bench.ours", *options])


def usual_dashboard(*, changes_per_s: int) -> Watched:
    """Run the stock app with as many."""
    options = [f"--rows={TASKS}", f"--active={ACTIVE}", "--off-screen"]
    return stock_app(*options, f"--polls={changes_per_s}")


@cache
def cpu_of_stream() -> tuple[float, float]:
    """Return the percentages of a core used by the stock app and by the dashboard."""
    return _cpu(usual_dashboard(changes_per_s=CHANGES_PER_S)), _cpu(
        our_dashboard(changes_per_s=CHANGES_PER_S)
    )


def _cpu(watched: Watched) -> float:
    with watched as program:
        program.wait_for("progress")
        time.sleep(5)
        used_s, at = program.cpu_s, time.monotonic()
        time.sleep(8)
        return 100 * (program.cpu_s - used_s) / (time.monotonic() - at)
