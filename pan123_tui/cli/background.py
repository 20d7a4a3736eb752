"""Starts `watch` in the background, as the systemd unit or detached, and prints what goes on."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from pan123_tui.bootstrap import AppContext, is_listening, load_tasks
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.wrapping import print_fitted
from pan123_tui.config.profiles import PROFILE_VARIABLE
from pan123_tui.domain.task import ACTIVE_STATES, UNSENT_STATES, Task
from pan123_tui.i18n import _, begin_sentence, join_sentences
from pan123_tui.store.lock_holder import read_holder
from pan123_tui.wording.engine import does_not_answer, program_name, still_unsent, unwatched
from pan123_tui.wording.formats import count_tasks
from pan123_tui.wording.queue import paused_text

UNIT = "pan123-tui"
START_TIMEOUT_S = 15.0
"""How long the background program, or another that was quicker, may take until it listens."""
TOOL_TIMEOUT_S = 5.0
CHECK_INTERVAL_S = 0.05
LINGER_FILE = "linger-told"


def start_in_background(context: AppContext) -> ExitCode:
    """Start `watch` in the background, print what runs then, and return `DONE` once it does.

    The caller does not hold the lock. `LOCKED`: another program was quicker and goes on instead.
    """
    unit = _start_unit(context)
    code = _wait_until_listening(context, None if unit else _start_detached())
    if code not in (ExitCode.DONE, ExitCode.LOCKED):
        print_fitted(_failure(code))
        return code
    pid, program = read_holder(context.paths.data_dir)
    runner = begin_sentence(program_name(program, pid))
    if code is ExitCode.LOCKED and not _answers(context):
        print_fitted(does_not_answer(runner, pid))
        return code
    states = [task.state for task in load_tasks(context).unfinished.values()]
    count = sum(state in UNSENT_STATES | ACTIVE_STATES for state in states)
    text = _("{runner} goes on with {tasks}.") if count else _("{runner} is running.")
    ways = _("“pan123-tui” opens the dashboard on it, “pan123-tui stop” ends it.")
    said = join_sentences(text.format(runner=runner, tasks=count_tasks(count)), ways)
    if code is ExitCode.LOCKED:
        said = join_sentences(_("Nothing was started: this data folder is in use already."), said)
    print_fitted(said)
    _print_linger(context)
    return code


def print_unfinished(tasks: Mapping[int, Task], *, is_paused: bool = False) -> None:
    """Print what remains undone without an engine, and that sending is paused."""
    if unsent := count_unsent(tasks):
        held = sum(task.is_held for task in tasks.values())
        print_fitted(still_unsent(unsent, held))
    if is_paused:
        print_fitted(paused_text())
    if running := sum(task.is_active for task in tasks.values()):
        print_fitted(unwatched(running))


def count_unsent(tasks: Mapping[int, Task]) -> int:
    """Return how many of `tasks` are links that were not sent yet."""
    return sum(task.state in UNSENT_STATES for task in tasks.values())


def _answers(context: AppContext) -> bool:
    """Return whether the program that was quicker answers, and is not stopped."""
    from pan123_tui.cli.remote import RemoteEngine

    with RemoteEngine(context) as engine:
        return engine.answers()


def _failure(code: ExitCode) -> str:
    if code is ExitCode.ACCOUNT:
        return _("No account is configured: run “pan123-tui login”.")
    return _("It could not be started in the background: run “pan123-tui watch” to see why.")


def _start_unit(context: AppContext) -> bool:
    """Start our systemd unit if it is enabled and works on the same data and account."""
    # The unit knows nothing of the variables of this shell, except by its name.
    environ, known = context.environ, ("PAN123_LANG", PROFILE_VARIABLE)
    if any(environ[name] for name in environ if name.startswith("PAN123_") and name not in known):
        return False
    profile = context.paths.profile
    unit = f"{UNIT}@{profile}" if profile else UNIT
    is_enabled = _output("systemctl", "--user", "is-enabled", unit) == "enabled"
    return is_enabled and _output("systemctl", "--user", "start", unit) is not None


def _start_detached() -> subprocess.Popen[bytes]:
    """Start `watch` in a session of its own, which the end of this terminal does not reach."""
    # -P: a folder of the package's name in the working directory must not be imported.
    command = [sys.executable, "-P", "-m", "pan123_tui", "watch", "--quiet"]
    nothing = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )


def _wait_until_listening(context: AppContext, child: subprocess.Popen[bytes] | None) -> ExitCode:
    deadline, success = time.monotonic() + START_TIMEOUT_S, ExitCode.DONE
    while time.monotonic() < deadline:
        if child is not None and (code := child.poll()) is not None:
            if code != ExitCode.LOCKED:
                return ExitCode.ACCOUNT if code == ExitCode.ACCOUNT else ExitCode.SOME_FAILED
            child, success = None, ExitCode.LOCKED
        pid, _program = read_holder(context.paths.data_dir)
        if is_listening(context) and (child is None or pid == child.pid):
            return success
        time.sleep(CHECK_INTERVAL_S)
    return ExitCode.SOME_FAILED


def _print_linger(context: AppContext) -> None:
    """Print once that the end of the log-in ends the program, where that is so."""
    told = context.paths.state_dir / LINGER_FILE
    if told.exists() or _output("loginctl", "show-user", str(os.getuid()), "-p", "Linger") != (
        "Linger=no"
    ):
        return
    print_fitted(_("When you log out, it may be ended: “loginctl enable-linger” keeps it running."))
    with suppress(OSError):
        told.touch()


def _output(*command: str) -> str | None:
    """Return what a tool prints; None if it is missing, fails or hangs."""
    try:
        done = subprocess.run(  # noqa: S603 - constant words
            command, capture_output=True, text=True, timeout=TOOL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
