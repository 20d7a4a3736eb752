"""Words in a link's path decide what happens to it.

The path is cut into words at everything that is neither a letter nor a digit; case does not
matter. `WORDS` (words.py) lists all of them. Words combine in their order: `/retry/back/fail.iso`
first retries, then falls back, then fails. A link without any succeeds after 20 seconds.
"""

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from pan123_tui.simulator.answers import LINK_UNREADABLE, QUOTA_USED_UP, TOO_MANY_TASKS, Refusal
from pan123_tui.simulator.faults import FaultKind
from pan123_tui.simulator.scripts import Key, Script, Status

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
    keys, forgotten_at = [Key(0, 0)], None
    for act, word in enumerate(detours, start=1):
        keys += _detour(word, start=keys[-1].at, end=duration_s * act / acts, to=90 * act / acts)
    if ending == "missing":
        forgotten_at = keys[-1].at + duration_s / acts / 2
    if ending:
        keys += _ending(ending, keys[-1], seconds=duration_s / acts)
    else:
        keys += [Key(duration_s, 100), Key(duration_s, 100, Status.SUCCEEDED)]
    if "noprogress" in words:
        keys = [k if k.status == Status.SUCCEEDED else k._replace(percent=0) for k in keys]
    return Script(tuple(keys), forgotten_at)


def _detour(word: str, *, start: float, end: float, to: float) -> list[Key]:
    third = (end - start) / 3
    first, second = start + third, start + 2 * third
    if word == "retry":
        return [
            Key(first, to),
            Key(first, to, Status.RETRYING),
            Key(second, to, Status.RETRYING),
            Key(second, to / 2),
            Key(end, to),
        ]
    if word == "status13":
        return [Key(first, to / 2), Key(first, to / 2, 13), Key(end, to, 13), Key(end, to)]
    if word == "back":
        return [Key(second, to), Key(second, to / 3), Key(end, to / 2)]
    return [Key(first, 100), Key(end, 100)]


def _ending(word: str, last: Key, *, seconds: float) -> list[Key]:
    half_way = Key(last.at + seconds / 2, (last.percent + 100) / 2)
    if word in _REASONS:
        return [half_way, Key(half_way.at, 0, Status.FAILED)]
    return [half_way]
