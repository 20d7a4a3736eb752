"""The receiver of the service's callbacks: a small HTTP server on the engine's own loop."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from pan123_tui.callback.flood import FloodGate
from pan123_tui.callback.register import Register
from pan123_tui.callback.report import Report, read_report
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.engine.task_service import TaskService

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
        self._register = Register()
        self._strangers = FloodGate(per_s=STRANGERS_PER_S, burst=STRANGERS_BURST, clock=clock)
        self._known = FloodGate(per_s=KNOWN_PER_S, burst=KNOWN_BURST, clock=clock)
        self._tasks: TaskService | None = None

    def hear(self, event: EngineEvent, /) -> None:
        """Follow the tasks' secrets."""
        self._register.hear(event)

    async def settled(self) -> None:
        """Return at once: each post is carried out before it is answered."""

    async def run(self, tasks: TaskService, /) -> None:
        """Listen until cancelled; where that cannot be done, say so and leave it at polling."""
        self._tasks = tasks
        try:
            listening = _listen(self._host, self._port)
        except OSError as error:
            message = f"{self._host}:{self._port}: {error.strerror or error}"
            tasks.warn(Problem(ProblemKind.CALLBACK_UNUSABLE, message))
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
        if not gate.lets_in():
            return Response(status_code=429, headers={"Retry-After": "10"})
        report = await _report(request)
        if isinstance(report, int):
            return Response(status_code=report)
        if task_id is None or self._tasks is None:
            return Response(status_code=404)
        await self._tasks.learn(task_id, **report.facts)
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


async def _report(request: Request) -> Report | int:
    """Read what was posted; a number is the HTTP status that says why it cannot be taken."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await _body(request)
        return 413 if body is None else read_report(body)
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
