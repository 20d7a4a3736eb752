"""`login` and `logout`: save and delete the account."""

import sys

import click

from pan123_tui.bootstrap import (
    AppContext,
    ExitCode,
    error_message,
    fetch_account,
    load_context,
    load_store,
    print_message,
)
from pan123_tui.cli.program import command, flag
from pan123_tui.cli.remote import RemoteEngine, wait_for_socket
from pan123_tui.config.credentials import account_variable, save_credentials
from pan123_tui.config.forms import RENEW_URL
from pan123_tui.domain.commands import ReloadSettings
from pan123_tui.domain.credentials import Credentials, is_header_safe
from pan123_tui.domain.errors import ACCOUNT_REFUSALS, Pan123Error, Problem, ProblemKind
from pan123_tui.domain.events import Account
from pan123_tui.i18n import _, join_sentences
from pan123_tui.wording.accounts import CLIENT_ID, OPENLIST, SECRET_IF_ANY, WAYS, broker_way
from pan123_tui.wording.actions import login_text
from pan123_tui.wording.engine import keeps_account
from pan123_tui.wording.problems import explain_problem


@command(
    "login",
    _(
        "Log in and save the account.\n\nThe command asks for the client ID and secret,"
        " or reads each as a line from a pipe."
    ),
    "pan123-tui login --openlist",
    "pass show 123pan-token | pan123-tui login --token",
    context_settings={"allow_extra_args": True},
)
@flag("--token", "key", flag_value="token", help=_("Log in with an access token instead."))
@flag(
    "--openlist",
    "key",
    flag_value=OPENLIST,
    help=_("Log in without a developer package: OpenList's server renews the login."),
)
@flag(
    "--refresh-token",
    "key",
    flag_value="refresh",
    help=_("Log in with a refresh token, and its app's client ID and secret, if any."),
)
@click.option(
    "--renew-url",
    default="",
    metavar="URL",
    help=_("Address that renews the refresh token; must contain {refresh_token}."),
)
def login(*, key: str | None, renew_url: str) -> None:
    if click.get_current_context().args:  # click would print the secret
        raise click.UsageError(
            _("Never give a secret as an argument: paste it at the prompt, or pipe it in.")
        )
    context = load_context(makes_profile=True)
    if variable := account_variable(context.environ):
        text = _(
            "{variable} is set in the environment, and overrides the saved account until you"
            " unset it."
        )
        print_message(text.format(variable=variable))
    credentials = _read_credentials(key or "pair", renew_url)
    context.paths.ensure_directories()
    checked = _check(context, credentials)
    save_credentials(context.paths.config_dir, credentials)
    print_message(login_text(checked))
    print_message(_("Saved in {path}.").format(path=context.paths.credentials_file))
    _tell_engine(context, may_start=True)


def _tell_engine(context: AppContext, *, may_start: bool = False) -> None:
    """Have a running engine use the saved account; one `may_start` if tasks are waiting for it."""
    pid, program, _socket = wait_for_socket(context)
    try:
        if pid is None and not (may_start and load_store(context)[0].unfinished):
            return
        with RemoteEngine(context, may_start=pid is None, wants_updates=True) as engine:
            if (variable := engine.call(ReloadSettings())) and pid is not None:
                print_message(keeps_account(program, pid, variable))
            notice = engine.load().status.notice
            if notice is not None and notice.kind is ProblemKind.SETTINGS_WAIT:
                print_message(explain_problem(notice).text)
    except Pan123Error as error:
        former = _("The engine keeps using the old account until it is restarted.")
        print_message(join_sentences(error_message(error), former if pid else ""))


def _check(context: AppContext, credentials: Credentials) -> Account | Problem:
    """Return whose account it is, or why that is not known; exits if the account is refused."""
    if sys.stdin.isatty():
        print_message(_("Checking the account…"))
    try:
        return fetch_account(context, credentials)
    except ACCOUNT_REFUSALS as error:
        print_message(explain_problem(error.problem).text)
        print_message(_("Nothing was changed."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT) from None
    except Pan123Error as error:
        return error.problem


def _read_credentials(key: str, renew_url: str) -> Credentials:
    if reason := renew_url and RENEW_URL.error(renew_url):
        raise click.UsageError(f"--renew-url: {reason}")
    way = broker_way(renew_url) if renew_url else WAYS[key]
    if sys.stdin.isatty():
        print_message(way.introduction)
        if key == "pair" and not renew_url:
            print_message(_("Without the developer package: “pan123-tui login --openlist”."))
    return way.make(*map(_read_line, way.parts))


def _read_line(part: str) -> str:
    """Return what is typed, or the next line of a pipe; raises `click.UsageError`."""
    label, is_optional = _(part), part == SECRET_IF_ANY
    if sys.stdin.isatty():
        answer: str = click.prompt(
            _("{heading}:").format(heading=label),
            default="" if is_optional else None,
            hide_input=part != CLIENT_ID,
            err=True,
            show_default=False,
            prompt_suffix=" ",
        )
    else:
        answer = sys.stdin.readline()
    answer = answer.strip()
    if not (is_header_safe(answer) or (is_optional and not answer)):
        text = _("{label}: enter one line of letters, digits and punctuation, without spaces.")
        raise click.UsageError(text.format(label=label))
    return answer


@command("logout", _("Log out; the tasks stay."), "pan123-tui logout")
def logout() -> None:
    context = load_context()
    was_logged_in = context.paths.credentials_file.exists()
    save_credentials(context.paths.config_dir, None)
    context.paths.forget_tokens()
    done, idle = _("Logged out; the tasks stay."), _("You were not logged in.")
    print_message(done if was_logged_in else idle)
    if account_variable(context.environ):
        print_message(_("An account is still set in the environment: unset that too."))
    _tell_engine(context)
