"""The open API over HTTP on loopback, as the demo needs it: codes in the body of HTTP 200."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pan123_tui.simulator.drive import CHINA, Drive, to_detail, to_list_item
from pan123_tui.simulator.messages import (
    CreateRequest,
    Name,
    Refusal,
    bad_request,
    checked,
    envelope,
    json_object,
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
CALLS: Sequence[tuple[str, str, Call]] = (
    ("POST", "/api/v1/offline/download", create),
    ("GET", "/api/v1/offline/download/process", process),
    ("GET", "/api/v1/user/info", lambda world, _sent: account_info(world.clock())),
    ("GET", "/api/v2/file/list", lambda world, sent: file_list(world.drive, sent)),
    ("GET", "/api/v1/file/detail", lambda world, sent: file_detail(world.drive, sent)),
    ("POST", "/upload/v1/file/mkdir", lambda world, sent: mkdir(world.drive, sent)),
    ("GET", "/api/v1/file/download_info", lambda world, sent: download_info(world.drive, sent)),
)


def make_app(world: World) -> Starlette:
    """Return the service of `world`, which takes any token: there is one account."""
    traces = trace_ids()

    def route(method: str, path: str, call: Call) -> Route:
        async def answer(request: Request) -> Response:
            trace_id, raw = next(traces), await request.body()
            world.catch_up()
            try:
                arguments: Arguments = request.query_params
                if method == "POST":
                    arguments = json_object(request.headers.get("content-type", ""), raw)
                return JSONResponse(envelope(call(world, arguments), trace_id))
            except Refusal as no:
                return JSONResponse(envelope(None, trace_id, code=no.code, message=no.message))

        return Route(path, answer, methods=[method])

    return Starlette(routes=[route(*it) for it in CALLS])


class LoopbackServer:
    """`app` in a thread with its own loop; accepts requests within its `with` block."""

    def __init__(self, app: Starlette, *, port: int = 0, **options: Any) -> None:
        """Open the port at once, so that its number and errors are known."""
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.setblocking(False)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_keep_alive=75,  # as common gateways; uvicorn's 5 s would race slow pollers
            **options,
        )
        self._server = uvicorn.Server(config)
        self._cancel: Callable[[], object] = lambda: None
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo service", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(self, *_error: object) -> None:
        self._cancel()
        self._thread.join(1.0)
        self._socket.close()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        """Serve until the end; cancelling is 0.2 s faster than uvicorn's own shutdown."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        loop = asyncio.get_running_loop()
        self._cancel = lambda: loop.call_soon_threadsafe(serving.cancel)
        self._is_up.set()
        try:
            await serving
        finally:
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)  # lets the connections close
