"""The open API over HTTP: headers, envelope, and codes in the body of HTTP 200 responses."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pan123_tui.simulator import server
from pan123_tui.simulator.drive import Drive
from pan123_tui.simulator.messages import (
    CreateRequest,
    Refusal,
    bad_request,
    checked,
    envelope,
    number_in,
    trace_ids,
)
from tests.service import faults
from tests.service.accounts import APP_ID, APP_SECRET, Account
from tests.service.faults import TOKEN_UNKNOWN, Fault, FaultKind
from tests.service.scenarios import scenario_of
from tests.service.world import World

Arguments = Mapping[str, Any]
"""The query of a GET, the JSON object of a POST."""
Handler = Callable[[World, Account, Arguments], dict[str, Any]]
"""Performs a call and returns its `data`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call of the service."""

    name: str
    method: str
    path: str
    handler: Handler | None
    """None: a call that needs no token and has a renewer."""
    renewer: Callable[[World, Arguments], dict[str, Any]] | None = None
    """Returns a new token."""
    is_bare: bool = False
    """Whether the answer comes without the envelope, and the arguments in the query."""
    needs_platform: bool = True


def access_token(world: World, body: Arguments) -> dict[str, Any]:
    client_id, secret = body.get("clientID"), body.get("clientSecret")
    if not isinstance(client_id, str) or not isinstance(secret, str):
        raise bad_request("clientID和clientSecret不能为空")
    token = world.tokens.issue(client_id, secret)
    return {"accessToken": token.text, "expiredAt": token.expires_at_text}


def renew_login(world: World, query: Arguments) -> dict[str, Any]:
    # An app may leave its secret out.
    if query.get("client_id") != APP_ID or query.get("client_secret", "") not in ("", APP_SECRET):
        raise bad_request("client_id或client_secret错误")
    if query.get("grant_type") != "refresh_token":
        raise bad_request("grant_type错误")
    return _renewed(world, query.get("refresh_token", ""))


def broker(world: World, query: Arguments) -> dict[str, Any]:
    """Renew with a secret of its own, as the service behind a renewal address."""
    try:
        return {**_renewed(world, query.get("refresh_ui", "")), "text": ""}
    except Refusal as no:
        return {"text": no.message}


def _renewed(world: World, refresh_token: str) -> dict[str, Any]:
    access, new = world.logins.renew(refresh_token, life_s=world.rules.login_life_s)
    return {
        "token_type": "Bearer",
        "access_token": access,
        "refresh_token": new,
        "expires_in": world.rules.login_life_s,
        "scope": "user:base,file:all:read,file:all:write",
    }


def create(world: World, account: Account, body: Arguments) -> dict[str, Any]:
    return {"taskID": world.create(account, checked(body, CreateRequest))}


def process(world: World, account: Account, query: Arguments) -> dict[str, Any]:
    snapshot = world.progress(account, number_in(query, "taskID"))
    return {"process": snapshot.percent, "status": snapshot.status}


def user_info(world: World, account: Account, _query: Arguments) -> dict[str, Any]:
    info = server.account_info(world.clock(), uid=account.uid, nickname=account.nickname)
    return info | {"passport": "13800000000", "mail": "fish@example.com"}


def on_drive(perform: Callable[[Drive, Arguments], dict[str, Any]]) -> Handler:
    """Return a call that needs nothing but the folders and files of the account."""
    return lambda world, account, sent: perform(world.drive(account.client_id), sent)


def download_info(world: World, account: Account, query: Arguments) -> dict[str, Any]:
    info = server.download_info(world.drive(account.client_id), query)
    if not world.rules.has_traffic:
        raise Refusal(5113, faults.QUOTA_USED_UP)
    return info


ENDPOINTS = (
    Endpoint("access_token", "POST", "/api/v1/access_token", None, access_token),
    Endpoint("oauth", "POST", "/api/v1/oauth2/access_token", None, renew_login, is_bare=True),
    Endpoint("broker", "GET", "/_sim/renew", None, broker, is_bare=True, needs_platform=False),
    Endpoint("create", "POST", "/api/v1/offline/download", create),
    Endpoint("process", "GET", "/api/v1/offline/download/process", process),
    Endpoint("user_info", "GET", "/api/v1/user/info", user_info),
    Endpoint("file_list", "GET", "/api/v2/file/list", on_drive(server.file_list)),
    Endpoint("file_detail", "GET", "/api/v1/file/detail", on_drive(server.file_detail)),
    Endpoint("mkdir", "POST", "/upload/v1/file/mkdir", on_drive(server.mkdir)),
    Endpoint("download_info", "GET", "/api/v1/file/download_info", download_info),
)


def json_object(content_type: str, raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; raises `Refusal`."""
    if not content_type.startswith("application/json"):
        raise bad_request("Content-Type必须为application/json")
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError:
        raise bad_request("请求参数错误") from None


def make_app(world: World) -> Starlette:
    """Put `world` behind HTTP."""
    traces = trace_ids()
    routes = [
        Route(it.path, _handler_of(world, it, traces.__next__), methods=[it.method])
        for it in ENDPOINTS
    ]
    return Starlette(routes=routes)


def _handler_of(
    world: World, endpoint: Endpoint, next_trace_id: Callable[[], str]
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        world.stats.requests[endpoint.name] += 1
        trace_id = next_trace_id()
        raw = await request.body()
        sent = f"{request.url.query} {raw.decode(errors='replace')}"
        fault = world.faults.take(endpoint.name, sent) or _scripted_fault(endpoint, raw)
        spoils = fault is not None and fault.kind.is_after
        http_status = 429 if fault and fault.kind is FaultKind.HTTP_429 else 200
        try:
            if fault and not spoils:
                return await faults.respond_instead(fault, request, world.faults)
            data = _perform(world, endpoint, request, raw)
            body = data if endpoint.is_bare else envelope(data, trace_id)
        except Refusal as no:
            body = envelope(None, trace_id, code=no.code, message=no.message)
        if fault and spoils:
            return await faults.corrupt_response(fault, request, world.faults, body)
        return JSONResponse(body, status_code=http_status)

    return answer


def _perform(world: World, endpoint: Endpoint, request: Request, raw: bytes) -> dict[str, Any]:
    """Check headers and token, perform the call, and return its `data`."""
    if endpoint.needs_platform and not request.headers.get("platform"):
        raise bad_request("Please include the platform field in the request header")
    has_body = endpoint.method == "POST" and not endpoint.is_bare
    arguments = (
        json_object(request.headers.get("content-type", ""), raw)
        if has_body
        else request.query_params
    )
    with world.lock:
        world.catch_up()
        if endpoint.renewer is not None:
            return endpoint.renewer(world, arguments)
        assert endpoint.handler is not None
        account = world.tokens.owner(_bearer(request))
        return endpoint.handler(world, account, arguments)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise Refusal(401, TOKEN_UNKNOWN)
    return token


def _scripted_fault(endpoint: Endpoint, raw: bytes) -> Fault | None:
    """Return the fault that the words of a new link ask for."""
    if endpoint.name != "create":
        return None
    try:
        kind = scenario_of(json.loads(raw)["url"]).fault
    except (ValueError, KeyError):
        return None  # the call itself reports the error
    return Fault(kind=kind) if kind else None
