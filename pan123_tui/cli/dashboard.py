"""Open the dashboard and return its exit code."""

import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from pan123_tui.cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from pan123_tui.bootstrap import AppContext
    from pan123_tui.domain.errors import StoreLocked
    from pan123_tui.domain.events import EventListener
    from pan123_tui.engine.client import Attachment, EngineClient
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.remote.ssh import SshTarget
    from pan123_tui.engine.remote.switch import EngineSwitch, StoredTasks
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App


HEAD_START_S = 0.1
"""Time to draw the tasks before the engine imports httpx, which would slow that down."""
SOCKET_WAIT_S = 3.0
"""How long a holder that has just started may take until it listens."""


def open_dashboard(
    host: "SshTarget | None" = None, /, *, demo: bool = False, is_ascii: bool = False
) -> int:
    """Show the dashboard until it is closed and return the exit code; `host` has the engine."""
    from pan123_tui.bootstrap import build_app, load_context
    from pan123_tui.ui.engine_bridge import EngineBridge
    from pan123_tui.ui.terminal.capabilities import detect_capabilities, unsupported_reason

    if reason := unsupported_reason(os.environ, sys.stdin.isatty(), sys.stderr.isatty()):
        _print_error(reason)
        return ExitCode.USAGE
    # Textual reads it when it is imported, and has no other way to set it.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = detect_capabilities(os.environ).color_system
    if demo:
        from pan123_tui.cli.demo import run_demo

        with run_demo(os.environ) as (context, open_demo, clean_up):
            client = EngineBridge(open_demo)
            app = build_app(_with_ascii(context, is_ascii), client, is_demo=True)
            app.watchdog.clean_up = clean_up
            return _run(app)
    context = _with_ascii(load_context(), is_ascii)
    for insecure in context.paths.ensure_directories():
        _print_error(str(insecure))
    if host is not None:
        return _run_on_host(context, host)
    locks: list[StoreLock] = []

    def on_own_engine(can_leave_running: bool) -> None:
        app.can_leave_running = can_leave_running

    try:
        app = build_app(context, _engine_switch(context, locks, on_own_engine))
        exit_code = _run(app)
    finally:
        for lock in locks:
            lock.release()
    if app.wants_demo:
        exit_code = open_dashboard(demo=True, is_ascii=is_ascii)
        # Who leaves the demo is offered the other ways to begin again.
        return exit_code or open_dashboard(is_ascii=is_ascii)
    if app.leaves_running:
        from pan123_tui.cli.background import start_in_background

        code = start_in_background(context)
        return ExitCode.DONE if code is ExitCode.LOCKED else code
    if locks and exit_code == ExitCode.DONE:
        _print_unfinished(context)
    return exit_code


def _with_ascii(context: "AppContext", is_ascii: bool) -> "AppContext":
    """Return `context` with the `ui` setting overridden by the option `--ascii`."""
    from msgspec.structs import replace

    ui = replace(context.settings.ui, ascii=is_ascii or context.settings.ui.ascii)
    return replace(context, settings=replace(context.settings, ui=ui))


def _print_unfinished(context: "AppContext") -> None:
    """Print what waits until a program runs again: not every way to leave has told it before."""
    from pan123_tui.bootstrap import load_store
    from pan123_tui.cli.background import print_unfinished

    tasks, _damaged, is_paused = load_store(context)
    print_unfinished(tasks.unfinished, is_paused=is_paused)


def _run_on_host(context: "AppContext", target: "SshTarget") -> int:
    from pan123_tui.bootstrap import build_app
    from pan123_tui.cli.host import connect_to_host, print_unsent
    from pan123_tui.domain.errors import EngineIncompatible, HostTrouble, HostUnreachable

    with connect_to_host(context, target) as (host_context, client):
        app = build_app(host_context, client, host=target.host)
        try:
            exit_code = _run(app)
        except EngineIncompatible as error:
            raise HostUnreachable(HostTrouble.OTHER_VERSION, host=target.host) from error
    print_unsent(target, client.engine, app.model.counts, held=app.model.held_count)
    return exit_code


def _engine_switch(
    context: "AppContext", locks: "list[StoreLock]", on_own_engine: "Callable[[bool], None]"
) -> "EngineSwitch":
    """Create the client of the dashboard's engine, which adds the lock to `locks` if it gets it.

    `on_own_engine` is called with whether another program may go on with the tasks.
    Raises `StoreLocked` if a program holds the data folder with which nobody can speak.
    """
    from pan123_tui.bootstrap import (
        acquire_lock,
        engine_factory,
        open_log,
        socket_client,
    )
    from pan123_tui.engine.remote.switch import EngineParts, EngineSwitch
    from pan123_tui.ui.engine_bridge import EngineBridge

    def acquire() -> None:
        if not locks:
            locks.append(acquire_lock(context, program="dashboard"))

    def open_engine(listener: "EventListener") -> "Engine":
        from pan123_tui.engine.remote.socket_file import is_supported

        open_log(context)
        (lock,) = locks
        on_own_engine(lock.warning is None and is_supported())
        return engine_factory(context, lock=lock, head_start_s=HEAD_START_S)(listener)

    def attach() -> "EngineClient":
        open_log(context)
        return socket_client(context)

    def end_holder(pid: int) -> None:
        from pan123_tui.store import lock

        lock.end_holder(context.paths.data_dir, pid)

    parts = EngineParts(
        own=partial(EngineBridge, open_engine),
        attach=attach,
        stored=partial(_stored_tasks, context),
        acquire=acquire,
        end_holder=end_holder,
    )
    return EngineSwitch(parts, refusal=_refusal(context, acquire))


def _stored_tasks(context: "AppContext", holder: "Attachment") -> "StoredTasks":
    """Create a client that shows the tasks of a `holder` which does not understand this program."""
    from pan123_tui.bootstrap import load_tasks
    from pan123_tui.engine.remote.switch import StoredTasks
    from pan123_tui.store.task_files import changed_at

    load = partial(load_tasks, context)
    return StoredTasks(holder, load=load, fingerprint=partial(changed_at, context.paths.data_dir))


def _refusal(context: "AppContext", acquire: "Callable[[], None]") -> "StoreLocked | None":
    """Return the error of a lock whose holder listens; raise it, before the first frame, if not."""
    from pan123_tui.bootstrap import is_probably_locked
    from pan123_tui.domain.errors import StoreLocked

    if not is_probably_locked(context):
        return None
    try:
        acquire()
    except StoreLocked as error:
        if not _listens(context):
            raise
        return error
    return None


def _listens(context: "AppContext") -> bool:
    """Return whether the holder has a socket; it may have just started."""
    from pan123_tui.engine.remote.socket_file import is_supported
    from pan123_tui.store.lock_holder import read_socket

    deadline = time.monotonic() + SOCKET_WAIT_S
    while is_supported() and time.monotonic() < deadline:
        if read_socket(context.paths.data_dir) is not None:
            return True
        time.sleep(0.05)
    return False


def _print_error(text: str) -> None:
    from pan123_tui.cli.wrapping import print_fitted

    print_fitted(f"pan123-tui: {text}")


def _run(app: "Pan123App") -> int:
    try:
        result = app.run()
    finally:
        app.watchdog.mark_done()
    if app.failure is not None:
        raise app.failure
    return app.watchdog.exit_code or app.return_code or result or ExitCode.DONE
