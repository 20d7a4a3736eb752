"""One life of the program: the real engine on the real store, in virtual time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from msgspec.structs import replace
from starlette.applications import Starlette

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.config.schema import Callback
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.task import Task
from pan123_tui.engine.aria2.entrance import Aria2Entrance
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.http_server import CallbackReceiver
from pan123_tui.engine.ports import Runtime, ServiceConfig
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from tests.engine_stage import settings_of
from tests.simulation.scenario import Scenario
from tests.simulation.service import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_ACCOUNTS_TOKEN,
    FakeService,
    Wire,
)
from tests.simulation.truth import Screen, Truth
from tests.simulation.virtual_loop import VirtualLoop, VirtualThreads

RETRY_AFTER = "60s"
CALLBACK_BASE = "http://callback.example"
BROWSERS_SECRET = "shown-secret"


@dataclass(slots=True)
class Life:
    """One process, from its start to its end."""

    loop: VirtualLoop
    store: TaskStore
    engine: Engine
    screen: Screen
    receiver: Starlette
    browsers: Starlette
    """Takes the links of browsers."""
    work: asyncio.Task[None]
    lock: FolderLock | None
    touched_at: float
    """When it began or the user last acted."""
    commands: list[asyncio.Task[None]] = field(default_factory=list)
    others: list[asyncio.Task[None]] = field(default_factory=list)
    """The work of other processes meanwhile."""
    removed: tuple[Task, ...] = ()
    """The removed tasks that can be restored."""


@dataclass(slots=True)
class Machine:
    """Starts the program, life after life; its `clock` shows Unix seconds."""

    scenario: Scenario
    service: FakeService
    truth: Truth
    token_file: Path
    clock: Callable[[], float]
    random: Random
    is_other_account: bool = False

    @property
    def credentials(self) -> Credentials:
        if self.is_other_account:
            return AccessToken(OTHER_ACCOUNTS_TOKEN)
        if self.scenario.has_client_pair:
            return ClientPair(CLIENT_ID, CLIENT_SECRET)
        return AccessToken(ACCESS_TOKEN)

    def saved(self, settings: Settings) -> ServiceConfig:
        """Return what the user has saved."""
        return ServiceConfig(self.connect, settings, self.credentials)

    def connect(self) -> Pan123Client:
        """Return a real client whose requests go to the service."""
        connection = ServiceConnection(
            "https://service.example",
            transport=Wire(self.service),
            clock=self.clock,
            random=self.random.random,
        )
        return Pan123Client(connection, self.credentials, token_cache=self.token_file)

    def start(self, store: TaskStore, loop: VirtualLoop, lock: FolderLock | None) -> Life:
        """Start the program on what `store` holds."""
        store._executor = VirtualThreads(loop)
        scenario, screen = self.scenario, Screen(self.truth, loop.time)
        runtime = Runtime(
            clock=self.clock,
            monotonic=loop.time,
            random=self.random.random,
            new_secret=lambda: f"{self.random.getrandbits(64):016x}",
        )
        settings = settings_of(
            looks=scenario.has_arrivals,
            max_running=scenario.max_running,
            retry_times=scenario.retry_times,
            retry_after=RETRY_AFTER,
        )
        if scenario.has_callbacks:
            settings = replace(
                settings, callback=Callback(listen="here:1", public_url=CALLBACK_BASE)
            )
        events = EventPublisher()
        engine = Engine(store, self.saved(settings), events, runtime=runtime)
        receiver = CallbackReceiver(engine, "")
        entrance = Aria2Entrance(engine, lambda: BROWSERS_SECRET)
        events.listeners = screen, receiver, entrance
        screen.memory = engine.tasks
        loop.on_quiet = lambda: self.truth.shows_the_latest(screen, engine.tasks)
        work = loop.create_task(engine.run())
        callbacks, browsers = (Starlette(routes=it.routes) for it in (receiver, entrance))
        touched_at = loop.time()
        return Life(loop, store, engine, screen, callbacks, browsers, work, lock, touched_at)
