"""Open the dashboard and return its exit code."""

import os
import sys
from typing import TYPE_CHECKING

from pan123_tui.cli.errors import ExitCode

if TYPE_CHECKING:
    from pan123_tui.domain.events import EventListener
    from pan123_tui.engine.engine import Engine
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App


HEAD_START_S = 0.1
"""Time to draw the tasks before the engine imports httpx, which would slow that down."""


def open_dashboard(*, demo: bool = False, is_ascii: bool = False) -> int:
    """Show the dashboard until it is closed and return the exit code."""
    from pan123_tui.bootstrap import (
        acquire_lock,
        build_app,
        engine_factory,
        ensure_directories,
        is_probably_locked,
        load_context,
        open_log,
        with_ui_overrides,
    )
    from pan123_tui.ui.terminal.capabilities import detect_capabilities, unsupported_reason

    if reason := unsupported_reason(os.environ, sys.stdin.isatty(), sys.stderr.isatty()):
        _print_error(reason)
        return ExitCode.USAGE
    # Textual reads it when it is imported, and has no other way to set it.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = detect_capabilities(os.environ).color_system
    changes = {"ascii": True} if is_ascii else {}
    if demo:
        from pan123_tui.cli.demo import run_demo

        with run_demo(os.environ) as (context, open_demo):
            return _run(build_app(with_ui_overrides(context, **changes), open_demo, is_demo=True))
    context = with_ui_overrides(load_context(), **changes)
    for insecure in ensure_directories(context):
        _print_error(str(insecure))
    locks: list[StoreLock] = []
    if is_probably_locked(context):  # the error is then printed before a screen is drawn
        locks.append(acquire_lock(context, program="dashboard"))

    def open_engine(listener: "EventListener") -> "Engine":
        from pan123_tui.engine.remote.socket_file import is_supported

        if not locks:
            locks.append(acquire_lock(context, program="dashboard"))
        open_log(context)
        warning = locks[0].warning
        app.can_leave_running = warning is None and is_supported()
        return engine_factory(context, warning=warning, head_start_s=HEAD_START_S)(listener)

    try:
        app = build_app(context, open_engine)
        exit_code = _run(app)
    finally:
        for lock in locks:
            lock.release()
    if app.wants_demo:
        return open_dashboard(demo=True, is_ascii=is_ascii)
    if app.leaves_running:
        from pan123_tui.cli.background import start_in_background

        code = start_in_background(context)
        return ExitCode.DONE if code is ExitCode.LOCKED else code
    return exit_code


def _print_error(text: str) -> None:
    print(f"pan123-tui: {text}", file=sys.stderr)  # noqa: T201 - click is not imported


def _run(app: "Pan123App") -> int:
    try:
        result = app.run()
    finally:
        app.watchdog.mark_done()
    if app.failure is not None:
        raise app.failure
    return app.watchdog.exit_code or app.return_code or result or ExitCode.DONE
