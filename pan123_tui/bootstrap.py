"""What programs and commands share: the context of a run, and clients of service and engine.

Heavy modules (httpx, TinyDB, uvicorn, Textual) are imported by the functions that need them, to
keep every start fast.
"""

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

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
from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.sanitize import add_secrets

if TYPE_CHECKING:
    from pan123_tui.client.engine_client import EngineClient, Streams
    from pan123_tui.client.protocol import Hello
    from pan123_tui.client.starter import EngineStarter
    from pan123_tui.domain.credentials import Credentials
    from pan123_tui.domain.events import Account
    from pan123_tui.domain.links.url import ProbeResult
    from pan123_tui.domain.task_collection import TaskCollection
    from pan123_tui.engine.ports import CloudApi


class AppContext(Struct, frozen=True):
    """Paths, settings and environment of one run."""

    paths: AppPaths
    settings: Settings
    environ: Mapping[str, str]
    """It has no account in it if a profile is named."""


def load_context(
    environ: Mapping[str, str] = os.environ, *, makes_profile: bool = False
) -> AppContext:
    """Load the settings and set language, profile and names of keys; raises `SettingsInvalid`.

    Unless `makes_profile`, a named profile must exist, since its name may be misspelt.
    """
    paths = locate(environ)
    i18n.use_profile(paths.profile)
    if not makes_profile:
        paths.require_profile()
    loaded = settings.load(environ, paths.config_dir)
    language = loaded.ui.language
    i18n.set_language(i18n.from_environment() if language == "auto" else language)
    i18n.use_keys(loaded.keys)
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
