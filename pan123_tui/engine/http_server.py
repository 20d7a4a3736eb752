"""The HTTP server for what others send to the engine, on its loop, such as callbacks."""

import asyncio
import resource
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from pan123_tui.domain.errors import Int64, Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent, EventListener, TasksChanged, TasksLoaded
from pan123_tui.domain.task import Task
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import BackgroundWorker

DEADLINE_S = 10.0
"""Limit for a request and its answer."""
MAX_CONNECTIONS = 64
MAX_UNREAD = 4
DESCRIPTOR_SHARE = 8
"""It uses at most this part of the process's descriptors: store and socket need them too."""
MAX_REASON_CHARS = 1000
MAX_BODY_BYTES = 64 * 1024


class Entrance(EventListener):
    """What other programs may call at one address."""

    max_unread = MAX_UNREAD
    """How many connections from one address may be sending their requests at the same time."""

    def __init__(
        self, engine: Engine, address: str, *routes: BaseRoute, unusable: ProblemKind
    ) -> None:
        """Serve `routes` at `address`, HOST:PORT; `unusable` if nobody can listen there."""
        self.engine = engine
        self.address = address
        self.routes = routes
        self.unusable = unusable

    async def prepare(self) -> None:
        """Do what must be done before anybody calls; raises `OSError` if it is not possible."""

    def note_bound(self, host: str, port: int) -> None:
        """Note where it can be called."""


async def read_body(request: Request, limit: int) -> bytes | Response:
    """Return the body of `request`, or the answer to one that has more than `limit` bytes."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                return Response(status_code=413)
    except ClientDisconnect:
        return Response(status_code=400)
    return bytes(body)


class HttpServer(BackgroundWorker):
    """Serves the entrances; those with the same address in their order.

    A request that is sent slowly never keeps another one out: where there is no room, the
    connection that has been sending for the longest time is ended.
    """

    def __init__(self, *entrances: Entrance) -> None:
        self.entrances = entrances

    def on_event(self, event: EngineEvent, /) -> None:
        for entrance in self.entrances:
            entrance.on_event(event)

    async def run(self) -> None:
        """Listen until cancelled; publish a notice about an address that cannot be used."""
        kinds = {entrance.address: entrance.unusable for entrance in self.entrances}
        await asyncio.gather(*(self._serve(address, kind) for address, kind in kinds.items()))

    async def _serve(self, address: str, unusable: ProblemKind) -> None:
        here = [entrance for entrance in self.entrances if entrance.address == address]
        engine = here[0].engine
        try:
            for entrance in here:
                await entrance.prepare()
            listening = _listen(address)
        except OSError as error:
            reason = str(error.strerror or error).partition(" (while")[0]  # Python's addition
            problem = Problem(unusable, f"{error.filename or address}: {reason}")
            engine.events.update(notice=problem)
            await asyncio.Event().wait()
            return
        application = Starlette(routes=[route for entrance in here for route in entrance.routes])
        config, state = _config(application), ServerState()
        state.default_headers.extend(config.encoded_headers)
        descriptors, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
        limit = min(MAX_CONNECTIONS, max(descriptors // DESCRIPTOR_SHARE, 1))
        unread = max(entrance.max_unread for entrance in here)
        server = await asyncio.get_running_loop().create_server(
            lambda: _Connection(config, state, limit, unread), sock=listening, backlog=limit
        )
        try:
            host, port = listening.getsockname()[:2]
            for entrance in here:
                entrance.note_bound(host, port)
            await asyncio.Event().wait()
        finally:
            server.close()
            if engine.is_stopping:  # otherwise they are answered
                for connection in list(state.connections):
                    connection.transport.abort()


class CallbackPayload(msgspec.Struct, frozen=True):
    """The body of a callback; unknown fields are ignored.

    `status` is 0 for success and 1 for failure; for *process*, 0 is running and 2 success.
    """

    status: Int64
    url: str = ""
    failReason: str | None = None  # noqa: N815 - the service's name
    fileReason: str | None = None  # noqa: N815 - the spelling in an example of its documentation
    fileID: Int64 | None = None  # noqa: N815

    @property
    def facts(self) -> dict[str, Any]:
        """The fields to set in the task; never its state, which only *process* decides."""
        reason = (self.failReason or self.fileReason or "")[:MAX_REASON_CHARS]
        facts: dict[str, Any] = {}
        if self.status != 0 and reason:
            facts["fail_reason"] = reason
        if self.status == 0 and self.fileID is not None and self.fileID > 0:
            facts["file_id"] = self.fileID
        return facts


parse_callback = msgspec.json.Decoder(CallbackPayload, strict=False).decode
"""Parse the body of a callback; raises `msgspec.DecodeError`."""


class CallbackReceiver(Entrance):
    """Receives the service's callback at a task's end: `POST …/<the task's secret>`.

    It adds the reason or the file's id to the task and has it polled at once. It never changes
    the task's state, so a forged request costs at most a few polls.
    """

    def __init__(self, engine: Engine, address: str) -> None:
        """Receive callbacks at `address`, whatever stands before the secret: a proxy's prefix."""
        route = Route("/{path:path}", self._receive, methods=["POST"])
        super().__init__(engine, address, route, unusable=ProblemKind.CALLBACK_UNUSABLE)
        self._ids: dict[str, int] = {}
        """The tasks by their secrets, former ones included: by its hash, a look-up takes as long
        for a good guess as for a bad one."""

    def on_event(self, event: EngineEvent, /) -> None:
        match event:
            case TasksLoaded(tasks):
                self._note(tasks)
            case TasksChanged(changed, _removed):
                self._note(changed)

    def _note(self, tasks: Iterable[Task]) -> None:
        self._ids.update((t.callback_secret, t.id) for t in tasks if t.callback_secret)

    async def _receive(self, request: Request) -> Response:
        body = await read_body(request, MAX_BODY_BYTES)
        if isinstance(body, Response):
            return body
        try:
            payload = parse_callback(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Response(status_code=400)
        task_id = self._find(request.path_params["path"].rpartition("/")[2])
        if task_id is None:
            return Response(status_code=404)
        await self.engine.update_facts(task_id, **payload.facts)
        return Response(status_code=200)

    def _find(self, secret: str) -> int | None:
        task = self.engine.tasks.get(self._ids.get(secret, 0))
        if task is None or task.callback_secret != secret:
            return None  # it was removed or sent again since
        return task.id


class _Connection(H11Protocol):
    """Takes one request, and ends after `DEADLINE_S` in any case."""

    def __init__(self, config: uvicorn.Config, state: ServerState, limit: int, unread: int) -> None:
        super().__init__(config, state, {})
        self._limit, self._unread = limit, unread

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.made_at = self.loop.time()
        self._deadline = self.loop.call_later(DEADLINE_S, transport.abort)
        others: set[_Connection] = self.connections  # type: ignore[assignment] # all are ours
        usable = [other for other in others if not other.transport.is_closing()]
        sending = [other for other in usable if other.is_sending]
        ours = [other for other in sending if _host(other) == _host(self)]
        if len(ours) > self._unread:
            _oldest(ours).transport.abort()
        elif len(usable) > self._limit:
            _oldest(sending).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)

    @property
    def is_sending(self) -> bool:
        return self.cycle is None or self.cycle.more_body


def _host(connection: _Connection) -> str:
    return connection.client[0] if connection.client else ""


def _oldest(connections: Sequence[_Connection]) -> _Connection:
    return min(connections, key=lambda connection: connection.made_at)


def _config(application: Starlette) -> uvicorn.Config:
    config = uvicorn.Config(
        application,
        ws="none",
        http=_Connection,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,  # a path may hold a secret
        server_header=False,
        proxy_headers=False,
        headers=[("Connection", "close")],
    )
    config.load()
    return config


def _listen(address: str) -> socket.socket:
    host, _colon, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), int(port)), family=family)
    listening.setblocking(False)
    return listening
