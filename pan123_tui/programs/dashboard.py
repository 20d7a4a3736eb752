"""Open the dashboard and return its exit code."""

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from pan123_tui.programs.errors import ExitCode, print_plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pan123_tui.bootstrap import AppContext
    from pan123_tui.client.ssh import SshTarget
    from pan123_tui.ui.app import Pan123App


def open_dashboard(
    host: "SshTarget | None" = None,
    /,
    *,
    demo: bool = False,
    is_ascii: bool = False,
    links: str = "",
) -> int:
    """Show the dashboard until it is closed and return the exit code; `host` has the engine.

    If there are `links`, it begins with their review.
    """
    from pan123_tui.bootstrap import build_app, engine_client, load_context, open_log
    from pan123_tui.terminal.capabilities import detect_capabilities

    if reason := unsupported_reason(os.environ, sys.stdin.isatty(), sys.stderr.isatty()):
        print_plain(f"pan123-tui: {reason}")
        return ExitCode.USAGE
    # Textual reads it when it is imported, and has no other way to set it.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = detect_capabilities(os.environ).color_system
    if demo:
        return _run_demo(links, is_ascii=is_ascii)
    context = load_context()
    for insecure in context.paths.ensure_directories():
        print_plain(f"pan123-tui: {insecure}")
    if host is not None:
        return _run_on_host(context, host, links, is_ascii=is_ascii)
    from pan123_tui.ui.dashboard.desk import Outcome

    open_log(context)
    app = build_app(context, engine_client(context), is_ascii=is_ascii)
    exit_code = _run(app, links, context.paths.data_dir)
    if app.return_value is Outcome.FOR_DEMO:  # after which the other ways to begin are offered
        demo_code = open_dashboard(demo=True, is_ascii=is_ascii)
        return demo_code or open_dashboard(is_ascii=is_ascii)
    print_rest(app)
    return exit_code


def unsupported_reason(
    environ: "Mapping[str, str]", isatty_in: bool, isatty_err: bool
) -> str | None:
    """Return why the dashboard cannot be drawn here and what to do; None if it can.

    `isatty_in` and `isatty_err` are whether standard input and standard error, on which the
    screen is drawn, are terminals.
    """
    from pan123_tui.domain.sanitize import sanitize
    from pan123_tui.i18n import _

    is_bare_ssh = environ.get("SSH_CONNECTION") and not environ.get("SSH_TTY")
    if is_bare_ssh and not (isatty_in or isatty_err):
        return _(
            "By default, ssh gives a command no terminal. Use “ssh -t HOST pan123-tui”;"
            " without a terminal, use “pan123-tui list”, “pan123-tui watch” or, for links"
            " from a pipe, “pan123-tui add -”."
        )
    if not (isatty_in and isatty_err):
        return _(
            "The dashboard reads keys from standard input and draws on standard error: both "
            "must be terminals. In scripts, use “pan123-tui list” or “pan123-tui watch”; "
            "“pan123-tui add -” takes links from a pipe."
        )
    term = environ.get("TERM", "")
    if term.lower() in ("", "dumb", "unknown"):
        return _(
            "This terminal cannot draw a screen (TERM is “{term}”). Over SSH, connect with"
            " “ssh -t”; otherwise use “pan123-tui list” or “pan123-tui watch”."
        ).format(term=sanitize(term, 40))
    return None


def _run_demo(links: str, *, is_ascii: bool) -> int:
    from pan123_tui.bootstrap import build_app, engine_client
    from pan123_tui.programs.demo import demo_context, remove_demo

    context = demo_context(os.environ)
    client = engine_client(context, "--demo")
    app = build_app(context, client, is_ascii=is_ascii, is_demo=True)
    app.watchdog.clean_up = partial(remove_demo, context)
    try:
        return _run(app, links)
    finally:
        remove_demo(context)


def _run_on_host(context: "AppContext", target: "SshTarget", links: str, *, is_ascii: bool) -> int:
    """Show a screen here for the engine on `target`; raises `HostUnreachable`."""
    from msgspec.structs import replace

    from pan123_tui import i18n
    from pan123_tui.bootstrap import build_app, open_log
    from pan123_tui.client.engine_client import EngineClient
    from pan123_tui.client.ssh import SshLine
    from pan123_tui.config.schema import Defaults
    from pan123_tui.domain.errors import EngineIncompatible, HostTrouble, HostUnreachable

    open_log(context)
    line = SshLine(target)
    print_plain(i18n._("Connecting to {host}…").format(host=target.host))
    line.open()
    # This machine's account has other folders than the account there.
    settings = replace(context.settings, defaults=Defaults())
    paths = context.paths._replace(profile=target.profile)
    i18n.use_profile(target.profile)
    client = EngineClient(line.connect, may_replace=False)
    host_context = replace(context, settings=settings, paths=paths)
    app = build_app(host_context, client, is_ascii=is_ascii, host=target.host)
    try:
        exit_code = _run(app, links)
    except EngineIncompatible as error:
        raise HostUnreachable(HostTrouble.OTHER_VERSION, host=target.host) from error
    finally:
        line.close()
    print_rest(app, host=target.host)
    return exit_code


def print_rest(app: "Pan123App", *, host: str = "") -> None:
    """Print what goes on without this screen, and how to end that, or what waits."""
    from pan123_tui.ui.add_links.draft import Draft
    from pan123_tui.wording.engine import unsent_draft

    for text in _rest_of_engine(app, host):
        print_plain(text)
    if count := Draft.read(app.draft_file).count:
        print_plain(unsent_draft(count))


def _rest_of_engine(app: "Pan123App", host: str) -> list[str]:
    from pan123_tui.client.updates import AttachmentState
    from pan123_tui.domain.events import ACCOUNT_CONNECTIONS
    from pan123_tui.domain.shown import Shown
    from pan123_tui.ui.dashboard.desk import Outcome
    from pan123_tui.wording.engine import does_not_answer, rest_texts

    model, attachment = app.model, app.model.attachment
    if attachment.state is AttachmentState.SILENT and not host:
        return [does_not_answer(attachment.program, attachment.pid)]
    is_without_engine = attachment.state is AttachmentState.ENDED or (
        attachment.state is AttachmentState.LOST and attachment.trouble is not None
    )
    has_ended = app.return_value is Outcome.ENDED_ENGINE or is_without_engine
    return rest_texts(
        running=model.counts[Shown.RUNNING],
        unsent=model.counts[Shown.QUEUED] + model.counts[Shown.SENDING],
        is_paused=model.status.is_paused,
        has_ended=has_ended,
        needs_account=model.status.connection in ACCOUNT_CONNECTIONS,
        host=host,
    )


def _run(app: "Pan123App", links: str, data_dir: "Path | None" = None) -> int:
    """Run `app`; without an engine, raise an error that says why and names the holder."""
    from pan123_tui.terminal.textual_private import break_chinese_lines

    break_chinese_lines()
    app.links = links
    try:
        app.run()
    finally:
        app.watchdog.mark_done()
    if app.failure is not None:
        from pan123_tui.client.starter import explained

        raise explained(app.failure, app.client.engine, data_dir) if data_dir else app.failure
    return app.watchdog.exit_code or app.return_code or ExitCode.DONE
