"""The time from a key to its paint, and what 200 changes a second off the screen cost."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pyte

from tests.bench.figures import Figure
from tests.bench.terminal import stock_app
from tests.bench.watched import COLUMNS, ROWS, Watched

TASKS, ACTIVE, CHANGES_PER_S = 10_000, 1_000, 200
PRESSES = 80
PRESS_INTERVAL_S = 0.0937
"""Not a divisor of a second, so that presses spread evenly over the once-a-second paint."""
FIRST_ROW, COLUMN = 2, 40
REFILLS = 3
SEARCH = "-jpg -zip 1080p .mkv"
"""Twenty letters that leave nearly all tasks."""


def figures() -> Iterator[Figure]:
    """Measure moving the cursor, sorting, and how busy and how long blocked the loop is."""
    usual_ms = _cursor_p95_ms(_usual_dashboard(CHANGES_PER_S), presses=20)
    at_rest_ms = _cursor_p95_ms(_our_dashboard())
    with TemporaryDirectory() as folder:
        report = Path(folder) / "longest"
        busy_ms = _cursor_p95_ms(_our_dashboard(CHANGES_PER_S, f"--report={report}"))
        longest_ms = _longest_block_ms(report)
    yield Figure("p95 from j to the cursor, 200 changes/s", usual_ms, busy_ms, "ms", "100 ms")
    yield Figure("the same against our own at rest", at_rest_ms, busy_ms, "ms", "1.5 ×")
    yield Figure("longest block of the loop, 200 changes/s", None, longest_ms, "ms", "50 ms")
    usual, here = (_cpu_percent(it(CHANGES_PER_S)) for it in (_usual_dashboard, _our_dashboard))
    yield Figure("processor, 200 changes/s off the screen", usual, here, "%", "5 %")
    usual = _refill_ms(_usual_dashboard, "S", "Show 0 - 01")
    here = _refill_ms(_our_dashboard, "S", "added ▴")
    yield Figure("sorting 10,000 tasks in reverse", usual, here, "ms", "0.1 ×")
    here = _refill_ms(_our_dashboard, "2", "Show 41 - 16")
    yield Figure("another view of 10,000 tasks", usual, here, "ms", "0.1 ×")
    yield Figure("search of 10,000 tasks, from enter", None, _search_ms(), "ms", "100 ms")


def _search_ms() -> float:
    """Return the median of the milliseconds from enter, at once after the text, to the hits."""
    took_ms = []
    for _ in range(REFILLS):
        with _our_dashboard() as program:
            program.wait_for(f"all {TASKS:,}")
            program.take(1.0)
            program.send("/")
            program.take(1.0)
            at = program.send(f"{SEARCH}\r")
            took_ms.append(1000 * (program.wait_for("9,999 of 10,000", since=at) - at))
    return median(took_ms)


def _longest_block_ms(report: Path) -> float:
    blocks = (map(float, line.split()) for line in report.read_text().splitlines())
    return max((ms for _at, ms in blocks), default=0.0)


def _our_dashboard(changes_per_s: int = 0, *options: str) -> Watched:
    """Run the dashboard with 10,000 tasks on an engine that only publishes changes."""
    command = [sys.executable, "-m", "tests.bench.ours", f"--changes={changes_per_s}", *options]
    return Watched(command)


def _usual_dashboard(changes_per_s: int = 0) -> Watched:
    """Run the stock app with as many."""
    return stock_app(f"--rows={TASKS}", f"--active={ACTIVE}", f"--polls={changes_per_s}")


def _cpu_percent(watched: Watched) -> float:
    with watched as program:
        program.wait_for("added ▾")
        program.take(5.0)
        used_s, at = program.cpu_s, time.monotonic()
        program.take(8.0)
        return 100 * (program.cpu_s - used_s) / (time.monotonic() - at)


def _cursor_p95_ms(watched: Watched, presses: int = PRESSES) -> float:
    """Move down and up row by row; return the p95 from the key to the painted cursor."""
    pressed: list[float] = []
    with watched as program:
        program.wait_for("added ▾")
        program.take(5.0)
        for count in range(presses):
            pressed.append(program.send("j" if count // 20 % 2 == 0 else "k"))
            program.take(PRESS_INTERVAL_S if presses == PRESSES else 4 * PRESS_INTERVAL_S)
        program.take(0.5)
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    moves: list[float] = []
    row = None
    for at, data in program.chunks:
        stream.feed(data)
        if (now := _cursor_row(screen)) != row and now is not None:
            row = now
            moves.append(at)
    waits = [min(later) - at for at in pressed if (later := [m for m in moves if m > at])]
    return 1000 * sorted(waits)[int(0.95 * len(waits))]


def _cursor_row(screen: pyte.Screen) -> int | None:
    """Return the row whose background differs from that of the other rows."""
    grounds = [screen.buffer[y][COLUMN].bg for y in range(FIRST_ROW, ROWS - 4)]
    usual = max(set(grounds), key=grounds.count)
    return next((y for y, ground in enumerate(grounds) if ground != usual), None)


def _refill_ms(run: Callable[[], Watched], key: str, awaited: str) -> float:
    """Return the median of the milliseconds from `key` to `awaited`."""
    took_ms = []
    for _ in range(REFILLS):
        with run() as program:
            program.wait_for("newest-of-all")
            program.take(3.0)
            at = program.send(key)
            took_ms.append(1000 * (program.wait_for(awaited, since=at) - at))
    return median(took_ms)
