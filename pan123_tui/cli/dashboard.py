"""The dashboard, from the command to its end."""

import os
import sys
from typing import TYPE_CHECKING

from pan123_tui.cli.exit_code import ExitCode

if TYPE_CHECKING:
    from pan123_tui.domain.events import EventListener
    from pan123_tui.engine.engine import Engine
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App


HEAD_START_S = 0.1
"""So long the screen may draw the tasks before the network's library is imported beside it."""


def open_dashboard(
    *, demo: bool = False, is_ascii: bool = False, low_bandwidth: bool = False
) -> int:
    """Show the dashboard until its user leaves; give the exit code."""
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

    if reason := _why_not_here():
        _complain(reason)
        return ExitCode.USAGE
    looks = {"ascii": is_ascii, "low_bandwidth": low_bandwidth}
    changes = {name: True for name, wanted in looks.items() if wanted}
    if demo:
        from pan123_tui.cli.demo import demo as running_demo

        with running_demo(os.environ) as (context, open_demo):
            return _run(build_app(with_ui_overrides(context, **changes), open_demo, is_demo=True))
    context = with_ui_overrides(load_context(), **changes)
    for wrong in ensure_directories(context):
        _complain(str(wrong))
    held: list[StoreLock] = []
    if is_probably_locked(context):  # then who does is named before a screen is drawn
        held.append(acquire_lock(context, program="dashboard"))

    def open_engine(listener: "EventListener") -> "Engine":
        if not held:
            held.append(acquire_lock(context, program="dashboard"))
        open_log(context)
        warning = held[0].warning
        return engine_factory(context, warning=warning, head_start_s=HEAD_START_S)(listener)

    try:
        app = build_app(context, open_engine)
        exit_code = _run(app)
    finally:
        for each in held:
            each.release()
    if app.wants_demo:
        return open_dashboard(demo=True, is_ascii=is_ascii, low_bandwidth=low_bandwidth)
    return exit_code


def _why_not_here() -> str | None:
    """Say what to do where no screen can be drawn."""
    from pan123_tui.ui.terminal.capabilities import unsupported_reason

    return unsupported_reason(os.environ, sys.stdin.isatty(), sys.stderr.isatty())


def _complain(text: str) -> None:
    print(f"pan123-tui: {text}", file=sys.stderr)  # noqa: T201 - click is not there, nor needed


def _run(app: "Pan123App") -> int:
    try:
        result = app.run()
    finally:
        app.watchdog.mark_done()
    if app.failure is not None:
        raise app.failure
    return app.watchdog.exit_code or app.return_code or result or ExitCode.DONE
