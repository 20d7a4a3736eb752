"""Faults on demand: refusals, gateway errors, broken bodies, closed and hanging connections."""

import asyncio
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pan123_tui.simulator.messages import TASK_UNKNOWN, Refusal

TOO_FREQUENT = "请求太频繁"
TOKEN_UNKNOWN = "access Token Invalid"
TOKEN_EXPIRED = "token is expired"
REFRESH_TOKEN_INVALID = "refresh_token无效"
TOKENS_EXCEEDED = "tokens number has exceeded the limit"
QUOTA_USED_UP = "流量已超限"
SERVICE_BUSY = "服务繁忙"
LOGIN_INVALID = "无效的登录信息"
NO_ROUTE = "no Route matched with those values"


class FaultKind(StrEnum):
    """What goes wrong: the first group replaces the call, the second follows it."""

    HTTP_502 = "http_502"
    DROP_BEFORE = "drop_before"
    """The connection is closed; the call has no effect."""
    HANG = "hang"
    """No response for `seconds` or until cleared, then a closed connection; no effect."""
    REDIRECT = "redirect"
    HTTP_429 = "http_429"
    CODE_42902 = "code_42902"
    TOKEN_EXPIRED = "token_expired"
    TOKENS_EXCEEDED = "tokens_exceeded"
    QUOTA = "quota"
    BUSY = "busy"
    LOGIN_INVALID = "login_invalid"
    TASK_UNKNOWN = "task_unknown"
    HTTP_403 = "http_403"
    """The gateway's JSON, which has no code; so the next one."""
    GATEWAY_JSON = "gateway_json"
    ADDRESS_BLOCKED = "address_blocked"
    """The gateway's page for an address that 123pan blocks."""
    REFUSE = "refuse"
    """The envelope with `code` and `message`."""

    DROP_AFTER = "drop_after"
    HANG_AFTER = "hang_after"
    HTTP_502_AFTER = "http_502_after"
    SLOW = "slow"
    """The correct response, `seconds` late."""
    CUT_JSON = "cut_json"
    """A complete HTTP response whose JSON ends in the middle."""
    NOT_JSON = "not_json"
    """A page of HTML under HTTP 200."""
    DATA_EMPTY = "data_empty"
    NUMBERS_AS_TEXT = "numbers_as_text"
    PERCENT_NAN = "percent_nan"

    @property
    def is_after(self) -> bool:
        """Whether the call takes effect before the fault."""
        kinds = list(FaultKind)
        return kinds.index(self) >= kinds.index(FaultKind.DROP_AFTER)


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault to apply to matching calls."""

    kind: FaultKind
    endpoint: str = "*"
    """The name of a call, such as `create` or `file_list`, or `*` for each."""
    times: int | None = 1
    """How many calls it applies to; None: until cleared."""
    skip: int = 0
    """How many matching calls succeed first."""
    match: str = ""
    """Text in the query or body, such as a link or a taskID."""
    seconds: float = 60.0
    """Real seconds, for slow and hanging calls."""
    code: int = 1
    message: str = "系统繁忙"


class Faults:
    """The pending faults; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pending: list[Fault] = []
        self.fired: Counter[str] = Counter()
        """How often each kind was applied."""
        self.releases = 0
        """How often hanging calls were released."""

    def add(self, kind: FaultKind | str, endpoint: str = "*", **details: Any) -> None:
        """Add a fault; `details` are the other fields of `Fault`."""
        fault = Fault(kind=FaultKind(kind), endpoint=endpoint, **details)
        with self._lock:
            self.pending.append(fault)

    def take(self, endpoint: str, text: str) -> Fault | None:
        """Return the fault of this call, if any, and count it as used."""
        with self._lock:
            for fault in self.pending:
                if fault.endpoint not in ("*", endpoint) or fault.match not in text:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                self.pending = [it for it in self.pending if it.times is None or it.times > 0]
                self.fired[fault.kind] += 1
                return fault
        return None

    def clear(self) -> None:
        """Remove all faults, and close the connection of every hanging call."""
        with self._lock:
            self.pending.clear()
        self.releases += 1


Answer = dict[str, Any]


def as_text(answer: Any) -> str:
    """Return JSON as the service writes it; NaN is written as a bare word."""
    return json.dumps(answer, ensure_ascii=False)


_NUMBER = re.compile(r"(?<=: )-?\d[\d.]*(?=[,}])")

BODY_CORRUPTIONS: Mapping[FaultKind, Callable[[Answer], str]] = {
    FaultKind.NOT_JSON: lambda _answer: "<html><body>请登录</body></html>",
    FaultKind.CUT_JSON: lambda answer: as_text(answer)[: len(as_text(answer)) // 2],
    FaultKind.DATA_EMPTY: lambda answer: as_text({**answer, "data": {}}),
    FaultKind.NUMBERS_AS_TEXT: lambda answer: _NUMBER.sub(r'"\g<0>"', as_text(answer)),
    FaultKind.PERCENT_NAN: lambda it: as_text(
        {**it, "data": {**(it["data"] or {}), "process": float("nan")}}
    ),
}
"""How each kind of fault that changes only the body does so."""


_TICK_S = 0.02
_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>openresty</body></html>"
_BLOCKED_PAGE = "<html><body>123pan-global-slb: forbidden client ip</body></html>"
_GATEWAY_JSON = {FaultKind.HTTP_403: (403, NO_ROUTE), FaultKind.GATEWAY_JSON: (502, NO_ROUTE)}
_REFUSALS = {
    FaultKind.HTTP_429: (429, TOO_FREQUENT),
    FaultKind.CODE_42902: (42902, "请求过于频繁"),
    FaultKind.TOKEN_EXPIRED: (401, TOKEN_EXPIRED),
    FaultKind.TOKENS_EXCEEDED: (401, TOKENS_EXCEEDED),
    FaultKind.QUOTA: (5113, QUOTA_USED_UP),
    FaultKind.BUSY: (500, SERVICE_BUSY),
    FaultKind.LOGIN_INVALID: (1, LOGIN_INVALID),
    FaultKind.TASK_UNKNOWN: (1, TASK_UNKNOWN),
}


async def respond_instead(fault: Fault, request: Request, faults: Faults) -> Response:
    """Return the response of `fault` instead of the call's; raises `Refusal` for a refusal."""
    kind = fault.kind
    if kind is FaultKind.REFUSE or kind in _REFUSALS:
        raise Refusal(*_REFUSALS.get(kind, (fault.code, fault.message)))
    if kind is FaultKind.REDIRECT:
        return RedirectResponse("/_sim/elsewhere", status_code=302)
    if kind is FaultKind.HTTP_502:
        return HTMLResponse(_GATEWAY_PAGE, status_code=502)
    if kind is FaultKind.ADDRESS_BLOCKED:
        return HTMLResponse(_BLOCKED_PAGE, status_code=403)
    if kind in _GATEWAY_JSON:
        http_status, message = _GATEWAY_JSON[kind]
        return JSONResponse({"message": message}, status_code=http_status)
    if kind is FaultKind.HANG:
        await _wait(fault.seconds, request, faults)
    return await _close_connection(request)


async def corrupt_response(
    fault: Fault, request: Request, faults: Faults, answer: dict[str, Any]
) -> Response:
    """Return `answer` as corrupted by `fault`, or close the connection."""
    kind = fault.kind
    if kind is FaultKind.HTTP_502_AFTER:
        return HTMLResponse(_GATEWAY_PAGE, status_code=502)
    if kind in BODY_CORRUPTIONS:
        media_type = "text/html" if kind is FaultKind.NOT_JSON else "application/json"
        return Response(BODY_CORRUPTIONS[kind](answer), media_type=media_type)
    if kind is FaultKind.DROP_AFTER:
        return await _close_connection(request)
    was_released = await _wait(fault.seconds, request, faults)
    if was_released or kind is FaultKind.HANG_AFTER:
        return await _close_connection(request)
    return Response(as_text(answer), media_type="application/json")


async def _wait(seconds: float, request: Request, faults: Faults) -> bool:
    """Wait `seconds`, or until the client disconnects or is released; return whether released."""
    releases, until = faults.releases, time.monotonic() + seconds
    while faults.releases == releases:
        if time.monotonic() >= until or await request.is_disconnected():
            return False
        await asyncio.sleep(_TICK_S)
    return True


async def _close_connection(request: Request) -> Response:
    """Close the connection at once.

    `server.py` puts `transport` into the request's state. An in-process client has none: the
    error is raised instead.
    """
    transport: asyncio.Transport | None = getattr(request.state, "transport", None)
    if transport is None:
        raise ConnectionResetError("the simulator closed the connection")
    transport.abort()
    await request.receive()  # returns "disconnected": no response is expected any more
    return Response()
