"""`status` and `stop`: show and end the engine of the data folder."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import AppContext, is_listening, load_context, load_store
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import print_data, print_json, print_message, print_unfinished, rfc3339
from pan123_tui.cli.remote import (
    ANSWER_TIMEOUT_S,
    RemoteEngine,
    holder_of,
    waits_for_holder,
)
from pan123_tui.client.protocol import Hello
from pan123_tui.config.profiles import DEFAULT_PROFILE
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.errors import EngineError, EngineFull, EngineLost, StoreLocked
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import ACTIVE_STATES, TaskState
from pan123_tui.domain.task_collection import DOUBTFUL, count_by_state
from pan123_tui.i18n import _, begin_sentence
from pan123_tui.wording.engine import does_not_answer, program_name
from pan123_tui.wording.formats import missing_folders_text, moment, number, state_label
from pan123_tui.wording.problems import explain_hold, explain_problem
from pan123_tui.wording.queue import paused_text

STOP_TIMEOUT_S = 10.0
"""How long the engine may take to save and end after it was told to."""


class Found(Struct, frozen=True):
    """What is known of the engine of the data folder, and of its tasks."""

    pid: int | None
    """None: nothing runs."""
    program: str
    hello: Hello | None
    """None: it does not answer."""
    counts: Mapping[str, int]
    """Tasks by state, and those that are `DOUBTFUL` instead."""
    status: Status

    def count(self, states: Collection[TaskState]) -> int:
        """Return how many tasks are in one of `states`."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def name(self) -> str:
        return begin_sentence(program_name(self.program, self.pid))


@click.command(
    "status",
    help=_(
        "Show what runs, since when, and with which tasks.\n\n"
        "The exit code is 1 if nothing runs, and 4 if it does not answer."
    ),
    epilog=example("pan123-tui status", "pan123-tui status --json | jq .tasks"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print a JSON object."))
@language_option
def status(*, as_json: bool) -> None:
    """Print what holds the data folder and what it does."""
    context = load_context()
    found = find_holder(context)
    if as_json:
        print_json({"profile": context.paths.profile or DEFAULT_PROFILE} | _document(found))
    else:
        if profile := context.paths.profile:
            print_data(_("Profile {name}").format(name=profile))
        _print_lines(found)
    if found.pid is None:
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    raise click.exceptions.Exit(ExitCode.DONE if found.hello else ExitCode.LOCKED)


@click.command(
    "stop",
    help=_("End the engine. It saves first, and nothing is sent twice."),
    epilog=example("pan123-tui stop"),
)
@language_option
def stop() -> None:
    """End the engine of the data folder, and print what remains undone."""
    context = load_context()
    pid, program = holder_of(context)
    if pid is None:
        print_message(_("Nothing runs."))
        return
    name = begin_sentence(program_name(program, pid))
    is_silent = waits_for_holder(context) and _is_silent(context)
    from pan123_tui.store.lock import waits_for_end

    if not waits_for_end(context.paths.data_dir, pid, 0.0 if is_silent else STOP_TIMEOUT_S):
        text = _("{runner} does not end; “kill {pid}” ends it.").format(runner=name, pid=pid)
        print_message(does_not_answer(name, pid) if is_silent else text)
        raise click.exceptions.Exit(ExitCode.LOCKED)
    print_message(_("{runner} has ended.").format(runner=name))
    tasks, _damaged, is_paused = load_store(context)
    print_unfinished(tasks.unfinished, is_paused=is_paused)


def _is_silent(context: AppContext) -> bool:
    """Ask the engine to end; return whether it has its socket open, but does not answer."""
    with RemoteEngine(context, may_start=False) as engine, suppress(EngineLost, StoreLocked):
        engine.call(StopEngine(), timeout_s=ANSWER_TIMEOUT_S)
    return engine.hello is None and is_listening(context)


def find_holder(context: AppContext) -> Found:
    """Ask the engine of the data folder; what it does not tell is read from disk."""
    pid, program = holder_of(context)
    if pid is not None:
        try:
            with RemoteEngine(context, may_start=False, wants_updates=True) as engine:
                model = engine.load()
                return Found(pid, program, engine.hello, dict(model.counts), model.status)
        except EngineFull:
            raise
        except (EngineError, StoreLocked):
            pass
    tasks, _damaged, is_paused = load_store(context)
    counts = count_by_state(tasks.headers())
    return Found(pid, program, None, counts, Status(is_paused=is_paused))


def _document(found: Found) -> dict[str, Any]:
    """Return the JSON object of `status --json`; its fields are documented and stable."""
    hello, hold = found.hello, found.status.hold
    return {
        "running": found.pid is not None,
        "answers": hello is not None,
        "program": found.program or None,
        "pid": found.pid,
        "since": rfc3339(hello.started_at) if hello else None,
        "version": hello.version if hello else None,
        "tasks": {str(state): found.counts.get(state, 0) for state in TaskState},
        "paused": found.status.is_paused,
        "doubtful": found.counts.get(DOUBTFUL, 0),
        "connection": str(found.status.connection) if hello else None,
        "hold": str(hold.kind) if hold else None,
        "hold_until": rfc3339(found.status.hold_until),
    }


def _print_lines(found: Found) -> None:
    if found.pid is None:
        print_message(_("Nothing runs."))
    elif found.hello is None:
        print_message(does_not_answer(found.name, found.pid))
    else:
        hello = found.hello
        text = _("{runner}, since {time}, version {version}")
        since = moment(hello.started_at, time.time())
        version = sanitize(hello.version)
        print_data(text.format(runner=found.name, time=since, version=version))
    for state in TaskState:
        _print_count(found.counts.get(state, 0), state_label(state))
        if state is TaskState.SUCCEEDED:
            _print_count(found.counts.get(DOUBTFUL, 0), _("doubtful"))
    if found.status.missing_folders:
        print_data(missing_folders_text(found.status.missing_folders, {}))
    error, hold = found.status.last_error, found.status.hold
    if found.status.is_paused:
        print_data(paused_text())
    elif hold is not None:
        text = _("The queue waits: {what}")
        running = sum(found.counts.get(state, 0) for state in ACTIVE_STATES)
        print_data(text.format(what=explain_hold(hold, running=running).text))
    is_said = not found.status.is_paused and hold is not None and error and error.kind is hold.kind
    if error is not None and found.status.connection is not Connection.ONLINE and not is_said:
        print_data(explain_problem(error, is_repeated=True).text)


def _print_count(count: int, text: str) -> None:
    if count:
        print_data(f"{number(count):>7}  {text}")
