"""The open API as the demo needs it, in place of the network: codes in the body of HTTP 200."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from pan123_tui.simulator.drive import CHINA, Drive, to_detail, to_list_item
from pan123_tui.simulator.messages import (
    CreateRequest,
    Name,
    Refusal,
    bad_request,
    checked,
    envelope,
    number_in,
    trace_ids,
)
from pan123_tui.simulator.world import UID, World

Arguments = Mapping[str, Any]
"""The query of a GET, the JSON object of a POST."""
_GIB = 2**30
_YEAR_S = 365 * 86_400


def create(world: World, body: Arguments) -> dict[str, Any]:
    return {"taskID": world.create(checked(body, CreateRequest))}


def process(world: World, query: Arguments) -> dict[str, Any]:
    snapshot = world.progress(number_in(query, "taskID"))
    return {"process": snapshot.percent, "status": snapshot.status}


def account_info(now: float, *, uid: int = UID, nickname: str = "小鱼") -> dict[str, Any]:
    ends_at = datetime.fromtimestamp(int(now + _YEAR_S), CHINA)
    return {
        "uid": uid,
        "nickname": nickname,
        "spaceUsed": 386 * _GIB,
        "spacePermanent": 2048 * _GIB,
        "spaceTemp": 0,
        "developerInfo": {"endTime": f"{ends_at:%Y-%m-%d %H:%M:%S}"},
    }


def file_list(drive: Drive, query: Arguments) -> dict[str, Any]:
    limit, parent_id = number_in(query, "limit"), number_in(query, "parentFileId")
    if not 1 <= limit <= 100:
        raise bad_request("limit最大不能超过100")
    after = number_in(query, "lastFileId") if query.get("lastFileId") else 0
    page, last = drive.page(parent_id, limit=limit, after=after)
    return {"lastFileId": last, "fileList": [to_list_item(entry) for entry in page]}


def file_detail(drive: Drive, query: Arguments) -> dict[str, Any]:
    return to_detail(drive.entry(number_in(query, "fileID")))


def mkdir(drive: Drive, body: Arguments) -> dict[str, Any]:
    name = checked(body.get("name"), Name)
    return {"dirID": drive.make_folder(name, number_in(body, "parentID"))}


def download_info(drive: Drive, query: Arguments) -> dict[str, Any]:
    file = drive.require_file(number_in(query, "fileId"))
    signed = urlencode({"auth_key": f"{file.id}-{UID}", "filename": file.name})
    return {"downloadUrl": f"https://cdn.example.com/123-{file.id % 1000}/{file.id:032x}?{signed}"}


Call = Callable[[World, Arguments], dict[str, Any]]
"""Performs a call of the service and returns its `data`."""
CALLS: Mapping[tuple[str, str], Call] = {
    ("POST", "/api/v1/offline/download"): create,
    ("GET", "/api/v1/offline/download/process"): process,
    ("GET", "/api/v1/user/info"): lambda world, _sent: account_info(world.clock()),
    ("GET", "/api/v2/file/list"): lambda world, sent: file_list(world.drive, sent),
    ("GET", "/api/v1/file/detail"): lambda world, sent: file_detail(world.drive, sent),
    ("POST", "/upload/v1/file/mkdir"): lambda world, sent: mkdir(world.drive, sent),
    ("GET", "/api/v1/file/download_info"): lambda world, sent: download_info(world.drive, sent),
}


def service_of(world: World) -> httpx.MockTransport:
    """Return the service of `world`, which takes any token: there is one account."""
    traces = trace_ids()

    def answer(request: httpx.Request) -> httpx.Response:
        trace_id, call = next(traces), CALLS[request.method, request.url.path]
        world.catch_up()
        try:
            arguments: Arguments = request.url.params
            if request.method == "POST":
                arguments = checked(msgspec.json.decode(request.content), dict[str, Any])
            body = envelope(call(world, arguments), trace_id)
        except Refusal as no:
            body = envelope(None, trace_id, code=no.code, message=no.message)
        return httpx.Response(200, json=body)

    return httpx.MockTransport(answer)
