"""How fast a task goes and how far that can be trusted, learnt from its percentages alone."""

import itertools
from functools import lru_cache
from math import log, sqrt

from msgspec import Struct

from pan123_tui.domain.task import Sample, Task

PRIOR_SPREAD = 0.8
"""The spread of a task about which nothing is known: its time left is right within e^±0.8."""
PRIOR_WEIGHT = 6.0
"""How many observed changes of pace the prior counts for."""
RECENCY = 0.7
"""The weight of a piece of the way, against the piece after it."""
MAX_PIECES = 8
"""The way is judged in pieces of at least an eighth, so that neither the grain of the percentages
nor the moments at which they were asked for matter much."""
MIN_PIECE_PERCENT = 0.5
MAX_CHANGE = 2.0
"""One stall counts as a change of pace by e² times and no more, or it would blind us for ever."""


class Pace(Struct, frozen=True):
    """A task's recent pace."""

    percent_per_s: float
    """Above 0."""
    spread: float
    """The standard deviation of the logarithm of the time that is left."""


def history(task: Task) -> tuple[Sample, ...]:
    """Give the percentages of the latest submission from its start to the last check.

    Strictly ascending in time, even if the clock was set back. The start counts as 0 %, and a last
    entry repeats the percentage that had not changed at the last check.
    """
    return _points(task.sent_at, task.samples, task.checked_at)


def learned(task: Task) -> Pace | None:
    """Learn the pace of `task`; None while it has gained nothing since its start or step back."""
    return _learned(task.sent_at, task.samples, task.checked_at)


@lru_cache(maxsize=2048)
def _learned(
    sent_at: float | None, samples: tuple[Sample, ...], checked_at: float | None
) -> Pace | None:
    pieces = _pieces(_way(_points(sent_at, samples, checked_at)))
    gained = elapsed = 0.0
    weight = 1.0
    for piece in reversed(pieces):
        gained += weight * piece.percent
        elapsed += weight * piece.seconds
        weight *= RECENCY
    if gained <= 0 or gained / elapsed <= 0:
        return None
    return Pace(gained / elapsed, _spread(pieces))


def _points(
    sent_at: float | None, samples: tuple[Sample, ...], checked_at: float | None
) -> tuple[Sample, ...]:
    points: list[Sample] = []
    if sent_at is not None:
        points.append(Sample(sent_at, 0.0))
    for sample in samples:
        if not points or sample.at > points[-1].at:
            points.append(sample)
    if checked_at is not None and points and checked_at > points[-1].at:
        points.append(Sample(checked_at, points[-1].percent))
    return tuple(points)


class _Piece(Struct, frozen=True):
    seconds: float
    percent: float


def _way(points: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Leave out what came before the last step back: the service began again there."""
    start = 0
    for index in range(1, len(points)):
        if points[index].percent < points[index - 1].percent:
            start = index
    return points[start:]


def _pieces(way: tuple[Sample, ...]) -> list[_Piece]:
    """Cut `way` into at most `MAX_PIECES` pieces and a rest, oldest first."""
    if len(way) < 2:
        return []
    grain = max((way[-1].percent - way[0].percent) / MAX_PIECES, MIN_PIECE_PERCENT)
    pieces: list[_Piece] = []
    start = way[0]
    for point in way[1:]:
        if point.percent - start.percent >= grain or point is way[-1]:
            pieces.append(_Piece(point.at - start.at, point.percent - start.percent))
            start = point
    return pieces


def _spread(pieces: list[_Piece]) -> float:
    """Measure how much the pace changed from piece to piece, beginning with the prior."""
    squares = PRIOR_WEIGHT * PRIOR_SPREAD**2
    count = PRIOR_WEIGHT
    for before, after in itertools.pairwise(pieces):
        expected = before.percent / before.seconds * after.seconds
        if max(expected, after.percent) < MIN_PIECE_PERCENT:
            continue
        smallest = MIN_PIECE_PERCENT / 2
        change = log(max(after.percent, smallest) / max(expected, smallest))
        squares += min(abs(change), MAX_CHANGE) ** 2
        count += 1
    return sqrt(squares / count)
