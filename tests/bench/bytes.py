"""Point 1: bytes to the terminal while tasks progress at 5 polls per second."""

from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.runs import Scene, ours, usual

SCENES = {
    "100 active": (Scene(active=100), 400),
    "1,000 active": (Scene(active=1000), 400),
    "1,000 active, all off the screen, 10,000 stored": (Scene(active=1000, ended=9000), 0),
    "idle": (Scene(ended=100), 0),
}


def figures() -> Iterator[Figure]:
    """Measure the bytes per second of each scene."""
    for name, (scene, limit) in SCENES.items():
        baseline = usual(scene).bytes_per_s
        yield Figure(1, name, baseline, ours(scene).bytes_per_s, "B/s", limit)
