"""Build the parts of the program from paths, settings and environment (composition root).

Heavy modules (httpx, TinyDB, uvicorn, Textual) are imported by the functions that need them, to
keep every start fast.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.config import settings
from pan123_tui.config.credentials import (
    account_variable,
    load_credentials,
    login_digest,
    own_environ,
    token_file,
)
from pan123_tui.config.paths import AppPaths, locate
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import ClientPair, secrets_of
from pan123_tui.domain.errors import EnvironmentUnusable, Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.events import EventListener
from pan123_tui.domain.sanitize import add_secrets

if TYPE_CHECKING:
    from pan123_tui.client.engine_client import EngineClient, Streams
    from pan123_tui.client.protocol import Hello
    from pan123_tui.client.starter import EngineStarter
    from pan123_tui.domain.credentials import Credentials
    from pan123_tui.domain.events import Account
    from pan123_tui.domain.link_probe import ProbeResult
    from pan123_tui.domain.task_collection import TaskCollection
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.ports import BackgroundWorker, CloudApi, EngineRules, ServiceConfig
    from pan123_tui.engine.remote.server import ScreenServer
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App


BACKGROUND = "engine"
"""Name of the program in the lock that runs the engine in the background."""


class AppContext(Struct, frozen=True):
    """Paths, settings and environment of one run."""

    paths: AppPaths
    settings: Settings
    environ: Mapping[str, str]
    """It has no account in it if a profile is named."""


def load_context(
    environ: Mapping[str, str] = os.environ, *, makes_profile: bool = False
) -> AppContext:
    """Load the settings and set language and profile; raises `SettingsInvalid`.

    Unless `makes_profile`, a named profile must exist, since its name may be misspelt.
    """
    paths = locate(environ)
    i18n.use_profile(paths.profile)
    if not makes_profile:
        paths.require_profile()
    loaded = settings.load(environ, paths.config_dir)
    language = loaded.ui.language
    i18n.set_language(i18n.from_environment() if language == "auto" else language)
    return AppContext(paths, loaded, own_environ(environ, paths.profile))


def open_log(context: AppContext) -> None:
    """Start logging, without the account's secrets; raises `SettingsInvalid`."""
    import logging

    from pan123_tui.system.log import start_log

    credentials = load_credentials(context.environ, context.paths.config_dir)
    start_log(context.paths.log_file, secrets=secrets_of(credentials))
    for warning in context.settings.warnings:
        logging.getLogger(__name__).warning("%s", warning)


async def probe_link(url: str) -> "ProbeResult":
    """Probe a link from this machine."""
    from pan123_tui.api import link_probe

    return await link_probe.probe_link(url)


def fetch_account(context: AppContext, credentials: "Credentials | None") -> "Account":
    """Fetch the account of `credentials`; raises `Pan123Error`."""
    import asyncio
    from contextlib import aclosing

    async def fetch() -> "Account":
        async with aclosing(make_client(context, credentials)) as client:
            return await client.user_info()

    return asyncio.run(fetch())


def load_store(context: AppContext) -> "tuple[TaskCollection, tuple[str, ...], bool]":
    """Return the stored tasks, the names of the damaged files, and whether sending is paused.

    Raises `StoreVersionTooNew`, and `StoreUnwritable` if the files cannot be read.
    """
    from pan123_tui.store.task_files import TaskFiles

    files = TaskFiles(context.paths.data_dir)
    tasks = files.load(read_only=True)
    if files.problem is not None:
        raise StoreUnwritable(files.problem.message)
    return tasks, files.damaged, files.is_paused


def make_client(context: AppContext, credentials: "Credentials | None" = None) -> "CloudApi":
    """Create a client to try `credentials`, else for those in use."""
    from pan123_tui.api.client import Pan123Client
    from pan123_tui.api.connection import ServiceConnection
    from pan123_tui.domain.rates import Endpoint

    service, paths = context.settings.service, context.paths
    account = credentials or load_credentials(context.environ, paths.config_dir)
    add_secrets(*secrets_of(account))  # the log has only those of the start
    rates = {Endpoint.CREATE: service.create_per_s, Endpoint.PROCESS: service.process_per_s}
    # A pair that is being tried takes no token from the cache: its secret may be wrong.
    is_tried = isinstance(credentials, ClientPair)
    cache = None if is_tried else token_file(paths, account, base_url=service.base_url)
    variable = "" if credentials else account_variable(context.environ)
    connection = ServiceConnection(service.base_url, rates=rates)
    return Pan123Client(connection, account, token_cache=cache, account_variable=variable)


def open_engine(
    context: AppContext, listener: EventListener, *, lock: "StoreLock"
) -> "tuple[Engine, ScreenServer]":
    """Create the engine and the server of its screens; the caller holds `lock`."""
    from pan123_tui.api.environment import check_environment
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.hooks import Hooks
    from pan123_tui.engine.ports import Session
    from pan123_tui.engine.push import PushMessages
    from pan123_tui.engine.remote.server import ScreenServer
    from pan123_tui.store.task_store import TaskStore

    store = TaskStore(lock.folder, lock=lock)
    hooks = Hooks(context.settings.hooks, environ=context.environ)
    push = PushMessages(context.settings.notify.push, profile=context.paths.profile)

    def use_settings(chosen: Settings) -> None:
        hooks.commands = chosen.hooks
        push.addresses = chosen.notify.push

    session = Session(
        partial(make_client, context), load_saved=partial(saved_service, context, use_settings)
    )
    server = ScreenServer(
        lock,
        login=partial(login_digest, context.environ, context.paths.config_dir),
        must_listen=lock.program == BACKGROUND,
    )
    workers: list[BackgroundWorker] = [hooks, push, server]
    callback = context.settings.callback
    callback_base = callback.public_url.rstrip("/") if callback.listen else ""
    if callback_base:
        from pan123_tui.engine.callback_server import CallbackReceiver
        from pan123_tui.engine.http_server import HttpServer

        http = HttpServer(CallbackReceiver(callback.listen))
        workers.append(http)
    engine = Engine(
        store,
        session,
        listener,
        rules=rules(context.settings),
        workers=workers,
        callback_base=callback_base,
    )
    engine.folders.keep_in(context.paths.folder_cache)
    server.use(engine)
    try:
        check_environment(context.settings.service.base_url)
    except EnvironmentUnusable as error:
        engine.set_trouble(error)
    if callback_base:
        http.use(engine)
    if lock.warning is not None and engine.status.notice is None:
        engine.set_notice(lock.warning)
    return engine, server


def _check_account(context: AppContext, engine: "Hello") -> Problem | None:
    """Return the problem if a variable of `context` names a different account from the engine's."""
    variable = account_variable(context.environ)
    if not variable or not engine.login:
        return None
    ours = login_digest(context.environ, context.paths.config_dir, engine.id)
    return None if engine.login == ours else Problem(ProblemKind.OTHER_LOGIN, variable=variable)


def engine_client(
    context: AppContext, *options: str, may_start: bool = True, wants_updates: bool = True
) -> "EngineClient":
    """Create the client for the data folder's engine, which it starts if none is running.

    `options` are for the engine's process. Without `may_start` it only reaches a running engine;
    without `wants_updates` only commands go over the connection.
    """
    from pan123_tui.client.engine_client import EngineClient

    starter: EngineStarter | None = None

    async def connect(*, may_start: bool) -> "Streams":
        nonlocal starter
        if starter is None:  # after the first frame, which needs none of its modules
            from pan123_tui.client.starter import EngineStarter

            starter = EngineStarter(context.paths, context.environ, *options)
        return await starter.connect(may_start=may_start)

    return EngineClient(
        connect,
        wants_updates=wants_updates,
        may_start=may_start,
        check_account=partial(_check_account, context),
    )


def rules(chosen: Settings) -> "EngineRules":
    """Return the rates that the settings allow, and what they let the engine do by itself."""
    from pan123_tui.domain.send_queue import RetryRule
    from pan123_tui.engine.ports import EngineRules

    return EngineRules(
        creates_per_s=chosen.service.create_per_s,
        polls_per_s=chosen.service.process_per_s,
        retry=RetryRule(chosen.retry.times, chosen.retry.after_s),
        batch_folders=chosen.defaults.batch_folders,
        max_running=chosen.service.max_running,
        looks_for_files=chosen.arrival.check,
    )


def saved_service(
    context: AppContext, use_settings: Callable[[Settings], object] = lambda _chosen: None
) -> "ServiceConfig":
    """Load what is saved, for `use_settings` once that is in use; raises `SettingsInvalid`."""
    from pan123_tui.engine.ports import ServiceConfig

    chosen = settings.load(context.environ, context.paths.config_dir)
    return ServiceConfig(
        partial(make_client, replace(context, settings=chosen)),
        rules(chosen),
        has_account=load_credentials(context.environ, context.paths.config_dir) is not None,
        login_variable=account_variable(context.environ),
        use_settings=partial(use_settings, chosen),
    )


def build_app(
    context: AppContext,
    client: "EngineClient",
    *,
    is_ascii: bool = False,
    is_demo: bool = False,
    host: str = "",
) -> "Pan123App":
    """Create the application; its engine starts after the first frame.

    `is_ascii` asks for ASCII signs whatever the settings say; `host` is the engine's machine, if
    that is another one.
    """
    from pan123_tui.terminal.capabilities import detect_capabilities
    from pan123_tui.ui.app import Invocation, Pan123App
    from pan123_tui.ui.dashboard.screen import DashboardScreen

    def check_account(chosen: Settings, credentials: "Credentials") -> "Account":
        return fetch_account(replace(context, settings=chosen), credentials)

    capabilities = detect_capabilities(context.environ)
    if is_ascii:
        capabilities = capabilities._replace(has_symbols=False)
    variable = account_variable(context.environ)
    return Pan123App(
        client,
        context.paths,
        DashboardScreen,
        settings=context.settings,
        invocation=Invocation(is_demo, host, context.paths.profile, variable),
        capabilities=capabilities,
        check_account=None if is_demo or host else check_account,
        probe=None if is_demo else probe_link,  # whose hosts are made up
        environ=context.environ,
    )
