"""`status` and `stop`: show and end the engine of the data folder."""

import os
import time
from collections.abc import Mapping
from typing import Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import AppContext, load_context, load_store
from pan123_tui.cli.commands import example
from pan123_tui.cli.listing import Known, load_known
from pan123_tui.cli.output import print_data, print_json, print_message, print_unfinished, rfc3339
from pan123_tui.cli.remote import end_engine, holder_of, wait_for_socket
from pan123_tui.client.protocol import Hello
from pan123_tui.config.credentials import account_source, own_environ, recorded_nickname
from pan123_tui.config.paths import DEFAULT_PROFILE, PROFILE_VARIABLE, locate, profile_names
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.errors import EngineLost, Pan123Error, StoreLocked
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.query import View, count_by_view
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.task import TaskState
from pan123_tui.domain.task_collection import DOUBTFUL, TaskCollection, count_by_state
from pan123_tui.i18n import _, begin_sentence, join_list, with_parenthetical
from pan123_tui.programs.errors import ExitCode, error_message
from pan123_tui.wording.engine import does_not_answer, program_name
from pan123_tui.wording.formats import (
    ACCOUNT_LABELS,
    VIEW_LABELS,
    missing_folders_text,
    moment,
    number,
    size,
)
from pan123_tui.wording.notes import NoteContext
from pan123_tui.wording.problems import explain_problem
from pan123_tui.wording.results import paused_text


class Found(Struct, frozen=True):
    """What is known of the engine of a data folder, and of its tasks."""

    context: AppContext
    pid: int | None
    """None: nothing runs."""
    program: str
    known: Known
    trouble: str = ""
    """Why the engine, or its files, cannot be asked."""

    @property
    def hello(self) -> Hello | None:
        return self.known.hello

    @property
    def status(self) -> Status:
        return self.known.status

    @property
    def states(self) -> Mapping[str, int]:
        """Tasks by state, and those that are `DOUBTFUL` instead."""
        return count_by_state(self.known.tasks.headers())

    @property
    def name(self) -> str:
        return begin_sentence(program_name(self.program, self.pid))

    @property
    def profile(self) -> str:
        return self.context.paths.profile or DEFAULT_PROFILE

    @property
    def counts(self) -> Mapping[View, int]:
        """The number of tasks on each tab."""
        stalled = sum(map(is_stalled, self.known.tasks.unfinished.values()))
        return count_by_view(self.states, stalled=stalled)

    @property
    def exit_code(self) -> ExitCode:
        if self.pid is None:
            return ExitCode.SOME_FAILED
        return ExitCode.DONE if self.hello else ExitCode.LOCKED

    @property
    def account_kind(self) -> AccountKind:
        return account_source(self.context.environ, self.context.paths.config_dir).kind

    @property
    def nickname(self) -> str:
        """The account's name, as the engine or the last one knows it."""
        if self.status.account:
            return sanitize(self.status.account.nickname)
        if self.account_kind is AccountKind.NONE:
            return ""
        return sanitize(recorded_nickname(self.context.environ, self.context.paths))

    @property
    def account_text(self) -> str:
        """The account: how it is logged in, its name, and its space where that is known."""
        account, kind = self.status.account, self.account_kind
        text = with_parenthetical(_(ACCOUNT_LABELS[kind]), self.nickname)
        if account is None:
            return text
        if kind is AccountKind.NONE:
            text = _("none saved, but in use: {name}").format(name=self.nickname)
        space = _("{used} of {total} used, uid {uid}")
        used, total = size(account.space_used), size(account.space_total)
        return join_list((text, space.format(uid=account.uid, used=used, total=total)))


@click.command(
    "status",
    help=_("Show the engine, the account, the rates in use and the task counts."),
    epilog=example("pan123-tui status", "pan123-tui status --json | jq .counts"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print a JSON object."))
@click.option("--all-profiles", is_flag=True, help=_("One line (or JSON object) for each profile."))
def status(*, as_json: bool, all_profiles: bool) -> ExitCode:
    """Print what holds the data folder and what it does: 1 if nothing runs, 4 without an answer."""
    if all_profiles:
        _print_profiles([_inspect(name) for name in profile_names(os.environ)], as_json=as_json)
        return ExitCode.DONE
    found = find_engine(load_context())
    if as_json:
        print_json(found_document(found))
    else:
        _print_lines(found)
    return found.exit_code


def find_engine(context: AppContext) -> Found:
    """Ask the engine of the data folder; what it does not tell is read from disk."""
    pid, program = wait_for_socket(context)
    known = load_known(context)
    says_why = known.error is not None and type(known.error) not in (EngineLost, StoreLocked)
    trouble = error_message(known.error) if known.error is not None and says_why else ""
    return Found(context, pid, program, known, trouble or "")


def found_document(found: Found) -> dict[str, Any]:
    """Return the JSON object of `status --json`; its fields are documented and stable."""
    hello, status, paths, states = found.hello, found.status, found.context.paths, found.states
    hold, account = status.hold, status.account
    return {
        "profile": found.profile,
        "running": found.pid is not None,
        "answers": hello is not None,
        "program": found.program or None,
        "pid": found.pid,
        "since": rfc3339(hello.started_at) if hello else None,
        "version": hello.version if hello else None,
        "counts": {str(view): count for view, count in found.counts.items()},
        "tasks": {str(state): states.get(state, 0) for state in TaskState},
        "doubtful": states.get(DOUBTFUL, 0),
        "paused": status.is_paused,
        "connection": str(status.connection) if hello else None,
        "hold": str(hold.kind) if hold else None,
        "hold_until": rfc3339(status.hold_until),
        "links_per_s": 1 / status.create_interval_s if hello else None,
        "checks_per_s": status.polls_per_s if hello else None,
        "checks_used": round(status.rate_utilization, 3) if hello else None,
        "account": str(found.account_kind),
        "nickname": found.nickname or None,
        "uid": account.uid if account else None,
        "space_used": account.space_used if account else None,
        "space_total": account.space_total if account else None,
        "package_until": rfc3339(account.package_until) if account else None,
        "error": found.trouble or None,
        "config_dir": str(paths.config_dir),
        "data_dir": str(paths.data_dir),
        "state_dir": str(paths.state_dir),
    }


def _print_lines(found: Found) -> None:
    if profile := found.context.paths.profile:
        print_data(_("Profile {name}").format(name=profile))
    print_data(_engine_text(found))
    print_data(_("Account: {account}").format(account=found.account_text))
    for view, count in found.counts.items():
        print_data(f"{number(count):>7}  {_(VIEW_LABELS[view])}")
    status = found.status
    if found.hello is not None:
        _print_rates(status)
    if status.missing_folders:
        print_data(missing_folders_text(status.missing_folders, {}))
    error, hold = status.last_error, status.hold
    if status.is_paused:
        print_data(paused_text())
    elif hold is not None:
        text = _("The queue waits: {what}")
        print_data(text.format(what=explain_problem(hold, TaskState.QUEUED).text))
    is_said = not status.is_paused and hold is not None and error and error.kind is hold.kind
    if error is not None and status.connection is not Connection.ONLINE and not is_said:
        print_data(explain_problem(error, TaskState.RUNNING).text)
    warning = status.account.package_warning(time.time()) if status.account else None
    if warning is not None:
        print_data(explain_problem(warning).text)


def _engine_text(found: Found) -> str:
    """Return in a sentence what runs."""
    if found.pid is None:
        return _("No engine is running.")
    if found.hello is None:
        return found.trouble or does_not_answer(found.name, found.pid)
    hello = found.hello
    since = moment(hello.started_at, time.time())
    text = _("{runner}, since {time}, version {version}")
    return text.format(runner=found.name, time=since, version=sanitize(hello.version))


def _print_rates(status: Status) -> None:
    used = f"{status.rate_utilization * status.polls_per_s:.1f}".removesuffix(".0")
    text = _("{used} of {allowed} checks a second, a link every {interval} s")
    facts = {"allowed": f"{status.polls_per_s:g}", "interval": f"{status.create_interval_s:g}"}
    print_data(text.format(used=used, **facts))


def _inspect(name: str) -> Found:
    """Return the state of a profile; its settings are not read, since they may be broken."""
    chosen = {**os.environ, PROFILE_VARIABLE: name}
    paths = locate(chosen)
    context = AppContext(paths, Settings(), own_environ(chosen, paths.profile))
    try:
        return find_engine(context)
    except Pan123Error as error:
        nothing = Known(TaskCollection(), Status(), NoteContext())
        return Found(context, *holder_of(context), nothing, explain_problem(error.problem).text)


def _print_profiles(profiles: list[Found], *, as_json: bool) -> None:
    if as_json:
        print_json([found_document(profile) for profile in profiles])
        return
    rows = [(it.profile, it.account_text, _profile_state(it)) for it in profiles]
    widths = [max(map(width, texts)) for texts in zip(*rows, strict=True)]
    for row in rows:
        cells = map(pad_or_truncate, row, widths)
        print_data("  ".join(cells).rstrip())


def _profile_state(found: Found) -> str:
    if found.trouble:
        return found.trouble
    runs = found.name if found.pid else _("stopped")
    silent = _("does not answer") if found.exit_code is ExitCode.LOCKED else ""
    counts = (
        f"{number(count)} {_(VIEW_LABELS[view])}"
        for view, count in found.counts.items()
        if count and view is not View.ALL
    )
    return join_list((runs, silent, *counts))


@click.command(
    "stop",
    help=_("End the engine. It saves first, and nothing is sent twice."),
    epilog=example("pan123-tui stop"),
)
def stop() -> ExitCode:
    """End the engine of the data folder, and print what remains undone."""
    context = load_context()
    pid, program = holder_of(context)
    if pid is None:
        print_message(_("No engine is running."))
        return ExitCode.DONE
    name = begin_sentence(program_name(program, pid))
    if not end_engine(context, pid):
        text = _("{runner} does not end; “kill {pid}” ends it.")
        print_message(text.format(runner=name, pid=pid))
        return ExitCode.LOCKED
    print_message(_("{runner} has ended.").format(runner=name))
    tasks, _damaged, is_paused = load_store(context)
    print_unfinished(tasks.unfinished, is_paused=is_paused)
    return ExitCode.DONE
