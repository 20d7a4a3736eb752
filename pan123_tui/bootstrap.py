"""What programs and commands share: the context of a run, its clients, exit codes and errors.

Heavy modules (httpx, TinyDB, uvicorn, Textual) are imported by the functions that need them, to
keep every start fast.
"""

import os
import sys
from collections.abc import Collection, Mapping
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any

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
from pan123_tui.domain import errors
from pan123_tui.domain.credentials import ClientPair, Credentials, secrets_of
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.sanitize import add_secrets
from pan123_tui.i18n import _

if TYPE_CHECKING:
    from pan123_tui.client.engine_client import EngineClient
    from pan123_tui.client.protocol import Hello
    from pan123_tui.domain.events import Account
    from pan123_tui.domain.task import SentLink
    from pan123_tui.domain.task_collection import TaskCollection
    from pan123_tui.engine.ports import CloudApi


class ExitCode(IntEnum):
    """The exit codes of the command line: documented and stable."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    ACCOUNT = 3
    """There is no account or no such profile, or the service refuses the account."""
    LOCKED = 4
    """Another process holds the data folder, or does not answer."""
    INTERRUPTED = 130
    """128 plus the number of SIGINT."""


class AppContext(Struct, frozen=True):
    """Paths, settings and environment of one run."""

    paths: AppPaths
    settings: Settings
    environ: Mapping[str, str]
    """It has no account in it if a profile is named."""
    transport: Any = None
    """The demo's service in place of the network."""


def load_context(
    environ: Mapping[str, str] = os.environ, *, makes_profile: bool = False
) -> AppContext:
    """Load the settings and set language, options and names of keys; raises `SettingsInvalid`."""
    paths = locate(environ)
    i18n.use_options(paths.options)
    if not makes_profile:  # its name may be misspelt
        paths.require_profile()
    loaded = settings.load(environ, paths.config_dir)
    i18n.set_language(loaded.ui.language)
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


def fetch_account(context: AppContext, credentials: Credentials | None) -> "Account":
    import asyncio
    from contextlib import aclosing

    async def fetch() -> "Account":
        async with aclosing(make_client(context, credentials)) as client:
            return await client.user_info()

    return asyncio.run(fetch())


def load_store(context: AppContext) -> "tuple[TaskCollection, tuple[str, ...], bool]":
    """Return the stored tasks, the damaged files, and if sending is paused; raises `StoreError`."""
    from pan123_tui.store.task_files import TaskFiles

    files = TaskFiles(context.paths.data_dir)
    tasks = files.load(read_only=True)
    if files.problem is not None:
        raise errors.StoreUnwritable(files.problem.message)
    return tasks, files.damaged, files.is_paused


def find_sent(context: AppContext, keys: Collection[str]) -> "dict[str, SentLink]":
    """Return which links, by their duplicate keys, were sent before, as far as that is on disk.

    Raises `StoreUnwritable` if the file cannot be read.
    """
    is_wanted = context.settings.defaults.remember_links
    if not is_wanted or not any(context.paths.data_dir.glob("sent.json*")):
        return {}
    from pan123_tui.store.sent_links import SentLinks

    return SentLinks(context.paths.data_dir).find(keys)


def make_client(context: AppContext, credentials: Credentials | None = None) -> "CloudApi":
    """Create a client to try `credentials`, else for those in use."""
    from pan123_tui.api.client import Pan123Client
    from pan123_tui.api.connection import ServiceConnection
    from pan123_tui.domain.service_facts import Endpoint

    service, paths = context.settings.service, context.paths
    account = credentials or load_credentials(context.environ, paths.config_dir)
    add_secrets(*secrets_of(account))  # the log has only those of the start
    rates = {Endpoint.CREATE: service.create_per_s, Endpoint.PROCESS: service.process_per_s}
    # A pair that is being tried takes no token from the cache: its secret may be wrong.
    is_tried = isinstance(credentials, ClientPair)
    cache = None if is_tried else token_file(paths, account, base_url=service.base_url)
    variable = "" if credentials else account_variable(context.environ)
    connection = ServiceConnection(service.base_url, rates=rates, transport=context.transport)
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
    """Create the client for the data folder's engine, which it starts, with `options`, if it may.

    Without `wants_updates` only commands go over the connection.
    """
    from pan123_tui.client.engine_client import EngineClient
    from pan123_tui.client.starter import EngineStarter

    return EngineClient(
        EngineStarter(context.paths, context.environ, *options).connect,
        wants_updates=wants_updates,
        may_start=may_start,
        check_account=partial(_check_account, context),
    )


def print_message(text: str) -> None:
    """Print a message to the user on standard error, where click may not be imported."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def error_message(error: Exception) -> str:
    """Return what `error` means and what to do; "" if it is a bug in the program."""
    from pan123_tui.wording.engine import does_not_answer, explain_host
    from pan123_tui.wording.problems import explain_problem

    match error:
        case errors.HostUnreachable():
            text = explain_host(error)
        case errors.SettingsInvalid():
            text = str(error)
        case errors.StoreLocked(is_silent=True, pid=int(pid)):
            text = does_not_answer(str(error), pid)
        case errors.StoreLocked():
            text = _(
                "Another pan123-tui (pid {pid}) is using this data folder. Use that one, or add "
                "links from here with “pan123-tui add”."
            ).format(pid=error.pid or "?")
        case errors.StoreUnwritable() if not isinstance(error, errors.StoreLost):
            text = _(
                "The data folder cannot be used, so nothing was done: {message}. Fix its "
                "permissions, free up space, or choose another one with PAN123_DATA_DIR."
            ).format(message=error)
        case errors.Pan123Error():
            text = explain_problem(error.problem).text
        case OSError():
            text = ": ".join(filter(None, (error.filename, error.strerror or str(error))))
        case _:
            text = ""
    return text


def exit_code(error: Exception) -> ExitCode:
    match error:
        case (
            errors.ProfileMissing()
            | errors.OtherAccount()
            | errors.AccountMissing()
            | errors.TokenRefused()
        ):
            return ExitCode.ACCOUNT
        case errors.SettingsInvalid() | errors.StoreVersionTooNew():
            return ExitCode.USAGE
        case errors.StoreLocked() | errors.EngineError():
            return ExitCode.LOCKED
        case _:
            return ExitCode.SOME_FAILED
