"""Runs the program on the simulated demo with stopped clocks, for reproducible pictures.

The engine polls each task once, sends one of the queued links, and then nothing changes. The
screen is the same on every machine.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from msgspec.structs import replace
from textual.pilot import Pilot

from pan123_tui.bootstrap import AppContext, load_context, make_client
from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config import schema
from pan123_tui.config.credentials import save_credentials
from pan123_tui.config.paths import AppPaths
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.events import Connection, EventListener
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import Runtime, ServiceConfig
from pan123_tui.programs.dashboard import build_app
from pan123_tui.programs.demo import demo_task
from pan123_tui.simulator.server import service_of
from pan123_tui.simulator.world import ACCESS_TOKEN, Link, World, fill
from pan123_tui.store.task_store import TaskStore
from pan123_tui.terminal.textual_private import break_chinese_lines
from pan123_tui.ui.app import Exit, Pan123App
from tests.served_engine import ServedEngine

NOW = 1_764_055_800.0
"""25 November 2025, 15:30 in China: the time of all pictures, Unix seconds."""
ZONE = "CST-8"
"""China's time zone, in the format that needs no zone files."""
SHOWN_FILE = Path("~/.config/pan123-tui/config.toml")
TIMEOUT_S = 60.0
NEVER_S = 1e6
PAINT_INTERVAL_S = 0.1
"""Interval of repaints, short so that it does not delay each picture."""

StillPilot = Pilot[Exit]
Drive = Callable[[StillPilot], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The program's options, size and stored data."""

    language: str = "en"
    is_ascii: bool = False
    columns: int = 120
    rows: int = 34
    has_tasks: bool = True
    has_account: bool = True


@contextmanager
def frozen_zone() -> Iterator[None]:
    """Use China's time zone."""
    with patch.dict(os.environ, {"TZ": ZONE}):
        time.tzset()
        try:
            yield
        finally:
            os.environ.pop("TZ")
            time.tzset()


@asynccontextmanager
async def run_program(setting: Setting) -> AsyncIterator[StillPilot]:
    """Run the program in `setting` and yield once it is idle."""
    with (
        TemporaryDirectory() as folder,
        frozen_zone(),
        _on_simulator(setting, folder) as (app, served),
    ):
        async with app.run_test(size=(setting.columns, setting.rows)) as pilot:
            try:
                await wait_until(pilot, lambda: _is_idle(app, setting))
                yield pilot
            finally:
                await served.close()


async def wait_until(pilot: StillPilot, is_true: Callable[[], bool]) -> None:
    """Wait until `is_true` and everything is painted; raises `TimeoutError`."""
    deadline = time.monotonic() + TIMEOUT_S
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the program was not idle within {TIMEOUT_S:.0f} s")
        await pilot.pause(0.02)
    await pilot.pause()


def _filled_store(context: AppContext, links: Sequence[Link]) -> TaskStore:
    store = TaskStore(context.paths.data_dir)
    ids = store.new_ids(len(links))
    store.put(demo_task(it, task_id=i, now=NOW) for i, it in zip(ids, links, strict=True))
    return store


@contextmanager
def _on_simulator(setting: Setting, folder: str) -> Iterator[tuple[Pan123App, ServedEngine]]:
    world = World(clock=lambda: NOW)
    links = fill(world)
    context = load_context(_environment(setting, Path(folder)))
    context.paths.ensure_directories()
    if setting.has_account:
        save_credentials(context.paths.config_dir, AccessToken(ACCESS_TOKEN))

    def create_engine(listener: EventListener) -> Engine:
        store = _filled_store(context, links if setting.has_tasks else [])
        stopped = Runtime(clock=lambda: NOW, monotonic=lambda: 0.0, random=lambda: 0.5)
        demo = _on_demo(context, world)
        config = ServiceConfig(partial(make_client, demo), demo.settings)
        return Engine(store, config, listener, runtime=stopped)

    with (
        patch("pan123_tui.engine.folders.QUIET_S", 0.0),
        # The first poll of a link that was just sent follows the wall clock: avoid it.
        patch("pan123_tui.engine.poller.FIRST_POLL_DELAY_S", NEVER_S),
        patch.object(AppPaths, "config_file", SHOWN_FILE),
        patch.object(Pan123App, "clock", lambda _app: NOW),
    ):
        served = ServedEngine(create_engine)
        break_chinese_lines()
        app = build_app(context, EngineClient(served.connect))
        app.engine.interval_s = PAINT_INTERVAL_S
        yield app, served


def _on_demo(context: AppContext, world: World) -> AppContext:
    """Return `context` connected to the demo's service."""
    # With an unlimited rate the status bar does not depend on the machine speed.
    service = schema.Service(
        base_url="http://127.0.0.1", create_per_s=1 / NEVER_S, process_per_s=float("inf")
    )
    settings = Settings(service=service, arrival=schema.Arrival(check=False))
    return replace(context, settings=settings, transport=service_of(world))


def _environment(setting: Setting, folder: Path) -> dict[str, str]:
    """Write the settings and return the environment, without anything of this machine."""
    config = folder / "config"
    config.mkdir()
    text = f'[ui]\nlanguage = "{setting.language}"\nascii = {str(setting.is_ascii).lower()}\n'
    (config / "config.toml").write_text(text)
    return {
        "PAN123_CONFIG_DIR": str(config),
        "PAN123_DATA_DIR": str(folder / "data"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def _is_idle(app: Pan123App, setting: Setting) -> bool:
    status, tasks = app.model.status, app.model.tasks.values()
    if not app.model.is_loaded:
        return False
    if not setting.has_account:
        return status.connection is Connection.NO_ACCOUNT
    if status.connection is not Connection.ONLINE or status.account is None:
        return False
    if not setting.has_tasks:
        return True
    # The link that was just sent is never due, because the clock is stopped.
    active = [task for task in tasks if task.is_active and task.sent_at != NOW]
    waiting = [task for task in tasks if task.state in (TaskState.QUEUED, TaskState.SUBMITTING)]
    folders = {task.folder_id for task in tasks if task.folder_id}
    if not folders <= app.model.folder_names.keys():
        return False
    has_sent = len(waiting) == _waiting_left()
    return has_sent and all(task.checked_at == NOW for task in active)


def _waiting_left() -> int:
    """Return how many links stay queued: one is sent, then the rate blocks."""
    states = [link.state for link in fill(World(clock=lambda: NOW))]
    return states.count("queued") - 1
