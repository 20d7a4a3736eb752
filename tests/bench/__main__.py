"""Prints what the program costs beside the usual way to write it: `python -m tests.bench`.

Words select groups: `python -m tests.bench progress start`. The machine should be quiet. `flow` and
a part of an event's name (`flow poll`) prints how far that event goes, and nothing is timed.
"""

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench import flow, keys, start, terminal
from tests.bench.figures import HEADINGS, Figure

GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "start": start.figures,
    "progress": terminal.figures,
    "keys": keys.figures,
}


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["flow"]:
        flow.main(*sys.argv[2:3])
        return
    started = time.monotonic()
    load = " ".join(f"{it:.1f}" for it in os.getloadavg())
    print(time.strftime("%Y-%m-%d"), platform.machine(), f"Python {platform.python_version()},")
    print(f"{os.cpu_count()} cores, load {load}")
    print(HEADINGS)
    for name in sys.argv[1:] or GROUPS:
        for figure in GROUPS[name]():
            print(figure, flush=True)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
