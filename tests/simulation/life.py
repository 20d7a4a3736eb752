"""One life of the program: the real engine on the real store, in virtual time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from starlette.applications import Starlette

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.send_queue import RetryRule
from pan123_tui.domain.task import Task
from pan123_tui.engine.callback_server import CallbackReceiver
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import EngineRules, Runtime, Session
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.lock import StoreLock
from pan123_tui.store.task_store import TaskStore
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

RETRY_AFTER_S = 60.0
CALLBACK_BASE = "http://callback.example"


@dataclass(slots=True)
class Life:
    """One process, from its start to its end."""

    loop: VirtualLoop
    store: TaskStore
    engine: Engine
    screen: Screen
    receiver: Starlette
    work: asyncio.Task[None]
    lock: StoreLock | None
    touched_at: float
    """When it began or the user last acted."""
    commands: list[asyncio.Task[None]] = field(default_factory=list)
    others: list[asyncio.Task[None]] = field(default_factory=list)
    """The work of other processes meanwhile."""
    removed: tuple[Task, ...] = ()
    """The removed tasks that can be restored."""


def client_factory(
    scenario: Scenario,
    service: FakeService,
    *,
    is_other_account: Callable[[], bool],
    token_file: Path,
    clock: Callable[[], float],
    random: Random,
) -> Callable[[], Pan123Client]:
    """Return a factory of real clients whose requests go to `service`."""

    def credentials() -> Credentials:
        if is_other_account():
            return AccessToken(OTHER_ACCOUNTS_TOKEN)
        if scenario.has_client_pair:
            return ClientPair(CLIENT_ID, CLIENT_SECRET)
        return AccessToken(ACCESS_TOKEN)

    def connect() -> Pan123Client:
        connection = ServiceConnection(
            "https://service.example", transport=Wire(service), clock=clock, random=random.random
        )
        return Pan123Client(connection, credentials(), token_cache=token_file)

    return connect


def start_life(
    scenario: Scenario,
    store: TaskStore,
    loop: VirtualLoop,
    truth: Truth,
    *,
    lock: StoreLock | None,
    connect: Callable[[], Pan123Client],
    clock: Callable[[], float],
    random: Random,
) -> Life:
    """Start the program on what `store` holds."""
    store._executor = VirtualThreads(loop)
    screen = Screen(truth, loop.time)
    receiver = CallbackReceiver("", 0)
    runtime = Runtime(
        clock=clock,
        monotonic=loop.time,
        random=random.random,
        new_secret=lambda: f"{random.getrandbits(64):016x}",
    )
    session = Session(connect)
    engine = Engine(
        store,
        session,
        EventPublisher(screen, receiver),
        rules=EngineRules(
            retry=RetryRule(scenario.retry_times, RETRY_AFTER_S), max_running=scenario.max_running
        ),
        runtime=runtime,
        looks_for_files=scenario.has_arrivals,
        callback_base=CALLBACK_BASE if scenario.has_callbacks else "",
    )
    receiver.engine = engine
    loop.on_quiet = lambda: truth.shows_the_latest(screen, engine.tasks)
    work = loop.create_task(engine.run())
    return Life(loop, store, engine, screen, receiver.app(), work, lock, touched_at=loop.time())
