"""Words in a link's path decide what happens to it.

The path is cut into words at everything that is neither a letter nor a digit; case does not
matter. `WORDS` (words.py) lists all of them. Words combine in their order: `/retry/back/fail.iso`
first retries, then falls back, then fails. A link without any succeeds after 20 seconds.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import pairwise
from typing import NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from pan123_tui.simulator.faults import FaultKind
from pan123_tui.simulator.responses import LINK_UNREADABLE, QUOTA_USED_UP, TOO_MANY_TASKS, Refusal


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name; the command line translates
    """Mark `message` for extraction."""
    return message


WORDS: Mapping[str, str] = {
    "fast": N_("takes 3 seconds"),
    "slow": N_("takes 30 minutes"),
    "45s, 10min, 2h": N_("takes that long"),
    "retry": N_("status 3 for a while, loses half of its progress, goes on"),
    "stall": N_("stands still on its way, for ever"),
    "status13": N_("reports the unknown status 13 for a while"),
    "hundred": N_("stands at 100 % and still runs, for a third of its time"),
    "noprogress": N_("reports 0 %, then that it is done"),
    "back": N_("its percentage falls back on the way"),
    "fail": N_("fails on its way (status 1, 0 %)"),
    "404, 403, timeout": N_("fails, and the callback says so as the reason"),
    "missing": N_("the service forgets the task on its way"),
    "reject": N_("refused: code 2 解析失败"),
    "rejectonce": N_("refused like that the first time only"),
    "toomany": N_("refused twice as too many tasks (code 2), then accepted"),
    "quota": N_("refused: code 5113, traffic used up"),
    "dropbefore": N_("the connection breaks before the task is created"),
    "dropafter": N_("the connection breaks after the task was created"),
    "hang": N_("the create never answers and has no effect"),
    "filereason": N_("the callback spells the reason fileReason"),
    "nocallback": N_("no callback is sent"),
    "latecallback": N_("the callback comes a minute late"),
    "twicecallback": N_("the callback comes twice"),
    "htmlfile": N_("an HTML page of 1,482 bytes arrives instead of the file"),
    "smallfile": N_("a file of 1,482 bytes arrives under the right name"),
    "nofile": N_("success is reported, but no file arrives"),
    "700mb, 4gb": N_("the file's size"),
}
"""Each word (or kind of word) with what it does, in English, to be translated where shown."""


class Status(IntEnum):
    """The `status` of *process* (specification, section two, (三))."""

    RUNNING = 0
    FAILED = 1
    SUCCEEDED = 2
    RETRYING = 3


class Snapshot(NamedTuple):
    """What *process* would answer."""

    percent: float
    status: int


class Keyframe(NamedTuple):
    """From `at` (seconds since the create) on, `status` holds; the percentage glides to the next.

    Two keys at the same time are a jump.
    """

    at: float
    percent: float
    status: int = Status.RUNNING


_FINAL_STATUSES = (Status.FAILED, Status.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Script:
    """The key frames of a task, in order of time; the last one holds for ever."""

    keys: tuple[Keyframe, ...]
    forgotten_at: float | None = None
    """When the service forgets the task, seconds since the create; None: never."""

    def moment(self, elapsed_s: float) -> Snapshot:
        """Tell percentage and status after `elapsed_s`."""
        percent, status = self.keys[0].percent, self.keys[0].status
        for key, following in pairwise((*self.keys, None)):
            if key is None or key.at > elapsed_s:
                break
            percent, status = key.percent, key.status
            if following is not None and following.at > key.at:
                part = min(1.0, (elapsed_s - key.at) / (following.at - key.at))
                percent += (following.percent - key.percent) * part
        return Snapshot(round(percent, 2), int(status))

    @property
    def ends_at(self) -> float | None:
        """When it succeeds or fails, seconds since the create; None: never."""
        last = self.keys[-1]
        return last.at if last.status in _FINAL_STATUSES else None

    @property
    def succeeds(self) -> bool:
        return self.keys[-1].status == Status.SUCCEEDED


def uneven(script: Script, seed: str, *, pieces: int = 9) -> Script:
    """Give `script` with each long climb at changing paces, the same ones for the same `seed`."""
    state = zlib.crc32(seed.encode())
    keys: list[Keyframe] = []
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
                Keyframe(
                    key.at + (following.at - key.at) * step / pieces,
                    key.percent + (following.percent - key.percent) * done / sum(weights),
                    key.status,
                )
            )
    return Script((*keys, script.keys[-1]), script.forgotten_at)


_T = TypeVar("_T")
_WORD = re.compile(r"[0-9a-z]+")
_DURATION = re.compile(r"(\d{1,6})(s|min|h)")
_SIZE = re.compile(r"(\d{1,6})(kb|mb|gb)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_BYTES = {"kb": 2**10, "mb": 2**20, "gb": 2**30}
_PACES = {"fast": 3.0, "slow": 1800.0}
_REASONS = {
    "fail": "下载失败",
    "404": "源站返回404，文件不存在",
    "403": "源站返回403，链接可能已过期",
    "timeout": "连接源站超时",
}
_ENDINGS = frozenset({*_REASONS, "stall", "missing"})
_DETOURS = frozenset({"retry", "status13", "back", "hundred"})
TINY_FILE = 1482
"""Bytes of an error page that was saved as the file."""


class Arrival(StrEnum):
    """What lies in the folder after a success."""

    WHOLE = "whole"
    HTML = "htmlfile"
    TINY = "smallfile"
    NOTHING = "nofile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """How the create is refused, and for how many attempts (None: always)."""

    code: int
    message: str
    times: int | None = None

    def check(self, attempt: int) -> None:
        """Raise the refusal if attempt number `attempt` (from 1) gets it."""
        if self.times is None or attempt <= self.times:
            raise Refusal(self.code, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPlan:
    """How the callback is sent."""

    times: int = 1
    delay_s: float = 0.0
    reason_field: str = "failReason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that a link's words decide."""

    script: Script
    refused: Refused | None = None
    fault: FaultKind | None = None
    fail_reason: str = ""
    callback: CallbackPlan = CallbackPlan()
    arrival: Arrival = Arrival.WHOLE
    size: int = 0


_REFUSED = {
    "reject": Refused(code=2, message=LINK_UNREADABLE),
    "rejectonce": Refused(code=2, message=LINK_UNREADABLE, times=1),
    "toomany": Refused(code=2, message=TOO_MANY_TASKS, times=2),
    "quota": Refused(code=5113, message=QUOTA_USED_UP),
}
_FAULTS = {
    "dropbefore": FaultKind.DROP_BEFORE,
    "dropafter": FaultKind.DROP_AFTER,
    "hang": FaultKind.HANG,
}
_CALLBACKS = {
    "filereason": CallbackPlan(reason_field="fileReason"),
    "nocallback": CallbackPlan(times=0),
    "latecallback": CallbackPlan(delay_s=60),
    "twicecallback": CallbackPlan(times=2),
}
_ARRIVALS = {str(arrival): arrival for arrival in Arrival}


def words_of(url: str) -> tuple[str, ...]:
    """Cut the path of `url` into its words."""
    return tuple(_WORD.findall(unquote(urlsplit(url).path).lower()))


def scenario_of(url: str, *, default_s: float = 20.0) -> Scenario:
    """Read what shall happen to `url`; without a pace among its words it takes `default_s`."""
    words = words_of(url)
    return Scenario(
        script=plot(words, _duration(words, default_s)),
        refused=_first(words, _REFUSED),
        fault=_first(words, _FAULTS),
        fail_reason=_first(words, _REASONS) or "",
        callback=_first(words, _CALLBACKS) or CallbackPlan(),
        arrival=_first(words, _ARRIVALS) or Arrival.WHOLE,
        size=_size(url, words),
    )


def _first(words: tuple[str, ...], table: dict[str, _T]) -> _T | None:
    return next((table[word] for word in words if word in table), None)


def _duration(words: tuple[str, ...], default_s: float) -> float:
    for word in words:
        if word in _PACES:
            return _PACES[word]
        if found := _DURATION.fullmatch(word):
            return float(int(found[1]) * _SECONDS[found[2]])
    return default_s


def _size(url: str, words: tuple[str, ...]) -> int:
    for word in words:
        if found := _SIZE.fullmatch(word):
            return int(found[1]) * _BYTES[found[2]]
    return 5 * 2**20 + zlib.crc32(url.encode("utf-8", "replace")) % (2 * 2**30)


def plot(words: tuple[str, ...], duration_s: float) -> Script:
    """Turn the words that bend a task's course into its script of `duration_s`."""
    detours = [word for word in words if word in _DETOURS]
    ending = next((word for word in words if word in _ENDINGS), "")
    acts = len(detours) + 1
    keys, forgotten_at = [Keyframe(0, 0)], None
    for act, word in enumerate(detours, start=1):
        keys += _detour(word, start=keys[-1].at, end=duration_s * act / acts, to=90 * act / acts)
    if ending == "missing":
        forgotten_at = keys[-1].at + duration_s / acts / 2
    if ending:
        keys += _ending(ending, keys[-1], seconds=duration_s / acts)
    else:
        keys += [Keyframe(duration_s, 100), Keyframe(duration_s, 100, Status.SUCCEEDED)]
    if "noprogress" in words:
        keys = [k if k.status == Status.SUCCEEDED else k._replace(percent=0) for k in keys]
    return Script(tuple(keys), forgotten_at)


def _detour(word: str, *, start: float, end: float, to: float) -> list[Keyframe]:
    third = (end - start) / 3
    first, second = start + third, start + 2 * third
    if word == "retry":
        return [
            Keyframe(first, to),
            Keyframe(first, to, Status.RETRYING),
            Keyframe(second, to, Status.RETRYING),
            Keyframe(second, to / 2),
            Keyframe(end, to),
        ]
    if word == "status13":
        return [
            Keyframe(first, to / 2),
            Keyframe(first, to / 2, 13),
            Keyframe(end, to, 13),
            Keyframe(end, to),
        ]
    if word == "back":
        return [Keyframe(second, to), Keyframe(second, to / 3), Keyframe(end, to / 2)]
    return [Keyframe(first, 100), Keyframe(end, 100)]


def _ending(word: str, last: Keyframe, *, seconds: float) -> list[Keyframe]:
    half_way = Keyframe(last.at + seconds / 2, (last.percent + 100) / 2)
    if word in _REASONS:
        return [half_way, Keyframe(half_way.at, 0, Status.FAILED)]
    return [half_way]
