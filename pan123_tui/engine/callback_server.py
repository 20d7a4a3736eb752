"""The receiver of the service's callbacks: a small HTTP server on the engine's loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterable, Iterator
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from pan123_tui.domain.errors import Int64, Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.task import TaskHeader
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import BackgroundWorker

MAX_REASON_CHARS = 1000
MAX_BODY_BYTES = 64 * 1024
DEADLINE_S = 10.0
"""Limit for a request, because it takes up a connection."""
MAX_CONNECTIONS = 64


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


class CallbackReceiver(BackgroundWorker):
    """Receives the service's callback at a task's end: `POST …/<the task's secret>`.

    It adds the reason or the file's id to the task and has it polled at once. It never changes
    the task's state, so a forged request costs at most a few polls.
    """

    engine: Engine
    """Set before it runs."""

    def __init__(self, host: str, port: int) -> None:
        self.address: tuple[str, int] | None = None
        """Host and port, once `listens` is set."""
        self.listens = asyncio.Event()
        self._host = host
        self._port = port
        self._ids: dict[bytes, int] = {}
        """The tasks by the digests of their secrets, former ones included: a look-up takes no time,
        and its duration does not tell how near a guess is."""

    def on_event(self, event: EngineEvent, /) -> None:
        """Note the secrets of tasks."""
        match event:
            case TasksLoaded(_tasks, headers):
                self._note(headers)
            case TasksChanged(changed, _removed):
                self._note(changed)

    def _note(self, tasks: Iterable[TaskHeader]) -> None:
        self._ids.update((_digest(t.callback_secret), t.id) for t in tasks if t.callback_secret)

    async def run(self) -> None:
        """Listen until cancelled; if the address cannot be used, publish a notice and wait."""
        try:
            listening = _listen(self._host, self._port)
        except OSError as error:
            message = f"{self._host}:{self._port}: {error.strerror or error}"
            self.engine.set_notice(Problem(ProblemKind.CALLBACK_UNUSABLE, message))
            await asyncio.Event().wait()
            return
        host, port = listening.getsockname()[:2]
        self.address = (host, port)
        self.listens.set()
        await _serve(self.app(), listening)

    def app(self) -> Starlette:
        """Return the application, whose route takes any path: a proxy may keep or cut a prefix."""
        return Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        payload = await _read_payload(request)
        if isinstance(payload, int):
            return Response(status_code=payload)
        task_id = self._find(request.path_params["path"].rpartition("/")[2])
        if task_id is None:
            return Response(status_code=404)
        await self.engine.update_facts(task_id, **payload.facts)
        return Response(status_code=200)

    def _find(self, secret: str) -> int | None:
        """Return the id of the task that has `secret` now, or None."""
        wanted = _digest(secret)
        task_id = self._ids.get(wanted)
        task = self.engine.tasks.get(task_id) if task_id is not None else None
        if task is None or not compare_digest(_digest(task.callback_secret), wanted):
            return None  # the task was removed or sent again since
        return task.id


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


class _Connection(H11Protocol):
    """Takes one request, and ends after `DEADLINE_S` in any case."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(DEADLINE_S, transport.abort)


class _Server(uvicorn.Server):
    """A server that installs no signal handlers, since the program has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: Starlette, listening: socket.socket) -> None:
    server = _Server(
        uvicorn.Config(
            app,
            ws="none",
            http=_Connection,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,  # a path holds a secret
            server_header=False,
            proxy_headers=False,
            headers=[("Connection", "close")],
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )
    )
    try:
        await server.serve(sockets=[listening])
    finally:
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        listening.close()


async def _read_payload(request: Request) -> CallbackPayload | int:
    """Return the parsed body, or the HTTP status of the error."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:  # whatever the headers say
                return 413
        return parse_callback(body)
    except (ClientDisconnect, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 400


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), port), family=family)
    listening.setblocking(False)
    return listening
