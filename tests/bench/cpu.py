"""Point 2: processor time, including polling and saving."""

import asyncio
from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.polls import cpu_of_polls
from tests.bench.runs import Scene, ours, usual
from tests.bench.stream import cpu_of_stream

SCENES = {
    "100 active": (Scene(active=100), 2.0),
    "1,000 active": (Scene(active=1000), 2.0),
    "1,000 active of 10,000 stored": (Scene(active=1000, ended=9000), 2.5),
    "idle": (Scene(ended=100), 0.2),
}


def figures() -> Iterator[Figure]:
    """Measure the share of a core that each scene uses."""
    for name, (scene, limit) in SCENES.items():
        yield Figure(2, name, usual(scene).cpu_percent, ours(scene).cpu_percent, "%", limit)
    usual_ms, ours_ms = asyncio.run(cpu_of_polls())
    yield Figure(2, "a poll", usual_ms, ours_ms, "ms", 1.2)
    baseline, mine = cpu_of_stream()
    yield Figure(2, "200 changes/s off the screen, without requests", baseline, mine, "%", 5.0)
