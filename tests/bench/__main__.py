"""Prints the cost of the baseline and of the program with the limit: `python -m tests.bench`.

Numbers select points: `python -m tests.bench 1 6`.
"""

import platform
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench import bytes as terminal_bytes
from tests.bench import cpu, keys, memory, schedule, start, store
from tests.bench.figures import HEADINGS, Figure

POINTS: dict[int, Callable[[], Iterator[Figure]]] = {
    1: terminal_bytes.figures,
    2: cpu.figures,
    3: keys.figures,
    4: start.figures,
    5: memory.figures,
    6: store.figures,
    7: schedule.figures,
}


def main() -> None:
    """Measure and print."""
    chosen = {int(word) for word in sys.argv[1:]} or set(POINTS)
    started = time.monotonic()
    print(time.strftime("%Y-%m-%d"), platform.machine(), f"Python {platform.python_version()}")
    print(HEADINGS)
    for number, figures in POINTS.items():
        if number in chosen:
            for figure in figures():
                print(figure, flush=True)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
