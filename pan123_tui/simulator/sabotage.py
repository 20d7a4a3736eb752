"""Carries out a fault on a real connection: broken answers, broken lines, silence."""

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pan123_tui.simulator.answers import (
    TOKEN_EXPIRED,
    TOKENS_EXCEEDED,
    TOO_FREQUENT,
    Refusal,
)
from pan123_tui.simulator.faults import Fault, FaultKind, Faults
from pan123_tui.simulator.spoiling import SPOILT, as_text

_TICK_S = 0.02
_GATEWAY = {
    FaultKind.HTTP_500: (500, "Internal Server Error"),
    FaultKind.HTTP_502: (502, "Bad Gateway"),
    FaultKind.HTTP_503: (503, "Service Temporarily Unavailable"),
    FaultKind.HTTP_502_AFTER: (502, "Bad Gateway"),
}
_REFUSALS = {
    FaultKind.HTTP_429: (429, TOO_FREQUENT),
    FaultKind.CODE_429: (429, TOO_FREQUENT),
    FaultKind.TEXT_429: (1, "操作频繁，请稍后再试"),
    FaultKind.CODE_42902: (42902, "请求过于频繁"),
    FaultKind.CODE_42903: (42903, "请稍后再试"),
    FaultKind.TOKEN_EXPIRED: (401, TOKEN_EXPIRED),
    FaultKind.TOKENS_EXCEEDED: (401, TOKENS_EXCEEDED),
}


async def instead(fault: Fault, request: Request, faults: Faults) -> Response:
    """Answer with `fault` instead of doing the call; raises `Refusal` where that is the fault."""
    kind = fault.kind
    if kind in _REFUSALS:
        status = 429 if kind is FaultKind.HTTP_429 else 200
        raise Refusal(*_REFUSALS[kind], http_status=status)
    if kind is FaultKind.REFUSE:
        raise Refusal(fault.code, fault.message)
    if kind is FaultKind.REDIRECT:
        return RedirectResponse(fault.location, status_code=302)
    if kind in _GATEWAY:
        return _gateway_page(kind)
    if kind is FaultKind.HANG:
        await _wait(fault.seconds, request, faults)
    return await _cut_off(request)


async def after(fault: Fault, request: Request, faults: Faults, answer: dict[str, Any]) -> Response:
    """Spoil the `answer` of a call that took effect, or break the line under it."""
    kind = fault.kind
    if kind in _GATEWAY:
        return _gateway_page(kind)
    if kind in SPOILT:
        media_type = "text/html" if kind is FaultKind.NOT_JSON else "application/json"
        return Response(SPOILT[kind](answer), media_type=media_type)
    if kind is FaultKind.CUT_BODY:
        return await _cut_off(request, promised=as_text(answer))
    if kind is FaultKind.DROP_AFTER:
        return await _cut_off(request)
    was_released = await _wait(fault.seconds, request, faults)
    if was_released or kind is FaultKind.HANG_AFTER:
        return await _cut_off(request)
    return Response(as_text(answer), media_type="application/json")


async def _wait(seconds: float, request: Request, faults: Faults) -> bool:
    """Say nothing for `seconds`, until the client leaves or all are released; tell if released."""
    releases, until = faults.releases, time.monotonic() + seconds
    while faults.releases == releases:
        if time.monotonic() >= until or await request.is_disconnected():
            return False
        await asyncio.sleep(_TICK_S)
    return True


async def _cut_off(request: Request, *, promised: str = "") -> Response:
    """Close the connection: at once, or after half of the `promised` body.

    The connection is reached through `transport`, which `server.py` puts into the request's
    state; without a real connection (an in-process transport) the error itself is raised.
    """
    transport: asyncio.Transport | None = getattr(request.state, "transport", None)
    if transport is None:
        raise ConnectionResetError("the simulator closed the connection")
    if promised:
        body = promised.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        transport.write(head.encode() + b"\r\n\r\n" + body[: len(body) // 2])
        transport.close()
    else:
        transport.abort()
    await request.receive()  # gives "disconnected": now no answer is expected any more
    return Response()


def _gateway_page(kind: FaultKind) -> Response:
    status, words = _GATEWAY[kind]
    page = f"<html><head><title>{status} {words}</title></head><body>openresty</body></html>"
    return Response(page, status_code=status, media_type="text/html")
