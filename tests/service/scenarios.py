"""Scenarios: the words in a link's path decide what happens to it.

The path is split at everything that is neither a letter nor a digit, ignoring case. A link without
any of the words, which the README explains, succeeds after 20 seconds.
"""

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from pan123_tui.simulator.messages import LINK_UNREADABLE
from pan123_tui.simulator.world import Keyframe, Script, Status, done_in
from tests.service.faults import FaultKind

_T = TypeVar("_T")
_WORD = re.compile(r"[0-9a-z]+")
_DURATION = re.compile(r"(\d{1,6})(s|min|h)")
_SIZE = re.compile(r"(\d{1,6})(kb|mb|gb)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_BYTES = {"kb": 2**10, "mb": 2**20, "gb": 2**30}
_DURATIONS = {"fast": 3.0, "slow": 1800.0}
TINY_FILE = 1482
"""Bytes of an error page that was saved as the file."""


class Arrival(StrEnum):
    """What is in the folder after a success."""

    WHOLE = "whole"
    HTML = "htmlfile"
    TINY = "smallfile"
    BLOCKED = "blockedfile"
    NOTHING = "nofile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that a link's words decide."""

    script: Script
    refusal: tuple[int, str] | None = None
    """How the create is refused: code and message."""
    fault: FaultKind | None = None
    arrival: Arrival = Arrival.WHOLE
    size: int = 0
    unknown_for_s: float = 0.0
    """How long *process* does not know the task after its create."""
    loses_folder: bool = False
    """Whether the target folder goes away just before the create."""


_UNKNOWN_S = 40.0
_REFUSALS = {"reject": (2, LINK_UNREADABLE)}
_FAULTS = {"dropafter": FaultKind.DROP_AFTER, "textnumbers": FaultKind.NUMBERS_AS_TEXT}
_ARRIVALS: dict[str, Arrival] = {str(it): it for it in Arrival if it is not Arrival.WHOLE}


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
    half_way = Keyframe(duration_s / 2, 50)
    if "fail" in words:
        return Script((Keyframe(0, 0), half_way, Keyframe(half_way.at, 0, Status.FAILED)))
    if "stall" in words:
        return Script((Keyframe(0, 0), half_way))
    return done_in(duration_s)
