"""The entrance over HTTP: JSON-RPC by POST, for those who know the secret."""

import asyncio
import hmac
import inspect
import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pan123_tui.domain.errors import Pan123Error, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.engine.aria2.links import Links, RpcError
from pan123_tui.engine.aria2.methods import METHODS
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.http_server import Entrance, read_body
from pan123_tui.i18n import _
from pan123_tui.wording.entrance import OTHER_NAME, RPC_ONLY, TOO_MANY, UNAUTHORIZED
from pan123_tui.wording.problems import explain_problem

MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_CALLS = 1000
MAX_UNREAD = 32
"""Browsers and scripts of this machine open several connections at once."""
MAX_WAITING = 8
"""How many calls with a wrong secret wait for their answer at the same time."""
LONGEST_WAIT_S = 8.0
"""Of a call with a wrong secret: shorter than the server's limit for a request."""
LOG_INTERVAL_S = 60.0
PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS = -32700, -32600, -32602
_HTTP_STATUS: Mapping[int, int] = {0: 200, 1: 400, INVALID_REQUEST: 400}
"""As aria2 answers; others with 500."""
_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""A page of any origin may call: the secret is no cookie, so it has to know it."""
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Max-Age": "1728000",
}
_log = logging.getLogger(__name__)


class Call(msgspec.Struct, frozen=True):
    method: str
    id: Any
    params: Any = []


class Bundle(msgspec.Struct):
    """What the calls of one request share."""

    token: bytes
    """The right one."""
    calls: int = 0
    is_wrong: bool = False
    """Whether one of them had a wrong secret: that of no other is compared then."""


class Aria2Entrance(Entrance):
    """Takes aria2's calls from whoever has the secret."""

    max_unread = MAX_UNREAD

    def __init__(self, engine: Engine, load_secret: Callable[[], str]) -> None:
        """Load the secret for each request, so that the one that is shown is in use.

        `load_secret` raises `OSError` if the secret cannot be read, or made.
        """
        address = engine.settings.aria2.address
        route = Route("/jsonrpc", self._receive, methods=["POST", "GET", "OPTIONS"])
        super().__init__(engine, address, route, unusable=ProblemKind.ARIA2_UNUSABLE)
        self._links = Links(engine)
        self._load_secret = load_secret
        ours = socket.gethostname().lower()
        given = address.rpartition(":")[0].strip("[]").lower()
        self._hosts = {given, "localhost", ours, f"{ours}.local"}
        self._failures = self._waiting = 0
        self._logged_at = -LOG_INTERVAL_S

    async def prepare(self) -> None:
        await asyncio.to_thread(self._load_secret)

    def note_bound(self, host: str, port: int) -> None:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.engine.events.update(listens_at=place)

    def on_event(self, event: EngineEvent, /) -> None:
        self._links.on_event(event)

    async def _receive(self, request: Request) -> Response:
        if not self._is_our_name(request.headers.get("host", "")):
            self._log("a call to another host name was refused")
            return _response(_failure(None, INVALID_REQUEST, _(OTHER_NAME)), 403)
        if request.method == "OPTIONS":
            return Response(headers=_ANYWHERE | _PREFLIGHT)
        if request.method == "GET":
            status = 426 if "upgrade" in request.headers else 400
            return _response(_failure(None, INVALID_REQUEST, _(RPC_ONLY)), status)
        return await self._take(request)

    async def _take(self, request: Request) -> Response:
        body = await read_body(request, MAX_BODY_BYTES)
        if isinstance(body, Response):
            return body
        try:
            calls = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _response(_failure(None, PARSE_ERROR, "Parse error."), 500)
        try:
            secret = await asyncio.to_thread(self._load_secret)
        except OSError:
            self._log("the secret cannot be read")
            return Response(status_code=500)
        return await self._answer_request(calls, Bundle(f"token:{secret}".encode()))

    async def _answer_request(self, calls: Any, bundle: Bundle) -> Response:
        if not isinstance(calls, list):
            answer = await self._answer(calls, bundle)
            status = _HTTP_STATUS.get(answer.get("error", {}).get("code", 0), 500)
            response = _response(answer, status)
        elif len(calls) <= MAX_CALLS:
            response = _response(
                [*await asyncio.gather(*(self._answer(it, bundle) for it in calls))]
            )
        else:
            response = _response(_failure(None, INVALID_REQUEST, _(TOO_MANY)), 400)
        if bundle.is_wrong:
            await self._punish()
        return response

    async def _answer(self, raw: Any, bundle: Bundle) -> dict[str, Any]:
        try:
            call = msgspec.convert(raw, Call)
        except msgspec.ValidationError:
            call_id = raw.get("id") if isinstance(raw, dict) else None
            return _failure(call_id, INVALID_REQUEST, "Invalid Request.")
        try:
            if not isinstance(call.params, list):
                raise RpcError("Invalid params.", INVALID_PARAMS)
            result = await self._call(call.method, call.params, bundle)
        except RpcError as error:
            return _failure(call.id, error.code, str(error))
        except Pan123Error as error:
            return _failure(call.id, 1, explain_problem(error.problem).text)
        return {"id": call.id, "jsonrpc": "2.0", "result": result}

    async def _call(self, name: str, params: list[Any], bundle: Bundle) -> Any:
        """Return the result of a call; raises `RpcError` or a `Pan123Error`."""
        bundle.calls += 1
        if bundle.calls > MAX_CALLS:
            raise RpcError(_(TOO_MANY))
        token = params[0] if params and isinstance(params[0], str) else ""
        if token.startswith("token:"):
            params = params[1:]
        if name == "system.multicall":
            return await self._call_all(params, bundle)
        self._check(token, bundle)
        kind, run = METHODS.get(name, (None, None))
        if kind is None or run is None:
            raise RpcError(f"No such method: {sanitize(name, 60)}")
        try:
            given = msgspec.convert(params, kind)
        except msgspec.ValidationError as error:
            raise RpcError(f"Invalid params: {error}") from None
        result = run(self._links, given)
        return await result if inspect.isawaitable(result) else result

    async def _call_all(self, params: list[Any], bundle: Bundle) -> list[Any]:
        try:
            (members,) = msgspec.convert(params, tuple[list[dict[str, Any]]])
        except msgspec.ValidationError as error:
            raise RpcError(f"Invalid params: {error}") from None
        calls = [{**it, "id": None, "method": it.get("methodName")} for it in members]
        if len(calls) > MAX_CALLS or any(it["method"] == "system.multicall" for it in calls):
            raise RpcError(_(TOO_MANY))
        answers = await asyncio.gather(*(self._answer(it, bundle) for it in calls))
        return [it["error"] | {"code": 1} if "error" in it else [it["result"]] for it in answers]

    def _check(self, token: str, bundle: Bundle) -> None:
        given = token.encode(errors="replace")
        if bundle.is_wrong or not hmac.compare_digest(given, bundle.token):
            bundle.is_wrong = True
            raise RpcError(UNAUTHORIZED)
        self._failures = 0

    async def _punish(self) -> None:
        """Let whoever gave a wrong secret wait, longer each time."""
        self._log("a call with a wrong secret was refused")
        self._failures += 1
        if self._waiting < MAX_WAITING:  # the others would take the server's room
            self._waiting += 1
            try:
                await asyncio.sleep(min(LONGEST_WAIT_S, 0.25 * 2 ** min(self._failures, 9)))
            finally:
                self._waiting -= 1

    def _is_our_name(self, host: str) -> bool:
        """Return whether `host` is an address or our name: a page may give us any other."""
        name = re.sub(r":\d+$", "", host.lower()).strip("[]")
        try:
            return bool(name in self._hosts or ipaddress.ip_address(name))
        except ValueError:
            return False

    def _log(self, text: str) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._logged_at >= LOG_INTERVAL_S:
            self._logged_at = now
            _log.warning("%s", text)


def _failure(call_id: Any, code: int, message: str) -> dict[str, Any]:
    return {"id": call_id, "jsonrpc": "2.0", "error": {"code": code, "message": message}}


def _response(content: Any, status: int = 200) -> Response:
    body = msgspec.json.encode(content)
    headers = _ANYWHERE | ({"Upgrade": "HTTP/1.1"} if status == 426 else {})
    return Response(body, status, headers, media_type="application/json-rpc")
