"""The engine's own process: in the background, or in the foreground as `watch`."""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, ExitCode, load_context, make_client, open_log
from pan123_tui.client.ssh import relay
from pan123_tui.client.starter import EngineStarter
from pan123_tui.config import settings
from pan123_tui.config.credentials import (
    account_variable,
    aria2_secret,
    load_credentials,
    login_digest,
)
from pan123_tui.domain.arrival_check import has_work
from pan123_tui.domain.batches import is_open
from pan123_tui.domain.errors import StoreLocked, StoreUnwritable
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, EngineEvent, EventListener
from pan123_tui.domain.links.probes import ProbeResult
from pan123_tui.domain.task import TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.hooks import Hooks
from pan123_tui.engine.ports import ServiceConfig
from pan123_tui.engine.push import PushMessages
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.system.processes import resume_collection

if TYPE_CHECKING:
    from pan123_tui.engine.http_server import HttpServer

BACKGROUND = "engine"
"""Name of the program in the lock that runs the engine in the background."""
UNUSED_S = 60.0
"""How long after its last screen an engine without work ends by itself."""
DEMO_UNUSED_S = 600.0
"""How long a demo goes on after its last screen."""
CHECK_INTERVAL_S = 2.0
SHUTDOWN_TIMEOUT_S = 3.0
"""Time after a stop until the program saves and exits even if something hangs."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STDIN, _STDOUT, _STDERR = range(3)
_log = logging.getLogger(__name__)


class EngineProcess:
    """Runs the engine of a data folder in this process."""

    engine: Engine
    server: ScreenServer

    def __init__(
        self,
        context: AppContext,
        listener: EventListener,
        *,
        program: str,
        until: "Callable[[EngineProcess], Awaitable[ExitCode]] | None" = None,
        service: Callable[[AppContext], AbstractContextManager[AppContext]] = nullcontext,
    ) -> None:
        """`until` returns when the engine should end; None: only a signal or a screen ends it.

        `service` runs what else is in this process, while the folder's lock is held.
        """
        self.has_changed = asyncio.Event()
        """Set by every event of the engine."""
        self.context = context
        self._listener = listener
        self._program = program
        self._until = until
        self._service = service
        self._code = ExitCode.DONE
        self._deadline = threading.Timer(SHUTDOWN_TIMEOUT_S, self._exit_now)
        self._deadline.daemon = True

    def run(self) -> ExitCode:
        """Run to the end; raises `StoreLocked` if another holds the folder of a foreground one."""
        try:
            with FolderLock(self.context.paths.data_dir, program=self._program) as lock:
                self.context.paths.ensure_directories()
                open_log(self.context)
                with self._service(self.context) as self.context:
                    try:
                        asyncio.run(self._run(lock))
                    finally:
                        self._deadline.cancel()
        except StoreLocked:
            if self._program == BACKGROUND:  # its starter finds the other engine
                return ExitCode.LOCKED
            raise
        return self._code

    async def _run(self, lock: FolderLock) -> None:
        self.engine, self.server = engine, _server = open_engine(self.context, self, lock=lock)
        resume_collection()  # it may run for months
        engine.on_stop = self._end_in_time
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as below `nohup`
                asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
        watch = asyncio.create_task(self._stop_in_time())
        try:
            await engine.run()
        finally:
            watch.cancel()
        if watch.done():
            watch.result()
        _log.info("the engine has ended")

    async def _stop_in_time(self) -> None:
        if self._until is not None:
            try:
                self._code = await self._until(self)
            except Exception:
                self.server.end_silently()  # nobody has wanted that
                raise
            finally:
                self.engine.stop()

    def on_event(self, event: EngineEvent, /) -> None:
        self.has_changed.set()
        self._listener.on_event(event)

    def _on_signal(self, number: int) -> None:
        _log.info("signal %d ends the engine", number)
        self.engine.stop()

    def _end_in_time(self) -> None:
        with suppress(RuntimeError):  # it runs already
            self._deadline.start()

    def _exit_now(self) -> None:
        """Save from this thread and exit, because the engine has not stopped in time."""
        with suppress(StoreUnwritable):
            self.engine.save_now()
        os._exit(self._code)


def run_background_engine(*, is_demo: bool = False) -> ExitCode:
    context = load_context()
    until = partial(run_until_unused, is_demo=is_demo)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    service: Callable[[AppContext], AbstractContextManager[AppContext]] = nullcontext
    if is_demo:
        from pan123_tui.programs.demo import demo_service as service
    listener = EventPublisher()
    return EngineProcess(context, listener, program=BACKGROUND, until=until, service=service).run()


def relay_stdio() -> ExitCode:
    """Connect a screen on another machine, behind the standard streams, to the engine."""

    async def connect() -> socket.socket:
        starter = EngineStarter(context.paths, context.environ)
        _reader, writer = await starter.connect(may_start=True)
        return socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno()))

    target = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)  # what is printed must not come between the frames
    context = load_context()
    context.paths.ensure_directories()
    with asyncio.run(connect()) as connection:
        connection.setblocking(True)
        relay(connection, _STDIN, target)
    return ExitCode.DONE


async def run_until_done(process: EngineProcess) -> ExitCode:
    """Return `DONE` once tasks and workers are idle, `ACCOUNT` if only a login would help."""
    engine = process.engine
    while True:
        process.has_changed.clear()
        if is_idle(engine.tasks, engine.status.is_paused):
            await engine.wait_idle()
            if is_idle(engine.tasks, engine.status.is_paused):
                return ExitCode.DONE
        elif engine.status.connection in ACCOUNT_CONNECTIONS:
            return ExitCode.ACCOUNT
        else:
            await process.has_changed.wait()


def is_idle(tasks: TaskCollection, is_paused: bool) -> bool:
    """Return whether no task is queued, sending or running, except for those only the user ends."""
    return not any(
        is_open(task) and not (is_paused and task.state is TaskState.QUEUED)
        for task in chain(tasks.unfinished.values(), tasks.finished.values())
    )


async def run_until_unused(process: EngineProcess, *, is_demo: bool = False) -> ExitCode:
    """Return once no screen has come for a minute and no work is left; a demo has ten minutes."""
    engine, server = process.engine, process.server
    longest_s = DEMO_UNUSED_S if is_demo else UNUSED_S

    def is_unused() -> bool:
        if server.unused_s <= longest_s:
            return False
        return is_demo or not has_work(engine.tasks, engine.status, now=time.time())

    while True:
        await asyncio.sleep(max(CHECK_INTERVAL_S, longest_s - server.unused_s))
        if is_unused():
            await engine.wait_idle()
            if is_unused():  # nothing may be awaited from here until the engine stops
                server.end_silently()
                why = "" if is_demo else ", and nothing left to do"
                _log.info("the engine ends: no screen for %d s%s", longest_s, why)
                return ExitCode.DONE


def open_engine(
    context: AppContext, listener: EventListener, *, lock: FolderLock
) -> tuple[Engine, ScreenServer]:
    """Create the engine and the server of its screens; the caller holds `lock`."""
    store = TaskStore(lock.folder, lock=lock)
    hooks = Hooks(lambda: engine.settings.hooks, environ=context.environ)
    push = PushMessages(lambda: engine.settings.notify.push, profile=context.paths.profile)
    server = ScreenServer(
        lock,
        login=partial(login_digest, context.environ, context.paths.config_dir),
        must_listen=lock.program == BACKGROUND,
    )
    load_secret = partial(aria2_secret, context.environ, context.paths)
    engine = Engine(
        store,
        service_config(context),
        listener,
        load_saved=partial(saved_config, context),
        workers=(hooks, push, server),
        entrances=partial(entrances_of, load_secret=load_secret),
    )

    async def probe(url: str) -> ProbeResult:
        from pan123_tui.api.link_probe import probe_link

        return await probe_link(url)

    engine.probe = probe
    engine.folders.keep_in(context.paths.folder_cache)
    server.use(engine)
    return engine, server


def entrances_of(engine: Engine, *, load_secret: Callable[[], str]) -> "Iterator[HttpServer]":
    """Yield what other programs may call, as the settings in use say."""
    callback, aria2 = engine.settings.callback, engine.settings.aria2
    if not (callback.base or aria2.address):
        return
    from pan123_tui.engine.aria2.entrance import Aria2Entrance
    from pan123_tui.engine.http_server import CallbackReceiver, HttpServer

    if callback.base:
        yield HttpServer(CallbackReceiver(engine, callback.listen))
    if aria2.address:
        yield HttpServer(Aria2Entrance(engine, load_secret))


def service_config(context: AppContext) -> ServiceConfig:
    return ServiceConfig(
        partial(make_client, context),
        context.settings,
        load_credentials(context.environ, context.paths.config_dir),
        login_variable=account_variable(context.environ),
    )


def saved_config(context: AppContext) -> ServiceConfig:
    saved = settings.load(context.environ, context.paths.config_dir)
    return service_config(replace(context, settings=saved))
