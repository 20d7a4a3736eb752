"""The receiver of the service's callbacks: a small HTTP server on the engine's own loop."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Annotated, Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskHeader
from pan123_tui.engine.task_service import TaskService


class TokenBucket:
    """A bucket of `burst` posts that fills with `per_s`."""

    def __init__(self, *, per_s: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._at = clock()

    def try_acquire(self) -> bool:
        """Take one post out of the bucket, if there is one left."""
        now = self._clock()
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


MAX_REASON_CHARS = 1000


class CallbackPayload(msgspec.Struct, frozen=True):
    """The body of a callback; unknown fields are ignored.

    `status` is 0 for success and 1 for failure, the other way round than *process* has it.
    """

    status: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
    url: str = ""
    failReason: str | None = None  # noqa: N815 - the service's name
    fileReason: str | None = None  # noqa: N815 - how its page spells it once
    fileID: Annotated[int, msgspec.Meta(le=2**63 - 1)] | None = None  # noqa: N815

    @property
    def facts(self) -> dict[str, Any]:
        """What it adds to a task: never its state, which only *process* tells."""
        reason = (self.failReason or self.fileReason or "")[:MAX_REASON_CHARS]
        facts: dict[str, Any] = {}
        if self.status != 0 and reason:
            facts["fail_reason"] = reason
        if self.status == 0 and self.fileID is not None and self.fileID > 0:
            facts["file_id"] = self.fileID
        return facts


parse_callback = msgspec.json.Decoder(CallbackPayload).decode
"""Understand the body of a callback; raises `msgspec.DecodeError` where that cannot be done."""


class CallbackSecretIndex:
    """Keeps digests only: how far a guess agrees with a secret shows in no comparison."""

    def __init__(self) -> None:
        self._tasks: dict[bytes, int] = {}
        self._digests: dict[int, bytes] = {}

    def on_event(self, event: EngineEvent, /) -> None:
        """Follow the tasks; the secret of a removed or newly submitted one is void."""
        match event:
            case TasksLoaded(tasks):
                for header in tasks.headers():
                    self._keep(header)
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._forget(task_id)
                for task in tasks:
                    self._keep(task)

    def find(self, secret: str) -> int | None:
        """Give the id of the task that `secret` belongs to."""
        return self._tasks.get(_digest(secret))

    def _keep(self, task: Task | TaskHeader) -> None:
        digest = _digest(task.callback_secret) if task.callback_secret else None
        if digest != self._digests.get(task.id):
            self._forget(task.id)
            if digest is not None:
                self._tasks[digest] = task.id
                self._digests[task.id] = digest

    def _forget(self, task_id: int) -> None:
        digest = self._digests.pop(task_id, None)
        if digest is not None:
            self._tasks.pop(digest, None)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


MAX_BODY = 64 * 1024
BODY_TIMEOUT_S = 10.0
MAX_CONNECTIONS = 64
STRANGERS_PER_S, STRANGERS_BURST = 5.0, 50.0
"""Posts without a valid secret: their flood does not keep the others out."""
KNOWN_PER_S, KNOWN_BURST = 50.0, 500.0


class CallbackReceiver:
    """Takes what the service says about a task's end: `POST …/<the task's secret>`.

    It adds the reason and the file's id to the task and has it polled at once; it never moves a
    task, so a forged post can at most cost a few polls, and those to come are spared only when
    *process* agrees.
    """

    def __init__(
        self, host: str, port: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.address: tuple[str, int] | None = None
        """Where it listens, once `listens` is set."""
        self.listens = asyncio.Event()
        self._host = host
        self._port = port
        self._register = CallbackSecretIndex()
        self._strangers = TokenBucket(per_s=STRANGERS_PER_S, burst=STRANGERS_BURST, clock=clock)
        self._known = TokenBucket(per_s=KNOWN_PER_S, burst=KNOWN_BURST, clock=clock)
        self._tasks: TaskService | None = None

    def on_event(self, event: EngineEvent, /) -> None:
        """Follow the tasks' secrets."""
        self._register.on_event(event)

    async def wait_idle(self) -> None:
        """Return at once: each post is carried out before it is answered."""

    async def run(self, tasks: TaskService, /) -> None:
        """Listen until cancelled; where that cannot be done, say so and leave it at polling."""
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
        """Give the application; its one route takes any path: a proxy may keep or cut a prefix."""
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        task_id = self._register.find(request.path_params["path"].rpartition("/")[2])
        gate = self._strangers if task_id is None else self._known
        if not gate.try_acquire():
            return Response(status_code=429, headers={"Retry-After": "10"})
        report = await _report(request)
        if isinstance(report, int):
            return Response(status_code=report)
        if task_id is None or self._tasks is None:
            return Response(status_code=404)
        await self._tasks.update_facts(task_id, **report.facts)
        return Response(status_code=200)


class _Server(uvicorn.Server):
    """A server that leaves the signals to the program that it is a part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: Starlette, listening: socket.socket) -> None:
    server = _Server(
        uvicorn.Config(
            app,
            ws="none",
            http="h11",
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


async def _report(request: Request) -> CallbackPayload | int:
    """Read what was posted; a number is the HTTP status that says why it cannot be taken."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await _body(request)
        return 413 if body is None else parse_callback(body)
    except TimeoutError:
        return 408
    except (ClientDisconnect, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 400


async def _body(request: Request) -> bytes | None:
    """Read the body; None: it is larger than `MAX_BODY`, whatever its headers say."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), port), family=family)
    listening.setblocking(False)
    return listening
