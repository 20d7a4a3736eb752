"""Point 3: the time from a key to its paint, and the longest block of the event loop."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyte

from tests.bench.figures import Figure
from tests.bench.stream import CHANGES_PER_S, our_dashboard, usual_dashboard
from tests.bench.watched import COLUMNS, ROWS, Watched

PRESSES = 80
PRESS_INTERVAL_S = 0.0937
"""Not a divisor of a second, so that presses spread evenly over the once-a-second paint."""
FIRST_ROW, COLUMN = 2, 40


def figures() -> Iterator[Figure]:
    """Measure moving the cursor, sorting, and the longest block of the event loop."""
    usual_ms = _cursor_p95_ms(usual_dashboard(changes_per_s=CHANGES_PER_S), presses=20)
    at_rest_ms = _cursor_p95_ms(our_dashboard(changes_per_s=0))
    with TemporaryDirectory() as folder:
        report = Path(folder) / "longest"
        busy = our_dashboard(changes_per_s=CHANGES_PER_S, report=str(report))
        busy_ms = _cursor_p95_ms(busy)
        longest_ms = float(report.read_text())
    yield Figure(3, "p95 from j to the cursor, 200 changes/s", usual_ms, busy_ms, "ms", 100)
    what = "the same against our own at rest"
    yield Figure(3, what, at_rest_ms, busy_ms, "ms", 1.5, is_ratio=True)
    yield Figure(3, "longest block of the loop, 200 changes/s", None, longest_ms, "ms", 50)
    usual_ms = _refill_ms(usual_dashboard(changes_per_s=0), "S", "#9999 ", "#0 ")
    what = "sorting 10,000 tasks in reverse"
    ours_ms = _refill_ms(our_dashboard(changes_per_s=0), "S", "Show 416 - 14", "newest-of-all")
    yield Figure(3, what, usual_ms, ours_ms, "ms", 0.1, is_ratio=True)
    ours_ms = _refill_ms(our_dashboard(changes_per_s=0), "2", "Show 41 - 16", "newest-of-all")
    yield Figure(3, "another view of 10,000 tasks", usual_ms, ours_ms, "ms", 0.1, is_ratio=True)


def _cursor_p95_ms(watched: Watched, presses: int = PRESSES) -> float:
    """Move down and up row by row; return the p95 from the key to the painted cursor."""
    pressed: list[float] = []
    with watched as program:
        program.wait_for("progress")
        time.sleep(5.0)
        for count in range(presses):
            pressed.append(program.send("j" if count // 20 % 2 == 0 else "k"))
            time.sleep(PRESS_INTERVAL_S if presses == PRESSES else 4 * PRESS_INTERVAL_S)
        time.sleep(0.5)
        chunks = list(program.chunks)
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    moves: list[float] = []
    row = None
    for at, data in chunks:
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


def _refill_ms(watched: Watched, key: str, awaited: str, before: str) -> float:
    with watched as program:
        program.wait_for(before)
        time.sleep(3.0)
        at = program.send(key)
        return 1000 * (program.wait_for(awaited, since=at) - at)
