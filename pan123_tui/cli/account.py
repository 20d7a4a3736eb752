"""`login` and `logout`: save and delete the account."""

import sys
from typing import NamedTuple

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, fetch_account, load_context, load_store
from pan123_tui.cli.commands import example
from pan123_tui.cli.output import print_ignored_account, print_message, print_problem
from pan123_tui.cli.remote import RemoteEngine, holder_of
from pan123_tui.config.credentials import (
    account_variable,
    record_account,
    save_credentials,
)
from pan123_tui.config.schema import renew_url_error
from pan123_tui.domain.commands import ReloadSettings
from pan123_tui.domain.credentials import (
    ACCOUNT_VARIABLES,
    AccessToken,
    ClientPair,
    Credentials,
    RefreshToken,
    is_header_safe,
)
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, ServiceError
from pan123_tui.domain.events import Account
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.programs.errors import ExitCode, error_message
from pan123_tui.wording.engine import keeps_account, program_name
from pan123_tui.wording.problems import explain_problem


class _Line(NamedTuple):
    """A line that is asked for, or read from a pipe."""

    label: str
    is_secret: bool = True
    is_optional: bool = False


_TOKEN = (_Line(N_("Access token")),)
_PAIR = (_Line(N_("Client ID"), is_secret=False), _Line(N_("Client secret")))
_LOGIN = (
    _Line(N_("Refresh token")),
    _Line(N_("Client ID"), is_secret=False),
    _Line(N_("Client secret, if any"), is_optional=True),
)
_TOKEN_HINT = N_("To log in with an access token alone, use “pan123-tui login --token”.")


@click.command(
    "login",
    context_settings={"allow_extra_args": True},
    help=_(
        "Log in and save the account.\n\nThe command asks for the client ID and secret,"
        " or reads each as a line from a pipe."
    ),
    epilog=example("pan123-tui login", "pass show 123pan-token | pan123-tui login --token"),
)
@click.option("--token", "is_token", is_flag=True, help=_("Log in with an access token instead."))
@click.option(
    "--refresh-token",
    "is_refresh",
    is_flag=True,
    help=_("Log in with a refresh token, and its app's client ID and secret, if any."),
)
@click.option(
    "--renew-url",
    default="",
    metavar="URL",
    help=_("Renew the refresh token at this address, with {refresh_token} in it."),
)
def login(*, is_token: bool, is_refresh: bool, renew_url: str) -> None:
    """Read the credentials, check them with the service, and save them."""
    if click.get_current_context().args:  # click would print the secret
        raise click.UsageError(
            _("A secret is never an argument: paste it at the prompt, or pipe it in.")
        )
    context = load_context(makes_profile=True)
    print_ignored_account(context)
    _print_overrides(context)
    credentials = _read_credentials(is_token=is_token, is_refresh=is_refresh, renew_url=renew_url)
    context.paths.ensure_directories()
    account = _check(context, credentials)
    save_credentials(context.paths.config_dir, credentials)
    if account is not None:
        record_account(context.environ, context.paths, account)
    print_message(_("Saved in {path}.").format(path=context.paths.credentials_file))
    _tell_engine(context, may_start=True)


def _tell_engine(context: AppContext, *, may_start: bool) -> None:
    """Have the engine use the saved account; it `may_start` where tasks wait for that."""
    runs = holder_of(context)[0] is not None
    if not runs and not (may_start and load_store(context)[0].unfinished):
        return
    try:
        with RemoteEngine(context, may_start=may_start) as engine:
            variable = engine.call(ReloadSettings())
            hello = engine.hello
    except Pan123Error as error:
        former = _("The engine keeps using the old account until it is started again.")
        print_message(join_sentences(error_message(error) or "", former))
    else:
        if variable and hello is not None:
            print_message(keeps_account(program_name(hello.program, hello.pid), variable))


def _check(context: AppContext, credentials: Credentials) -> Account | None:
    """Return the account, None if it could not be asked for; exits if it is refused."""
    try:
        account = fetch_account(context, credentials)
    except ServiceError as error:
        _print_refusal(error.problem, credentials)
        print_message(_("Nothing was changed."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT) from None
    except Pan123Error as error:
        print_problem(error.problem)
        print_message(_("The account was saved, but could not be checked."))
        return None
    print_message(_("Logged in as {name}.").format(name=sanitize(account.nickname)))
    return account


def _print_refusal(problem: Problem, credentials: Credentials) -> None:
    if problem.kind is ProblemKind.TOKEN_REFUSED and isinstance(credentials, AccessToken):
        explanation = explain_problem(problem)
        hint = _(
            "Copy the token again or get a new one, then run “pan123-tui login --token” again."
        )
        print_message(replace(explanation, hint=hint).text)
    else:
        print_problem(problem)


def _read_credentials(*, is_token: bool, is_refresh: bool, renew_url: str) -> Credentials:
    if renew_url:
        if reason := renew_url_error(renew_url):
            raise click.UsageError(f"--renew-url: {reason}")
        (token,) = _read_lines(_LOGIN[:1])
        return RefreshToken(token, renew_url=renew_url)
    if is_refresh:
        return RefreshToken(*_read_lines(_LOGIN))
    if is_token:
        return AccessToken(*_read_lines(_TOKEN))
    if sys.stdin.isatty():
        print_message(
            _("Your app's client ID and secret, each at its own prompt; the secret is not shown.")
        )
        print_message(_(_TOKEN_HINT))
    return ClientPair(*_read_lines(_PAIR))


def _read_lines(lines: tuple[_Line, ...]) -> list[str]:
    """Return what is typed or piped for each of `lines`; raises `click.UsageError`."""
    return [_read_line(line, number, lines) for number, line in enumerate(lines, start=1)]


def _read_line(line: _Line, number: int, lines: tuple[_Line, ...]) -> str:
    if sys.stdin.isatty():
        answer: str = click.prompt(
            _("{heading}:").format(heading=_(line.label)),
            default="" if line.is_optional else None,
            hide_input=line.is_secret,
            err=True,
            show_default=False,
            prompt_suffix=" ",
        )
    else:
        answer = sys.stdin.readline()
    answer = answer.strip()
    if not answer and not line.is_optional:
        text = _("{label}: nothing was typed, or line {number} of the input is missing or empty.")
        missing = text.format(label=_(line.label), number=number)
        raise click.UsageError(join_sentences(missing, _(_TOKEN_HINT) if lines is _PAIR else ""))
    if answer and not is_header_safe(answer):
        text = _("{label}: only letters, digits and punctuation, without spaces. Copy it again.")
        raise click.UsageError(text.format(label=_(line.label)))
    return answer


def _print_overrides(context: AppContext) -> None:
    for name in ACCOUNT_VARIABLES.values():
        if context.environ.get(name):
            text = _(
                "{variable} is set in the environment, and overrides the saved account until"
                " you unset it."
            )
            print_message(text.format(variable=name))


@click.command("logout", help=_("Log out; the tasks stay."), epilog=example("pan123-tui logout"))
def logout() -> None:
    """Delete the credentials and all tokens."""
    context = load_context()
    was_logged_in = context.paths.credentials_file.exists()
    save_credentials(context.paths.config_dir, None)
    context.paths.forget_tokens()
    done, idle = _("Logged out; the tasks stay."), _("Nobody was logged in.")
    print_message(done if was_logged_in else idle)
    if account_variable(context.environ):
        print_message(_("The environment still has an account."))
    _tell_engine(context, may_start=False)
