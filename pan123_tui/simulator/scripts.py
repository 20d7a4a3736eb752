"""How a task goes: its percentage and status over time."""

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple


class Status(IntEnum):
    """The `status` of *process* (specification, section two, (三))."""

    RUNNING = 0
    FAILED = 1
    SUCCEEDED = 2
    RETRYING = 3


class Snapshot(NamedTuple):
    """What *process* returns."""

    percent: float
    status: int


class Keyframe(NamedTuple):
    """From `at` (seconds after the create), `status` holds and the percentage moves to the next.

    Two keyframes at the same time are a jump.
    """

    at: float
    percent: float
    status: int = Status.RUNNING


@dataclass(frozen=True, slots=True)
class Script:
    """The keyframes of a task, in order of time; the last one stays in effect."""

    keyframes: tuple[Keyframe, ...]
    forgotten_at: float | None = None
    """Seconds after the create when the service forgets the task; None: never."""

    def snapshot_at(self, elapsed_s: float) -> Snapshot:
        """Return percentage and status `elapsed_s` after the create."""
        percent, status = self.keyframes[0].percent, self.keyframes[0].status
        for key, following in pairwise((*self.keyframes, None)):
            if key is None or key.at > elapsed_s:
                break
            percent, status = key.percent, key.status
            if following is not None and following.at > key.at:
                part = min(1.0, (elapsed_s - key.at) / (following.at - key.at))
                percent += (following.percent - key.percent) * part
        return Snapshot(round(percent, 2), int(status))

    @property
    def ends_at(self) -> float | None:
        """Seconds after the create when it succeeds or fails; None: never."""
        last = self.keyframes[-1]
        return last.at if last.status in (Status.FAILED, Status.SUCCEEDED) else None

    @property
    def succeeds(self) -> bool:
        return self.keyframes[-1].status == Status.SUCCEEDED


def done_in(seconds: float) -> Script:
    end = Keyframe(seconds, 100, Status.SUCCEEDED)
    return Script((Keyframe(0, 0), Keyframe(seconds, 100), end))
