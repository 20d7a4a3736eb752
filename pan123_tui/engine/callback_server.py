"""The receiver of the service's callbacks: a small HTTP server on the engine's loop."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import h11
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.int64 import Int64
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskHeader
from pan123_tui.engine.ports import BackgroundWorker
from pan123_tui.engine.task_service import TaskService


class TokenBucket:
    """Lets `burst` requests through at once, and `per_s` a second in the long run."""

    def __init__(self, *, per_s: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._refilled_at = clock()

    def try_acquire(self) -> bool:
        """Take a token for one request; return False if there is none."""
        now = self._clock()
        passed_s = max(0.0, now - self._refilled_at)
        self._tokens = min(self._burst, self._tokens + passed_s * self._per_s)
        self._refilled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


MAX_REASON_CHARS = 1000


class CallbackPayload(msgspec.Struct, frozen=True):
    """The body of a callback; unknown fields are ignored.

    `status` is 0 for success and 1 for failure, the reverse of what *process* returns.
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


class CallbackSecretIndex:
    """Finds tasks by the digest of their secret, so that timing reveals nothing of a secret."""

    def __init__(self) -> None:
        self._tasks: dict[bytes, int] = {}
        self._digests: dict[int, bytes] = {}

    def on_event(self, event: EngineEvent, /) -> None:
        """Update the index; a task that was removed or sent again loses its former secret."""
        match event:
            case TasksLoaded(tasks):
                for header in tasks.headers():
                    self._add(header)
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._discard(task_id)
                for task in tasks:
                    self._add(task)

    def find(self, secret: str) -> int | None:
        """Return the id of the task that has `secret`, or None."""
        return self._tasks.get(_digest(secret))

    def _add(self, task: Task | TaskHeader) -> None:
        digest = _digest(task.callback_secret) if task.callback_secret else None
        if digest != self._digests.get(task.id):
            self._discard(task.id)
            if digest is not None:
                self._tasks[digest] = task.id
                self._digests[task.id] = digest

    def _discard(self, task_id: int) -> None:
        digest = self._digests.pop(task_id, None)
        if digest is not None:
            self._tasks.pop(digest, None)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0
HEADER_TIMEOUT_S = 10.0
MAX_CONNECTIONS = 64
UNKNOWN_PER_S, UNKNOWN_BURST = 5.0, 50.0
"""Limits of requests without a valid secret, apart from the others' so as not to block them."""
KNOWN_PER_S, KNOWN_BURST = 50.0, 500.0


class CallbackReceiver(BackgroundWorker):
    """Receives the service's callback at a task's end: `POST …/<the task's secret>`.

    It adds the reason or the file's id to the task and has it polled at once. It never changes
    the task's state, so a forged request costs at most a few polls.
    """

    def __init__(
        self, host: str, port: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.address: tuple[str, int] | None = None
        """Host and port, once `listens` is set."""
        self.listens = asyncio.Event()
        self._host = host
        self._port = port
        self._index = CallbackSecretIndex()
        self._unknown = TokenBucket(per_s=UNKNOWN_PER_S, burst=UNKNOWN_BURST, clock=clock)
        self._known = TokenBucket(per_s=KNOWN_PER_S, burst=KNOWN_BURST, clock=clock)
        self._tasks: TaskService | None = None

    def on_event(self, event: EngineEvent, /) -> None:
        """Update the index of the tasks' secrets."""
        self._index.on_event(event)

    async def run(self, tasks: TaskService, /) -> None:
        """Listen until cancelled; if the address cannot be used, publish a notice and wait."""
        self._tasks = tasks
        try:
            listening = _listen(self._host, self._port)
        except OSError as error:
            message = f"{self._host}:{self._port}: {error.strerror or error}"
            tasks.set_notice(Problem(ProblemKind.CALLBACK_UNUSABLE, message))
            await asyncio.Event().wait()
            return
        host, port = listening.getsockname()[:2]
        self.address = (host, port)
        self.listens.set()
        await _serve(self.app(), listening)

    def app(self) -> Starlette:
        """Return the application; its route takes any path, as a proxy may keep or cut a prefix."""
        return Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        secret = request.path_params["path"].rpartition("/")[2]
        task_id = self._index.find(secret)
        limit = self._unknown if task_id is None else self._known
        if not limit.try_acquire():
            return Response(status_code=429, headers={"Retry-After": "10"})
        payload = await _read_payload(request)
        if isinstance(payload, int):
            return Response(status_code=payload)
        if task_id is None or self._tasks is None or not self._is_current(task_id, secret):
            return Response(status_code=404)
        await self._tasks.update_facts(task_id, **payload.facts)
        return Response(status_code=200)

    def _is_current(self, task_id: int, secret: str) -> bool:
        """Return whether the task has `secret` now: a retry is in memory before it is published."""
        task = self._tasks.tasks.get(task_id) if self._tasks is not None else None
        return task is not None and _digest(task.callback_secret) == _digest(secret)


class _Connection(H11Protocol):
    """Ends where a request does not come whole in time: it would take the place of another."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def _watch_headers(self) -> None:
        """Give the headers of a request their time, which more bytes of them do not prolong."""
        if self.conn.their_state is not h11.IDLE:
            self._stop_watching()
        elif self._patience is None:
            self._patience = self.loop.call_later(HEADER_TIMEOUT_S, self.transport.abort)

    def _stop_watching(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


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
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=5,
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
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await _read_body(request)
        return 413 if body is None else parse_callback(body)
    except TimeoutError:
        return 408
    except (ClientDisconnect, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 400


async def _read_body(request: Request) -> bytes | None:
    """Return the body; None if it is larger than `MAX_BODY_BYTES`, whatever its headers say."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), port), family=family)
    listening.setblocking(False)
    return listening
