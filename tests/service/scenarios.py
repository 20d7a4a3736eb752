"""Scenarios: the words in a link's path decide what happens to it.

The path is split at everything that is neither a letter nor a digit, ignoring case. Words combine
in their order: `/retry/status13/fail.iso` retries, then reports 13, then fails. A link without any
of the words, which the README explains, succeeds after 20 seconds.
"""

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from pan123_tui.simulator.responses import LINK_UNREADABLE, TOO_MANY_TASKS, Refusal
from pan123_tui.simulator.scripts import Keyframe, Script, Status
from tests.service.faults import (
    LOGIN_INVALID,
    QUOTA_USED_UP,
    SERVICE_BUSY,
    FaultKind,
)

_T = TypeVar("_T")
_WORD = re.compile(r"[0-9a-z]+")
_DURATION = re.compile(r"(\d{1,6})(s|min|h)")
_SIZE = re.compile(r"(\d{1,6})(kb|mb|gb)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_BYTES = {"kb": 2**10, "mb": 2**20, "gb": 2**30}
_DURATIONS = {"fast": 3.0, "slow": 1800.0}
_REASONS = {
    "fail": "下载失败",
    "404": "源站返回404，文件不存在",
    "403": "源站返回403，链接可能已过期",
    "timeout": "连接源站超时",
}
_ENDINGS = frozenset({*_REASONS, "stall", "missing"})
_DETOURS = frozenset({"retry", "status13", "hundred"})
TINY_FILE = 1482
"""Bytes of an error page that was saved as the file."""


class Arrival(StrEnum):
    """What is in the folder after a success."""

    WHOLE = "whole"
    HTML = "htmlfile"
    TINY = "smallfile"
    BLOCKED = "blockedfile"
    NOTHING = "nofile"


class RefusalPlan(NamedTuple):
    """How the create is refused, for how many attempts (None: always)."""

    code: int
    message: str
    times: int | None = None

    def check(self, attempt: int) -> None:
        """Raise the refusal if attempt number `attempt` (from 1) is refused."""
        if self.times is None or attempt <= self.times:
            raise Refusal(self.code, self.message)


class CallbackPlan(NamedTuple):
    """How the callback is sent."""

    times: int = 1
    reason_field: str = "failReason"
    has_text_numbers: bool = False


PLAIN_CALLBACK = CallbackPlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that a link's words decide."""

    script: Script
    refusal: RefusalPlan | None = None
    fault: FaultKind | None = None
    fail_reason: str = ""
    callback: CallbackPlan = PLAIN_CALLBACK
    arrival: Arrival = Arrival.WHOLE
    size: int = 0
    unknown_for_s: float = 0.0
    """How long *process* does not know the task after its create."""
    loses_folder: bool = False
    """Whether the target folder goes away just before the create."""


_UNKNOWN_S = 40.0
_REFUSALS = {
    "reject": RefusalPlan(2, LINK_UNREADABLE),
    "toomany": RefusalPlan(2, TOO_MANY_TASKS, times=2),
    "quota": RefusalPlan(5113, QUOTA_USED_UP),
    "busy": RefusalPlan(500, SERVICE_BUSY),
    "nologin": RefusalPlan(1, LOGIN_INVALID),
}
_FAULTS = {
    "dropbefore": FaultKind.DROP_BEFORE,
    "dropafter": FaultKind.DROP_AFTER,
    "hang": FaultKind.HANG,
    "gateway403": FaultKind.HTTP_403,
    "gateway502": FaultKind.GATEWAY_JSON,
    "lateanswer": FaultKind.SLOW,
    "textnumbers": FaultKind.NUMBERS_AS_TEXT,
}
_CALLBACKS = {
    "filereason": CallbackPlan(reason_field="fileReason"),
    "textcallback": CallbackPlan(has_text_numbers=True),
    "nocallback": CallbackPlan(times=0),
    "twicecallback": CallbackPlan(times=2),
}
_ARRIVALS: dict[str, Arrival] = {str(it): it for it in Arrival if it is not Arrival.WHOLE}
KNOWN_WORDS = _ENDINGS | _DETOURS | _DURATIONS.keys() | _REFUSALS.keys() | _FAULTS.keys()
KNOWN_WORDS |= _CALLBACKS.keys() | _ARRIVALS.keys()
"""Those that are not made of a number and a unit."""


def words_of(url: str) -> tuple[str, ...]:
    """Return the words in the path of `url`."""
    return tuple(_WORD.findall(unquote(urlsplit(url).path).lower()))


def scenario_of(url: str, *, default_s: float = 20.0) -> Scenario:
    """Return what happens to `url`; without a duration among its words it takes `default_s`."""
    words = words_of(url)
    return Scenario(
        script=script_of(words, _duration(words, default_s)),
        refusal=_first(words, _REFUSALS),
        fault=_first(words, _FAULTS),
        fail_reason=_first(words, _REASONS) or "",
        callback=_first(words, _CALLBACKS) or PLAIN_CALLBACK,
        arrival=_first(words, _ARRIVALS) or Arrival.WHOLE,
        size=_size(url, words),
        unknown_for_s=_UNKNOWN_S if "unknownyet" in words else 0.0,
        loses_folder="foldergone" in words,
    )


def _first(words: tuple[str, ...], table: dict[str, _T]) -> _T | None:
    return next((table[word] for word in words if word in table), None)


def _duration(words: tuple[str, ...], default_s: float) -> float:
    for word in words:
        if word in _DURATIONS:
            return _DURATIONS[word]
        if found := _DURATION.fullmatch(word):
            return float(int(found[1]) * _SECONDS[found[2]])
    return default_s


def _size(url: str, words: tuple[str, ...]) -> int:
    for word in words:
        if found := _SIZE.fullmatch(word):
            return int(found[1]) * _BYTES[found[2]]
    return 5 * 2**20 + zlib.crc32(url.encode("utf-8", "replace")) % (2 * 2**30)


def script_of(words: tuple[str, ...], duration_s: float) -> Script:
    """Build the script of `duration_s` from the words that shape a task's progress."""
    detours = [word for word in words if word in _DETOURS]
    ending = next((word for word in words if word in _ENDINGS), "")
    sections = len(detours) + 1
    keys, forgotten_at = [Keyframe(0, 0)], None
    for section, word in enumerate(detours, start=1):
        keys += _detour(
            word, start=keys[-1].at, end=duration_s * section / sections, to=90 * section / sections
        )
    if ending == "missing":
        forgotten_at = keys[-1].at + duration_s / sections / 2
    if ending:
        keys += _ending(ending, keys[-1], seconds=duration_s / sections)
    else:
        keys += [Keyframe(duration_s, 100), Keyframe(duration_s, 100, Status.SUCCEEDED)]
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
    return [Keyframe(first, 100), Keyframe(end, 100)]


def _ending(word: str, last: Keyframe, *, seconds: float) -> list[Keyframe]:
    half_way = Keyframe(last.at + seconds / 2, (last.percent + 100) / 2)
    if word in _REASONS:
        return [half_way, Keyframe(half_way.at, 0, Status.FAILED)]
    return [half_way]
