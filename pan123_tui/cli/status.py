"""`status` and `stop`: show and end the engine of the data folder."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import (
    AppContext,
    ExitCode,
    error_message,
    load_context,
    load_store,
    print_message,
)
from pan123_tui.cli.output import print_json, rfc3339
from pan123_tui.cli.program import command, flag
from pan123_tui.cli.remote import end_engine, print_unfinished, wait_for_socket
from pan123_tui.cli.selection import Known, load_known
from pan123_tui.config.credentials import account_source, aria2_secret, own_environ
from pan123_tui.config.paths import DEFAULT_PROFILE, PROFILE_VARIABLE, locate, profile_names
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import View, count_by_view
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, join_list, with_parenthetical
from pan123_tui.system.folder_lock import find_holder
from pan123_tui.wording import formats
from pan123_tui.wording.actions import paused_text
from pan123_tui.wording.engine import does_not_answer, program_name
from pan123_tui.wording.entrance import closed_text, rpc_url
from pan123_tui.wording.formats import VIEW_LABELS, account_label, size
from pan123_tui.wording.notes import NoteContext
from pan123_tui.wording.problems import explain_problem, refused_names_text


class Found(Struct, frozen=True):
    """What is known about the engine of a data folder, and about its tasks."""

    context: AppContext
    pid: int | None
    program: str
    known: Known

    @property
    def profile(self) -> str:
        return self.context.paths.profile or DEFAULT_PROFILE

    @property
    def states(self) -> Counter[TaskState]:
        return Counter(it.state for it in self.known.tasks.values())

    @property
    def counts(self) -> Mapping[View, int]:
        return count_by_view(self.known.tasks.values())

    @property
    def account_kind(self) -> AccountKind:
        return account_source(self.context.environ, self.context.paths.config_dir).kind

    @property
    def account_text(self) -> str:
        """How the account is logged in, with its name and space if the engine knows them."""
        account, kind = self.known.status.account, self.account_kind
        if account is None:
            return account_label(kind, "")
        nickname = sanitize(account.nickname)
        text = account_label(kind, nickname)
        if self.context.paths.is_demo:
            text = with_parenthetical(nickname, _("demo, not saved"))
        elif kind is AccountKind.NONE:
            text = _("none saved; in use: {name}").format(name=nickname)
        space = _("{used} of {total} used, uid {uid}")
        used, total = size(account.space_used), size(account.space_total)
        return join_list((text, space.format(uid=account.uid, used=used, total=total)))


@command(
    "status",
    _("Show the engine, the account, the rates in use and the task counts."),
    "pan123-tui status",
    "pan123-tui status --json | jq .counts",
)
@flag("--json", "as_json", help=_("Print a JSON object."))
@flag("--secret", help=_("Print address and secret for links from the browser."))
@flag("--all-profiles", help=_("Show all profiles; with --json, as an array."))
def status(*, as_json: bool, secret: bool, all_profiles: bool) -> ExitCode:
    """Print what holds the data folder and what it does; exit code 1: nothing, 4: no answer."""
    if secret:
        return _print_secret(load_context())
    names = profile_names(os.environ) if all_profiles else ()
    profiles = list(map(_inspect, names)) or [find_engine(load_context())]
    if as_json:
        documents = [found_document(found) for found in profiles]
        print_json(documents if all_profiles else documents[0])
    else:
        for found in profiles:
            if all_profiles:
                click.echo(_("Profile {name}").format(name=found.profile))
            _print_lines(found)
    if all_profiles or profiles[0].known.hello:
        return ExitCode.DONE
    return ExitCode.SOME_FAILED if profiles[0].pid is None else ExitCode.LOCKED


def _print_secret(context: AppContext) -> ExitCode:
    address, status = context.settings.aria2.address, find_engine(context).known.status
    if not address:
        print_message(_("This is off: switch on “Links from the browser” in the settings."))
        return ExitCode.SOME_FAILED
    click.echo(rpc_url(status.listens_at or address))
    click.echo(aria2_secret(context.environ, context.paths))
    if status.listens_at:
        return ExitCode.DONE
    print_message(closed_text(status))
    return ExitCode.SOME_FAILED


def find_engine(context: AppContext) -> Found:
    """Ask the data folder's engine; what it does not report is read from disk."""
    pid, program, _socket = wait_for_socket(context)
    return Found(context, pid, program, load_known(context))


def _inspect(name: str) -> Found:
    """Return the state of a profile; its settings are not read, since they may be broken."""
    chosen = {**os.environ, PROFILE_VARIABLE: name}
    paths = locate(chosen)
    context = AppContext(paths, Settings(), own_environ(chosen, paths.profile))
    try:
        return find_engine(context)
    except Pan123Error as error:
        nothing = Known(TaskCollection(), Status(), NoteContext(), error=error)
        return Found(context, *find_holder(paths.data_dir)[:2], nothing)


def found_document(found: Found) -> dict[str, Any]:
    """Return the JSON object of `status --json`; its fields are documented and stable."""
    status, paths, tasks = found.known.status, found.context.paths, found.known.tasks.values()
    hello, hold, account = found.known.hello, status.hold, status.account
    return {
        "profile": found.profile,
        "running": found.pid is not None,
        "answers": hello is not None,
        "program": found.program or None,
        "pid": found.pid,
        "since": hello and rfc3339(hello.started_at),
        "version": hello and hello.version,
        "counts": found.counts,
        "tasks": {state: found.states[state] for state in TaskState},
        "doubtful": sum(it.has_suspect_file for it in tasks),
        "paused": status.is_paused,
        "connection": hello and status.connection,
        "hold": hold and hold.kind,
        "hold_until": rfc3339(status.hold_until),
        "links_per_s": hello and 1 / status.create_interval_s,
        "checks_per_s": hello and status.polls_per_s,
        "listens_at": status.listens_at or None,
        "account": found.account_kind,
        "nickname": account and (sanitize(account.nickname) or None),
        "uid": account and account.uid,
        "space_used": account and account.space_used,
        "space_total": account and account.space_total,
        "package_until": account and rfc3339(account.package_until),
        "error": found.known.error and error_message(found.known.error),
        "config_dir": str(paths.config_dir),
        "data_dir": str(paths.data_dir),
        "state_dir": str(paths.state_dir),
    }


def _print_lines(found: Found) -> None:
    click.echo(_engine_text(found))
    click.echo(_("Account: {account}").format(account=found.account_text))
    for view, count in found.counts.items():
        click.echo(f"{formats.number(count):>7}  {_(VIEW_LABELS[view])}")
    status = found.known.status
    if found.known.hello is not None:
        text = _("At most {allowed} checks a second, a link every {interval} s")
        allowed, interval = f"{status.polls_per_s:g}", f"{status.create_interval_s:g}"
        click.echo(text.format(allowed=allowed, interval=interval))
    if status.listens_at:
        text = _("Takes links from the browser at {address}, and keeps running for them")
        click.echo(text.format(address=status.listens_at))
    elif status.entrance_problem:
        click.echo(closed_text(status))
    if status.missing_folders:
        names = found.known.notes.folder_names
        click.echo(formats.missing_folders_text(status.missing_folders, names))
    if status.refuses_names:
        click.echo(refused_names_text().text)
    hold = None if status.is_paused else status.hold
    if status.is_paused:
        click.echo(paused_text())
    if hold is not None:
        what = explain_problem(hold, TaskState.QUEUED).text
        click.echo(_("The queue waits: {what}").format(what=what))
    error = status.last_error if status.connection is not Connection.ONLINE else None
    if error and (hold is None or hold.kind is not error.kind):
        click.echo(explain_problem(error, TaskState.RUNNING).text)


def _engine_text(found: Found) -> str:
    if found.known.error:
        return error_message(found.known.error)
    if found.pid is None:
        return _("No engine is running.")
    if (hello := found.known.hello) is None:
        return does_not_answer(found.program, found.pid)
    since = formats.moment(hello.started_at, time.time())
    facts = {"time": since, "version": sanitize(hello.version)}
    text = _("{runner}, since {time}, version {version}")
    return text.format(runner=program_name(found.program, found.pid), **facts)


@command("stop", _("End the engine. It saves first, and nothing is sent twice."), "pan123-tui stop")
@flag("--force", help=_("End it even if unsaved changes cannot be written; they are lost."))
def stop(*, force: bool) -> ExitCode:
    context = load_context()
    pid, program, _socket = find_holder(context.paths.data_dir)
    if pid is None:
        print_message(_("No engine is running."))
        return ExitCode.DONE
    name = program_name(program, pid)
    if not end_engine(context, pid, is_forced=force):
        text = _("{runner} has not ended; “kill {pid}” ends it.")
        print_message(text.format(runner=name, pid=pid))
        return ExitCode.LOCKED
    print_message(_("{runner} has ended.").format(runner=name))
    tasks, _damaged, is_paused = load_store(context)
    account = account_source(context.environ, context.paths.config_dir)
    needs_account = account.kind is AccountKind.NONE and not account.variable
    connection = Connection.NO_ACCOUNT if needs_account else Connection.UNKNOWN
    print_unfinished(tasks.unfinished, Status(connection, is_paused=is_paused))
    return ExitCode.DONE
