"""The composition root: the only module that knows all the others.

What is heavy to import (httpx, TinyDB, uvicorn, Textual) is imported by the function that needs
it, since the start is felt on every login.
"""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict, replace

from pan123_tui import i18n
from pan123_tui.config import settings
from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.paths import AppPaths, InsecurePermissions, locate
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import secrets_of
from pan123_tui.domain.errors import Problem, StoreLocked, StoreUnwritable
from pan123_tui.domain.events import EngineEvent

if TYPE_CHECKING:
    from pan123_tui.domain.credentials import Credentials
    from pan123_tui.domain.events import Account
    from pan123_tui.domain.link_probe import ProbeResult
    from pan123_tui.domain.task_collection import TaskCollection
    from pan123_tui.engine.engine import BackgroundWorker, Engine
    from pan123_tui.engine.folders import Folders
    from pan123_tui.engine.ports import CloudApi, Session
    from pan123_tui.engine.requests import Request
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App


EventListener = Callable[[EngineEvent], None]
EngineFactory = Callable[[EventListener], "Engine"]
ONE_SHOT_HOLDER = "command"
"""How a program signs the lock that holds it for a moment only."""
ONE_SHOT_WAIT_S = 3.0


class AppContext(Struct, frozen=True):
    """What a run is about: its folders, what the user has chosen, and the environment."""

    paths: AppPaths
    settings: Settings
    environ: Mapping[str, str]


def load_context(environ: Mapping[str, str] = os.environ) -> AppContext:
    """Find the folders, read the settings, and speak their language; raises `SettingsInvalid`."""
    places = locate(environ)
    chosen = settings.load(environ, places.config_dir)
    language = chosen.ui.language
    i18n.set_language(i18n.from_environment() if language == "auto" else language)
    return AppContext(places, chosen, environ)


def ensure_directories(context: AppContext) -> list[InsecurePermissions]:
    """Make the folders; give what was open to others."""
    return context.paths.ensure_directories()


def open_log(context: AppContext) -> None:
    """Begin to log, without the account's secrets. Raises `SettingsInvalid`."""
    from pan123_tui.config.log import start_log

    credentials = load_credentials(context.environ, context.paths.config_dir)
    start_log(context.paths, secrets=secrets_of(credentials))


def acquire_lock(context: AppContext, *, program: str) -> "StoreLock":
    """Take the data folder for this process. Raises `StoreLocked`.

    A command that holds it for a moment only is waited for.
    """
    from pan123_tui.store.lock import StoreLock

    deadline = time.monotonic() + ONE_SHOT_WAIT_S
    while True:
        try:
            return StoreLock(context.paths.data_dir, program=program).acquire()
        except StoreLocked as error:
            if str(error) != ONE_SHOT_HOLDER or time.monotonic() >= deadline:
                raise
        time.sleep(0.05)


def is_probably_locked(context: AppContext) -> bool:
    """Tell, without the lock's library, whether a program holds the data folder, or was killed."""
    from pan123_tui.store.lock import HOLDER_NAME

    return (context.paths.data_dir / HOLDER_NAME).exists()


def lazy_link_probe() -> "Callable[[str], Awaitable[ProbeResult]]":
    """Give what tests a link from here, from its first use on; only when the user asks for it."""

    async def check(url: str) -> "ProbeResult":
        from pan123_tui.api.link_probe import LinkProbe

        return await LinkProbe().probe(url)

    return check


def fetch_account(context: AppContext, credentials: "Credentials | None") -> "Account":
    """Ask the service whose `credentials` they are. Raises a `Pan123Error`."""
    import asyncio

    from pan123_tui.api.client import Pan123Client

    async def ask() -> "Account":
        async with Pan123Client(
            base_url=context.settings.service.base_url,
            credentials=credentials,
            token_cache=context.paths.token_cache,
        ) as client:
            return await client.user_info()

    return asyncio.run(ask())


def load_tasks(context: AppContext) -> "TaskCollection":
    """Read the tasks as they are on disk, whoever writes them, oldest first.

    Raises `StoreNewer`, and `StoreUnwritable` where they cannot be read.
    """
    return load_store(context)[0]


def load_store(context: AppContext) -> "tuple[TaskCollection, tuple[str, ...]]":
    """Read the tasks as `read_tasks` does; also name the files that could not be read."""
    from pan123_tui.store.task_files import TaskFiles

    files = TaskFiles(context.paths.data_dir)
    try:
        tasks = files.load(read_only=True)
    finally:
        files.close()
    if files.problem is not None:
        raise StoreUnwritable(files.problem.message)
    return tasks, files.damaged


def apply_offline(context: AppContext, request: "Request") -> str:
    """Do what `request` asks for and give its id; raises `StoreLocked` while a program runs."""
    from pan123_tui.engine import requests
    from pan123_tui.store.task_store import TaskStore

    ensure_directories(context)
    with acquire_lock(context, program=ONE_SHOT_HOLDER):
        store = TaskStore.open(context.paths.data_dir)
        try:
            return requests.apply_request(store, request, clock=time.time)
        finally:
            store.close()


def enqueue(context: AppContext, request: "Request") -> tuple[str, Callable[[], bool]]:
    """Leave `request` to the program that runs; give its id and what tells if it still waits."""
    from pan123_tui.engine.requests import is_waiting, write_request

    data_dir = context.paths.data_dir
    request_id = write_request(data_dir, request)
    return request_id, lambda: is_waiting(data_dir, request_id)


def client_factory(
    context: AppContext, credentials: "Credentials | None" = None
) -> "Callable[[], CloudApi]":
    """Give a function that makes the client from what is configured when it is called.

    `credentials` go before those that are configured.
    """

    def connect() -> "CloudApi":
        from pan123_tui.api.client import Pan123Client
        from pan123_tui.api.rate_limit import Rates

        service, places = context.settings.service, context.paths
        return Pan123Client(
            base_url=service.base_url,
            credentials=credentials or load_credentials(context.environ, places.config_dir),
            token_cache=places.token_cache,
            rates=Rates(create_per_s=service.create_per_s, process_per_s=service.process_per_s),
        )

    return connect


def engine_factory(
    context: AppContext, *, warning: Problem | None = None, head_start_s: float = 0.0
) -> EngineFactory:
    """Give a function that loads the tasks and makes the engine, on the thread that calls it.

    `warning` is what the lock has to say; for `head_start_s` the engine then leaves the processor
    to whoever shows the tasks.
    """

    def open_engine(listen: EventListener) -> "Engine":
        from pan123_tui.engine.engine import Engine
        from pan123_tui.engine.folders import Folders
        from pan123_tui.engine.ports import PollingConfig, Session
        from pan123_tui.store.task_store import TaskStore

        service = context.settings.service
        store = TaskStore.open(context.paths.data_dir)
        session = Session(client_factory(context))
        folders = Folders(session, listen, file=context.paths.state_dir / "folders.json")
        engine = Engine(
            store,
            session,
            listen,
            tempo=PollingConfig(
                creates_per_s=service.create_per_s,
                polls_per_s=service.process_per_s,
                head_start_s=head_start_s,
            ),
            workers=build_workers(context, session, folders),
            folders=folders,
            callback_base=callback_base(context),
        )
        if warning is not None and engine.status.notice is None:
            engine.task_service.set_notice(warning)
        return engine

    return open_engine


def callback_base(context: AppContext) -> str:
    """Give the address under which the service reaches our receiver; empty: it is off."""
    callback = context.settings.callback
    return callback.public_url.rstrip("/") if callback.listen else ""


def build_workers(
    context: AppContext, session: "Session", folders: "Folders"
) -> "list[BackgroundWorker]":
    """Make what works beside the outbox and the poller, as far as it is switched on."""
    from pan123_tui.engine.arrival_checker import ArrivalChecker
    from pan123_tui.engine.folders import FolderNames
    from pan123_tui.engine.hooks import HookCommands, Hooks
    from pan123_tui.engine.inbox import Inbox, InboxFolder
    from pan123_tui.engine.requests import INBOX

    chosen = context.settings
    inbox = InboxFolder(context.paths.data_dir / INBOX)
    working: list[BackgroundWorker] = [Inbox(inbox), FolderNames(folders)]
    if chosen.arrival.check:
        working.append(ArrivalChecker(session))
    if chosen.hooks.on_success or chosen.hooks.on_failure:
        commands = HookCommands(
            on_success=chosen.hooks.on_success,
            on_failure=chosen.hooks.on_failure,
            timeout_s=chosen.hooks.timeout_s,
            environ=context.environ,
        )
        working.append(Hooks(commands))
    if callback_base(context):
        from pan123_tui.engine.callback_server import CallbackReceiver

        host, _colon, port = chosen.callback.listen.rpartition(":")
        working.append(CallbackReceiver(host, int(port)))
    return working


def build_app(
    context: AppContext, open_engine: EngineFactory, *, is_demo: bool = False
) -> "Pan123App":
    """Make the application on an engine that starts after its first frame."""
    from pan123_tui.config.settings_store import SettingsStore
    from pan123_tui.ui.app import Pan123App
    from pan123_tui.ui.engine_bridge import EngineBridge
    from pan123_tui.ui.theme import UiOptions

    def connect_with(
        chosen: Settings, credentials: "Credentials | None"
    ) -> "Callable[[], CloudApi]":
        return client_factory(replace(context, settings=chosen), credentials)

    chosen = context.settings
    return Pan123App(
        EngineBridge(open_engine),
        options=UiOptions(
            **asdict(chosen.ui),
            keymap=chosen.keys,
            is_demo=is_demo,
        ),
        settings=chosen,
        settings_store=SettingsStore(context.paths, context.environ),
        client_factory=None if is_demo else connect_with,
        state_dir=context.paths.state_dir,
        probe=lazy_link_probe(),
        environ=context.environ,
    )


def with_ui_overrides(context: AppContext, **changes: object) -> AppContext:
    """Let options of the command line go before the settings of the screen."""
    from msgspec.structs import replace as replaced

    ui = replaced(context.settings.ui, **changes)
    return replace(context, settings=replaced(context.settings, ui=ui))
