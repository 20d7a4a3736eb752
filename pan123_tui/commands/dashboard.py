"""The dashboard, from the command to its end."""

import os
import sys
from typing import TYPE_CHECKING

from pan123_tui.commands.exit_code import ExitCode

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.ui.app import Pan123App
    from pan123_tui.wiring import Listen

HEAD_START_S = 0.1
"""So long the screen may draw the tasks before the network's library is imported beside it."""


def open_dashboard(
    *, demo: bool = False, is_ascii: bool = False, low_bandwidth: bool = False
) -> int:
    """Show the dashboard until its user leaves; give the exit code."""
    from pan123_tui.wiring import (
        dashboard,
        engine_opener,
        lock,
        open_log,
        prepare,
        seems_held,
        settle,
        with_look,
    )

    if reason := _why_not_here():
        _complain(reason)
        return ExitCode.USAGE
    looks = {"ascii": is_ascii, "low_bandwidth": low_bandwidth}
    changes = {name: True for name, wanted in looks.items() if wanted}
    if demo:
        from pan123_tui.demo import demo as running_demo

        with running_demo(os.environ) as (household, open_demo):
            return _run(dashboard(with_look(household, **changes), open_demo, is_demo=True))
    household = with_look(settle(), **changes)
    for wrong in prepare(household):
        _complain(str(wrong))
    held: list[StoreLock] = []
    if seems_held(household):  # then who does is named before a screen is drawn
        held.append(lock(household, program="dashboard"))

    def open_engine(listen: "Listen") -> "Engine":
        if not held:
            held.append(lock(household, program="dashboard"))
        open_log(household)
        warning = held[0].warning
        return engine_opener(household, warning=warning, head_start_s=HEAD_START_S)(listen)

    try:
        app = dashboard(household, open_engine)
        exit_code = _run(app)
    finally:
        for each in held:
            each.release()
    if app.wants_demo:
        return open_dashboard(demo=True, is_ascii=is_ascii, low_bandwidth=low_bandwidth)
    return exit_code


def _why_not_here() -> str | None:
    """Say what to do where no screen can be drawn."""
    from pan123_tui.ui.terminal_kind import why_not_here

    return why_not_here(os.environ, sys.stdin.isatty(), sys.stderr.isatty())


def _complain(text: str) -> None:
    print(f"pan123-tui: {text}", file=sys.stderr)  # noqa: T201 - click is not there, nor needed


def _run(app: "Pan123App") -> int:
    try:
        result = app.run()
    finally:
        app.departure.is_over()
    if app.failure is not None:
        raise app.failure
    return app.departure.exit_code or app.return_code or result or ExitCode.DONE
