"""Faults on demand: what shall go wrong, at which call, how often."""

import threading
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong. The first group happens instead of the call, the second after it."""

    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTTP_503 = "http_503"
    DROP_BEFORE = "drop_before"
    """The connection is closed; the call had no effect."""
    HANG = "hang"
    """No answer for `seconds` or until released, then a closed connection; no effect."""
    REDIRECT = "redirect"
    """302 to `location`."""
    HTTP_429 = "http_429"
    CODE_429 = "code_429"
    TEXT_429 = "text_429"
    """Code 1 with words that mean: too often."""
    CODE_42902 = "code_42902"
    CODE_42903 = "code_42903"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a word, not a secret
    TOKENS_EXCEEDED = "tokens_exceeded"
    REFUSE = "refuse"
    """The envelope with `code` and `message`."""

    DROP_AFTER = "drop_after"
    """The connection is closed; the call took effect."""
    HANG_AFTER = "hang_after"
    HTTP_502_AFTER = "http_502_after"
    """A gateway's page, though the call took effect."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    EMPTY_BODY = "empty_body"
    CUT_BODY = "cut_body"
    """The connection is closed in the middle of the body."""
    CUT_JSON = "cut_json"
    """A complete HTTP answer whose JSON ends in the middle."""
    NOT_JSON = "not_json"
    """A page of HTML under HTTP 200."""
    NOT_AN_OBJECT = "not_an_object"
    """JSON, but a list."""
    WRONG_TYPES = "wrong_types"
    """Each number in `data` is a word instead."""
    DATA_NULL = "data_null"
    DATA_EMPTY = "data_empty"
    CODE_AS_TEXT = "code_as_text"
    """`"code": "0"`."""
    PERCENT_150 = "percent_150"
    PERCENT_MINUS_3 = "percent_minus_3"
    PERCENT_NAN = "percent_nan"
    PERCENT_TEXT = "percent_text"
    TRACE_ID_MISSING = "trace_id_missing"

    @property
    def is_after(self) -> bool:
        """Whether the call takes effect before it goes wrong."""
        return self in _AFTER


_KINDS = list(FaultKind)
_AFTER = frozenset(_KINDS[_KINDS.index(FaultKind.DROP_AFTER) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One order for trouble."""

    kind: FaultKind
    endpoint: str = "*"
    """The name of a call, such as `create` or `file_list`, or `*` for each."""
    times: int | None = 1
    """How often; None: until cleared."""
    skip: int = 0
    """How many calls go well first."""
    match: str = ""
    """Only calls whose query or body holds this text, such as a link or a taskID."""
    seconds: float = 60.0
    """For what takes time: real seconds."""
    location: str = "/_sim/landed"
    code: int = 1
    message: str = "系统繁忙"

    def fits(self, endpoint: str, text: str) -> bool:
        """Tell whether the call of `endpoint` with `text` in its query and body is meant."""
        return self.endpoint in ("*", endpoint) and self.match in text


class Faults:
    """The open orders; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[Fault] = []
        self.fired: Counter[str] = Counter()
        """How often each kind happened."""
        self.releases = 0
        """Rises when hanging calls shall let go."""

    def add(self, kind: FaultKind | str, endpoint: str = "*", **details: Any) -> Fault:
        """Order a fault; `details` are the other fields of `Fault`."""
        fault = Fault(kind=FaultKind(kind), endpoint=endpoint, **details)
        with self._lock:
            self._open.append(fault)
        return fault

    def take(self, endpoint: str, text: str) -> Fault | None:
        """Give the fault that this call gets, if any, and use it up."""
        with self._lock:
            for index, fault in enumerate(self._open):
                if not fault.fits(endpoint, text):
                    continue
                if fault.skip:
                    self._open[index] = replace(fault, skip=fault.skip - 1)
                    continue
                self._use_up(index, fault)
                self.fired[fault.kind] += 1
                return fault
        return None

    def pending(self) -> tuple[Fault, ...]:
        """The orders that are still open."""
        with self._lock:
            return tuple(self._open)

    def release(self) -> None:
        """Let every hanging call go, by closing its connection."""
        self.releases += 1

    def clear(self) -> None:
        """Withdraw all orders and release what hangs."""
        with self._lock:
            self._open.clear()
        self.release()

    def _use_up(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._open[index]
        else:
            self._open[index] = replace(fault, times=fault.times - 1)
