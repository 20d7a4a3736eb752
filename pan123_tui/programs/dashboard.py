"""Open the dashboard and return its exit code."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.bootstrap import (
    AppContext,
    ExitCode,
    engine_client,
    fetch_account,
    load_context,
    open_log,
    print_message,
)
from pan123_tui.client.engine_client import AttachmentState, EngineClient
from pan123_tui.client.ssh import SshLine, SshTarget
from pan123_tui.client.starter import explained
from pan123_tui.config.credentials import account_variable
from pan123_tui.config.schema import Defaults
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import Credentials
from pan123_tui.domain.errors import EngineIncompatible, HostTrouble, HostUnreachable
from pan123_tui.domain.events import Account
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Shown
from pan123_tui.i18n import _, join_sentences
from pan123_tui.system.folder_lock import find_holder
from pan123_tui.terminal.escape_codes import detect_capabilities
from pan123_tui.wording.engine import does_not_answer, rest_texts, unsent_draft

if TYPE_CHECKING:
    from pan123_tui.ui.app import Pan123App


def open_dashboard(
    host: SshTarget | None = None,
    /,
    *,
    demo: bool = False,
    is_ascii: bool = False,
    links: str = "",
) -> int:
    """Show the dashboard, first the review of `links` if any; `host` has the engine."""
    if reason := prepare_screen():
        print_message(f"pan123-tui: {reason}")
        return ExitCode.USAGE
    if demo:
        return _run_demo(links, is_ascii=is_ascii)
    context = load_context()
    for insecure in context.paths.ensure_directories():
        print_message(f"pan123-tui: {insecure}")
    if host is not None:
        return _run_on_host(context, host, links, is_ascii=is_ascii)
    from pan123_tui.ui.app import Exit

    open_log(context)
    app = build_app(context, engine_client(context), is_ascii=is_ascii)
    exit_code = _run(app, links, context.paths.data_dir)
    if app.return_value is Exit.FOR_DEMO:  # after which the other ways to begin are offered
        demo_code = open_dashboard(demo=True, is_ascii=is_ascii)
        return demo_code or open_dashboard(is_ascii=is_ascii)
    print_rest(app)
    return exit_code


def prepare_screen() -> str | None:
    """Prepare Textual for this terminal; return why it cannot draw here and what to do, if so."""
    has_terminal = not os.environ.get("TEXTUAL_DRIVER")  # `textual serve` draws in a browser
    if has_terminal and not (sys.stdin.isatty() and sys.stderr.isatty()):
        return _(
            "The dashboard reads keys from standard input and draws on standard error: both must "
            "be terminals. Over SSH, use “ssh -t HOST pan123-tui”; in scripts, “pan123-tui list”, "
            "“pan123-tui watch” or, for links from a pipe, “pan123-tui add -”."
        )
    term = os.environ.get("TERM", "")
    if has_terminal and term.lower() in ("", "dumb", "unknown"):
        return _(
            "This terminal cannot draw a screen (TERM is “{term}”). Over SSH, connect with"
            " “ssh -t”; otherwise use “pan123-tui list” or “pan123-tui watch”."
        ).format(term=sanitize(term, 40))
    # Textual reads it when it is imported, and has no other way to set it.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = detect_capabilities(os.environ).color_system
    from pan123_tui.terminal.textual_private import break_chinese_lines

    break_chinese_lines()
    return None


def build_app(
    context: AppContext,
    client: EngineClient,
    *,
    is_ascii: bool = False,
    is_demo: bool = False,
    host: str = "",
) -> "Pan123App":
    """Create the application; its engine, on `host` if that is given, starts after its frame."""
    from pan123_tui.ui.app import Invocation, Pan123App
    from pan123_tui.ui.dashboard.screen import DashboardScreen

    def check_account(chosen: Settings, credentials: Credentials) -> Account:
        return fetch_account(replace(context, settings=chosen), credentials)

    capabilities = detect_capabilities(context.environ)
    if is_ascii:
        capabilities = capabilities._replace(has_symbols=False)
    variable = account_variable(context.environ)
    return Pan123App(
        client,
        context.paths,
        DashboardScreen,
        settings=context.settings,
        invocation=Invocation(is_demo, host, context.paths.profile, variable),
        capabilities=capabilities,
        check_account=None if is_demo or host else check_account,
        environ=context.environ,
    )


def _run_demo(links: str, *, is_ascii: bool) -> int:
    from pan123_tui.programs.demo import demo_context, remove_demo
    from pan123_tui.ui.app import Exit

    context = demo_context(os.environ)
    client = engine_client(context, "--demo")
    app = build_app(context, client, is_ascii=is_ascii, is_demo=True)
    try:
        exit_code = _run(app, links)
    finally:
        is_left = app.return_value is not Exit.ENDED_ENGINE
        if not (goes_on := is_left and find_holder(context.paths.data_dir).pid):
            remove_demo(context)
    text = _("The demo is over; nothing of it is kept.")
    ways = _("“pan123-tui” shows it, “pan123-tui stop” ends it.")
    if goes_on:
        text = join_sentences(_("The demo goes on for ten minutes."), ways)
    print_message(text)
    return exit_code


def _run_on_host(context: AppContext, target: SshTarget, links: str, *, is_ascii: bool) -> int:
    """Show a screen here for the engine on `target`; raises `HostUnreachable`."""
    open_log(context)
    line = SshLine(target)
    print_message(_("Connecting to {host}…").format(host=target.host))
    line.open()
    # This machine's account has other folders than the account there.
    settings = replace(context.settings, defaults=Defaults())
    paths = context.paths._replace(profile=target.profile)
    i18n.use_options(f"--profile {target.profile}" if target.profile else "")
    client = EngineClient(line.connect, may_replace=False)
    host_context = replace(context, settings=settings, paths=paths)
    app = build_app(host_context, client, is_ascii=is_ascii, host=target.host)
    try:
        exit_code = _run(app, links)
    except EngineIncompatible as error:
        trouble, version = HostTrouble.OTHER_VERSION, str(error)
        raise HostUnreachable(trouble, host=target.host, version=version) from error
    finally:
        line.close()
    print_rest(app, host=target.host)
    return exit_code


def print_rest(app: "Pan123App", *, host: str = "") -> None:
    """Print what goes on without this screen, and how to end that, or what waits."""
    from pan123_tui.ui.app import Exit

    model, attachment = app.model, app.model.attachment
    is_without_engine = attachment.state is AttachmentState.ENDED or (
        attachment.state is AttachmentState.LOST and attachment.trouble is not None
    )
    texts = rest_texts(
        model.status,
        running=model.counts[Shown.RUNNING],
        unsent=model.counts[Shown.QUEUED] + model.counts[Shown.SENDING],
        has_ended=app.return_value is Exit.ENDED_ENGINE or is_without_engine,
        host=host,
    )
    if attachment.state is AttachmentState.SILENT and not host:
        texts = [does_not_answer(attachment.program, attachment.pid)]
    if app.drafted:
        texts.append(unsent_draft(app.drafted))
    for text in texts:
        print_message(text)


def _run(app: "Pan123App", links: str, data_dir: Path | None = None) -> int:
    """Run `app`; without an engine, raise an error that says why and names the holder."""
    app.links = links
    app.run()
    if app.failure is not None:
        raise explained(app.failure, app.client.engine, data_dir) if data_dir else app.failure
    return app.return_code or ExitCode.DONE
