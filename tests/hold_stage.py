"""Runs the real engine, store and client against the simulator in virtual time."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial, wraps
from inspect import Signature, signature
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast

import httpx
import pytest

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccessToken, Credentials
from pan123_tui.domain.events import Connection
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import CloudApi, Runtime
from pan123_tui.store.task_store import TaskStore
from tests.api_stage import in_no_time
from tests.engine_stage import QUIET, Witness, change, config_of
from tests.service.accounts import ACCESS_TOKEN
from tests.service.http_api import make_app
from tests.service.world import World

EPOCH = 1e9
T = TypeVar("T")


class InProcess(httpx.AsyncBaseTransport):
    """Passes requests to the simulator, and records when each one was sent."""

    def __init__(self, world: World) -> None:
        self._app = httpx.ASGITransport(make_app(world))
        self.creates: list[float] = []
        self.user_infos: list[float] = []
        self.create_delay_s = 0.0
        self.retry_after_s = 0
        """What a rate refusal asks for; 0: nothing."""
        self.read_timeouts: dict[str, float] = {}
        self.late = ""
        """Answers to such addresses, a regular expression, come when they may."""
        self.may_answer = asyncio.Event()
        self.late_requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        if request.url.path.endswith("/offline/download"):
            self.creates.append(now)
        if request.url.path.endswith("/user/info"):
            self.user_infos.append(now)
        self.read_timeouts[request.url.path] = request.extensions["timeout"]["read"]
        if request.url.path.endswith("/offline/download"):
            await asyncio.sleep(self.create_delay_s)
        try:
            response = await self._app.handle_async_request(request)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from None
        if self.late and re.search(self.late, str(request.url)):
            self.late_requests += 1
            await self.may_answer.wait()
        if response.status_code == 429 and self.retry_after_s:
            response.headers["Retry-After"] = str(self.retry_after_s)
        return response


def at_once(loop: asyncio.AbstractEventLoop) -> Callable[..., asyncio.Future[T]]:
    """Do a thread's work on the loop: time that passes at once would run away from a thread."""

    def run(_executor: object, function: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        outcome: asyncio.Future[T] = loop.create_future()
        outcome.set_result(function(*arguments))
        return outcome

    return run


@dataclass(slots=True)
class Stage:
    """What a test in virtual time looks at."""

    engine: Engine
    world: World
    wire: InProcess
    witness: Witness
    connect: Callable[..., Pan123Client]
    """Returns a client with the given credentials, and a file for their tokens."""
    service: CloudApi | None
    """What is used instead of the client and the simulator, if anything."""

    def serve(self, service: T) -> T:
        """Use `service` from the engine's start on, which is a turn of the loop later."""
        self.service = cast("CloudApi", service)
        return service

    async def use(self, token: str) -> None:
        """Go on with the account of `token`."""
        credentials = AccessToken(token)
        connect = partial(self.connect, credentials)
        await change(self.engine, connect=connect, credentials=credentials)

    async def use_service(self, service: CloudApi) -> None:
        """Go on with another account, for which `service` answers."""
        credentials = AccessToken(f"token-{id(service)}")
        await change(self.engine, connect=lambda: service, credentials=credentials)

    def connection(self) -> Connection:
        """Return how the status describes the connection now."""
        return self.engine.status.connection

    def missing_folders(self) -> tuple[int, ...]:
        """Return the folders that are said to be gone."""
        return self.engine.status.missing_folders

    def in_state(self, *states: TaskState) -> list[Task]:
        """Return the tasks in one of `states`."""
        return [task for task in self.engine.tasks.values() if task.state in states]


OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]
"""Runs `virtual_engine` in the folder of a test, for a `CloudApi` and `settings`."""


def on_stage(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in virtual time on the `stage` that the fixture `open_stage` opens."""

    @wraps(test)
    def run(open_stage: OpenStage, **values: Any) -> None:
        async def play() -> None:
            async with open_stage() as stage:
                await test(stage=stage, **values)

        in_no_time(play())

    wanted = dict(signature(test).parameters)
    wanted["stage"] = wanted["stage"].replace(name="open_stage")
    run.__dict__["__signature__"] = Signature(list(wanted.values()))  # which pytest looks at
    return run


@asynccontextmanager
async def virtual_engine(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    service: CloudApi | None = None,
    *,
    settings: Settings = QUIET,
) -> AsyncIterator[Stage]:
    """Run the engine at its real pace on the loop of `in_no_time`.

    It uses `service` instead of the client and the simulator, if given.
    """
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "run_in_executor", at_once(loop))
    random = Random(1).random
    world = World(clock=lambda: EPOCH + loop.time())
    wire, witness, store = InProcess(world), Witness(), TaskStore(folder)

    def connect(
        credentials: Credentials = AccessToken(ACCESS_TOKEN),  # noqa: B008 - a frozen value
        token_cache: Path | None = None,
    ) -> Pan123Client:
        connection = ServiceConnection(
            "http://127.0.0.1:1", transport=wire, clock=lambda: EPOCH + loop.time(), random=random
        )
        return Pan123Client(connection, credentials, token_cache=token_cache)

    runtime = Runtime(clock=lambda: EPOCH + loop.time(), monotonic=loop.time, random=random)
    config = config_of(lambda: stage.service or connect(), settings)
    engine = Engine(store, config, witness, runtime=runtime)
    stage = Stage(engine, world, wire, witness, connect, service)
    work = asyncio.create_task(engine.run())
    try:
        yield stage
    finally:
        engine.stop()
        await asyncio.wait([work], timeout=3600)
        assert work.done(), "the engine does not end"
        await work
        store.close()
        assert not witness.bugs
