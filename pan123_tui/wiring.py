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

from pan123_tui import i18n, settings
from pan123_tui.credentials_file import load_credentials
from pan123_tui.domain.credentials import secrets_of
from pan123_tui.domain.errors import Problem, StoreLocked, StoreUnwritable
from pan123_tui.domain.events import EngineEvent
from pan123_tui.paths import Places, WrongMode, find_places
from pan123_tui.settings import Settings

if TYPE_CHECKING:
    from pan123_tui.domain.credentials import Credentials
    from pan123_tui.domain.events import Account
    from pan123_tui.domain.link_check import LinkCheck
    from pan123_tui.domain.task_book import TaskBook
    from pan123_tui.engine.companion import Companion
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.folders import Folders
    from pan123_tui.engine.requests import Request
    from pan123_tui.engine.service import Service, Session
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App

Listen = Callable[[EngineEvent], None]
OpenEngine = Callable[[Listen], "Engine"]
PASSER_BY = "command"
"""How a program signs the lock that holds it for a moment only."""
PASSER_BY_S = 3.0


class Household(Struct, frozen=True):
    """What a run is about: its folders, what the user has chosen, and the environment."""

    places: Places
    settings: Settings
    environ: Mapping[str, str]


def settle(environ: Mapping[str, str] = os.environ) -> Household:
    """Find the folders, read the settings, and speak their language; raises `SettingsInvalid`."""
    places = find_places(environ)
    chosen = settings.load(environ, places.config_dir)
    language = chosen.ui.language
    i18n.use(i18n.from_environment() if language == "auto" else language)
    return Household(places, chosen, environ)


def prepare(household: Household) -> list[WrongMode]:
    """Make the folders; give what was open to others."""
    return household.places.prepare()


def open_log(household: Household) -> None:
    """Begin to log, without the account's secrets. Raises `SettingsInvalid`."""
    from pan123_tui.log import start_log

    credentials = load_credentials(household.environ, household.places.config_dir)
    start_log(household.places, secrets=secrets_of(credentials))


def lock(household: Household, *, program: str) -> "StoreLock":
    """Take the data folder for this process. Raises `StoreLocked`.

    A command that holds it for a moment only is waited for.
    """
    from pan123_tui.store.lock import StoreLock

    deadline = time.monotonic() + PASSER_BY_S
    while True:
        try:
            return StoreLock(household.places.data_dir, program=program).acquire()
        except StoreLocked as error:
            if str(error) != PASSER_BY or time.monotonic() >= deadline:
                raise
        time.sleep(0.05)


def seems_held(household: Household) -> bool:
    """Tell, without the lock's library, whether a program holds the data folder, or was killed."""
    from pan123_tui.store.lock_names import HOLDER_NAME

    return (household.places.data_dir / HOLDER_NAME).exists()


def link_probe() -> "Callable[[str], Awaitable[LinkCheck]]":
    """Give what tests a link from here, from its first use on; only when the user asks for it."""

    async def check(url: str) -> "LinkCheck":
        from pan123_tui.api.link_probe import LinkProbe

        return await LinkProbe().check(url)

    return check


def account_of(household: Household, credentials: "Credentials | None") -> "Account":
    """Ask the service whose `credentials` they are. Raises a `Pan123Error`."""
    import asyncio

    from pan123_tui.api.client import Pan123Client

    async def ask() -> "Account":
        async with Pan123Client(
            base_url=household.settings.service.base_url,
            credentials=credentials,
            token_cache=household.places.token_cache,
        ) as client:
            return await client.user_info()

    return asyncio.run(ask())


def read_tasks(household: Household) -> "TaskBook":
    """Read the tasks as they are on disk, whoever writes them, oldest first.

    Raises `StoreNewer`, and `StoreUnwritable` where they cannot be read.
    """
    return read_store(household)[0]


def read_store(household: Household) -> "tuple[TaskBook, tuple[str, ...]]":
    """Read the tasks as `read_tasks` does; also name the files that could not be read."""
    from pan123_tui.store.files import TaskFiles

    files = TaskFiles(household.places.data_dir)
    try:
        tasks = files.load(read_only=True)
    finally:
        files.close()
    if files.problem is not None:
        raise StoreUnwritable(files.problem.message)
    return tasks, files.damaged


def carry_out(household: Household, request: "Request") -> str:
    """Do what `request` asks for and give its id; raises `StoreLocked` while a program runs."""
    from pan123_tui.engine import unattended
    from pan123_tui.store.tasks import TaskStore

    prepare(household)
    with lock(household, program=PASSER_BY):
        store = TaskStore.open(household.places.data_dir)
        try:
            return unattended.carry_out(store, request, clock=time.time)
        finally:
            store.close()


def drop_request(household: Household, request: "Request") -> tuple[str, Callable[[], bool]]:
    """Leave `request` to the program that runs; give its id and what tells if it still waits."""
    from pan123_tui.engine.requests import drop, is_waiting

    data_dir = household.places.data_dir
    request_id = drop(data_dir, request)
    return request_id, lambda: is_waiting(data_dir, request_id)


def connector(
    household: Household, credentials: "Credentials | None" = None
) -> "Callable[[], Service]":
    """Give a function that makes the client from what is configured when it is called.

    `credentials` go before those that are configured.
    """

    def connect() -> "Service":
        from pan123_tui.api.client import Pan123Client
        from pan123_tui.api.rate_limit import Rates

        service, places = household.settings.service, household.places
        return Pan123Client(
            base_url=service.base_url,
            credentials=credentials or load_credentials(household.environ, places.config_dir),
            token_cache=places.token_cache,
            rates=Rates(create_per_s=service.create_per_s, process_per_s=service.process_per_s),
        )

    return connect


def engine_opener(
    household: Household, *, warning: Problem | None = None, head_start_s: float = 0.0
) -> OpenEngine:
    """Give a function that loads the tasks and makes the engine, on the thread that calls it.

    `warning` is what the lock has to say; for `head_start_s` the engine then leaves the processor
    to whoever shows the tasks.
    """

    def open_engine(listen: Listen) -> "Engine":
        from pan123_tui.engine.engine import Engine
        from pan123_tui.engine.folders import Folders
        from pan123_tui.engine.service import Session
        from pan123_tui.engine.tempo import Tempo
        from pan123_tui.store.tasks import TaskStore

        service = household.settings.service
        store = TaskStore.open(household.places.data_dir)
        session = Session(connector(household))
        folders = Folders(session, listen, file=household.places.state_dir / "folders.json")
        engine = Engine(
            store,
            session,
            listen,
            tempo=Tempo(
                creates_per_s=service.create_per_s,
                polls_per_s=service.process_per_s,
                head_start_s=head_start_s,
            ),
            companions=companions(household, session, folders),
            folders=folders,
            callback_base=callback_base(household),
        )
        if warning is not None and engine.status.notice is None:
            engine.task_service.warn(warning)
        return engine

    return open_engine


def callback_base(household: Household) -> str:
    """Give the address under which the service reaches our receiver; empty: it is off."""
    callback = household.settings.callback
    return callback.public_url.rstrip("/") if callback.listen else ""


def companions(household: Household, session: "Session", folders: "Folders") -> "list[Companion]":
    """Make what works beside the outbox and the poller, as far as it is switched on."""
    from pan123_tui.engine.arrivals import Arrivals
    from pan123_tui.engine.folder_names import FolderNames
    from pan123_tui.engine.hooks import HookCommands, Hooks
    from pan123_tui.engine.inbox import Inbox
    from pan123_tui.engine.inbox_folder import InboxFolder
    from pan123_tui.engine.requests import INBOX

    chosen = household.settings
    inbox = InboxFolder(household.places.data_dir / INBOX)
    working: list[Companion] = [Inbox(inbox), FolderNames(folders)]
    if chosen.arrival.check:
        working.append(Arrivals(session))
    if chosen.hooks.on_success or chosen.hooks.on_failure:
        commands = HookCommands(
            on_success=chosen.hooks.on_success,
            on_failure=chosen.hooks.on_failure,
            timeout_s=chosen.hooks.timeout_s,
            environ=household.environ,
        )
        working.append(Hooks(commands))
    if callback_base(household):
        from pan123_tui.callback.receiver import CallbackReceiver

        host, _colon, port = chosen.callback.listen.rpartition(":")
        working.append(CallbackReceiver(host, int(port)))
    return working


def dashboard(
    household: Household, open_engine: OpenEngine, *, is_demo: bool = False
) -> "Pan123App":
    """Make the application on an engine that starts after its first frame."""
    from pan123_tui.settings_workshop import Workshop
    from pan123_tui.ui.app import Pan123App
    from pan123_tui.ui.bridge import Bridge
    from pan123_tui.ui.look import Look

    def connect_with(
        chosen: Settings, credentials: "Credentials | None"
    ) -> "Callable[[], Service]":
        return connector(replace(household, settings=chosen), credentials)

    chosen = household.settings
    return Pan123App(
        Bridge(open_engine),
        look=Look(
            **asdict(chosen.ui),
            keymap=chosen.keys,
            is_demo=is_demo,
        ),
        settings=chosen,
        workshop=Workshop(household.places, household.environ),
        connector=None if is_demo else connect_with,
        state_dir=household.places.state_dir,
        probe=link_probe(),
        environ=household.environ,
    )


def with_look(household: Household, **changes: object) -> Household:
    """Let options of the command line go before the settings of the screen."""
    from msgspec.structs import replace as replaced

    ui = replaced(household.settings.ui, **changes)
    return replace(household, settings=replaced(household.settings, ui=ui))
