"""Bytes to the terminal and processor time while tasks progress at five polls a second."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.bench.runs import Scene, ours, usual


class Aim(NamedTuple):
    """The most that a scene may cost."""

    bytes_per_s: float
    cpu_percent: float


SCENES = {
    "100 active": (Scene(active=100), Aim(400, 4.0)),
    "1,000 active": (Scene(active=1000), Aim(400, 4.0)),
    "1,000 active off the screen, 10,000 stored": (Scene(active=1000, ended=9000), Aim(0, 4.0)),
    "idle": (Scene(ended=100), Aim(0, 0.2)),
}


def figures() -> Iterator[Figure]:
    """Measure the bytes per second of each scene, and its share of a core."""
    for name, (scene, aim) in SCENES.items():
        baseline, program = usual(scene), ours(scene)
        written = baseline.bytes_per_s, program.bytes_per_s
        yield Figure(f"bytes, {name}", *written, "B/s", aim.bytes_per_s)
        used = baseline.cpu_percent, program.cpu_percent
        yield Figure(f"processor, {name}", *used, "%", aim.cpu_percent)
