"""`login`: asks for the account's credentials, tries them, and keeps them for the user alone."""

import sys

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.output import say
from pan123_tui.credentials_file import CREDENTIALS_FILE, save_credentials
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.errors import Pan123Error, ServiceError
from pan123_tui.domain.explanation import explain
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import _
from pan123_tui.settings import VARIABLES
from pan123_tui.wiring import Household, account_of, prepare, settle


@click.command(
    "login",
    help=_(
        "Keep the account for the next starts.\n\n"
        "It asks for the client id and the secret, or reads a line for each from a pipe;"
        " never give a secret as an argument, where others see it."
    ),
    epilog=example("pan123-tui login", "pass show 123pan-token | pan123-tui login --token"),
)
@click.option(
    "--token",
    "is_token",
    is_flag=True,
    help=_("Use a ready access token instead of a client id and secret."),
)
@language_option
def login(*, is_token: bool) -> None:
    """Ask, try, keep."""
    household = settle()
    try:
        credentials = _asked(is_token=is_token)
    except ValueError:
        raise click.UsageError(
            _("Only letters, digits and signs without blanks: copy it once more.")
        ) from None
    prepare(household)
    try:
        account = account_of(household, credentials)
    except ServiceError as error:
        say(explain(error.problem).text)
        say(_("Nothing was changed."))
        raise click.exceptions.Exit(ExitCode.ACCOUNT) from None
    except Pan123Error as error:
        say(explain(error.problem).text)
        say(_("It could not be tried; it is kept all the same."))
    else:
        say(_("Logged in as {name}.").format(name=visible(account.nickname)))
    save_credentials(household.places.config_dir, credentials)
    say(_("Kept in {path}.").format(path=household.places.config_dir / CREDENTIALS_FILE))
    _warn_of_variables(household)


def _asked(*, is_token: bool) -> Credentials:
    if is_token:
        return AccessToken(_secret(_("Access token")))
    return ClientPair(_secret(_("Client id")), _secret(_("Client secret")))


def _secret(what: str) -> str:
    if sys.stdin.isatty():
        answer: str = click.prompt(what, hide_input=True, err=True)
        return answer.strip()
    return sys.stdin.readline().strip()


def _warn_of_variables(household: Household) -> None:
    for key, name in VARIABLES.items():
        if key.startswith("account.") and household.environ.get(name):
            text = _("{variable} is set in the environment and has the last word.")
            say(text.format(variable=name))
