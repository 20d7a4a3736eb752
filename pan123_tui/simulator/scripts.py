"""What happens to one task over time, as key frames: pure, elapsed seconds in, moment out."""

import zlib
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


class Moment(NamedTuple):
    """What *process* would answer."""

    percent: float
    status: int


class Key(NamedTuple):
    """From `at` (seconds since the create) on, `status` holds; the percentage glides to the next.

    Two keys at the same time are a jump.
    """

    at: float
    percent: float
    status: int = Status.RUNNING


_ENDINGS = (Status.FAILED, Status.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Script:
    """The key frames of a task, in order of time; the last one holds for ever."""

    keys: tuple[Key, ...]
    forgotten_at: float | None = None
    """When the service forgets the task, seconds since the create; None: never."""

    def moment(self, elapsed_s: float) -> Moment:
        """Tell percentage and status after `elapsed_s`."""
        percent, status = self.keys[0].percent, self.keys[0].status
        for key, following in pairwise((*self.keys, None)):
            if key is None or key.at > elapsed_s:
                break
            percent, status = key.percent, key.status
            if following is not None and following.at > key.at:
                part = min(1.0, (elapsed_s - key.at) / (following.at - key.at))
                percent += (following.percent - key.percent) * part
        return Moment(round(percent, 2), int(status))

    @property
    def ends_at(self) -> float | None:
        """When it succeeds or fails, seconds since the create; None: never."""
        last = self.keys[-1]
        return last.at if last.status in _ENDINGS else None

    @property
    def succeeds(self) -> bool:
        return self.keys[-1].status == Status.SUCCEEDED


def uneven(script: Script, seed: str, *, pieces: int = 9) -> Script:
    """Give `script` with each long climb at changing paces, the same ones for the same `seed`."""
    state = zlib.crc32(seed.encode())
    keys: list[Key] = []
    for key, following in pairwise(script.keys):
        keys.append(key)
        if following.at <= key.at or following.percent <= key.percent:
            continue
        weights: list[int] = []
        for _ in range(pieces):
            state = (state * 1103515245 + 12345) % 2**31
            weights.append(2 + (state >> 16) % 9)
        done = 0
        for step, weight in enumerate(weights[:-1], start=1):
            done += weight
            keys.append(
                Key(
                    key.at + (following.at - key.at) * step / pieces,
                    key.percent + (following.percent - key.percent) * done / sum(weights),
                    key.status,
                )
            )
    return Script((*keys, script.keys[-1]), script.forgotten_at)
