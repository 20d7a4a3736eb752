"""`whoami`: whose account it is, as the service says now."""

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.output import say, tell, tell_json
from pan123_tui.credentials_file import load_credentials
from pan123_tui.domain.errors import AccountMissing, Pan123Error, ServiceError
from pan123_tui.domain.explanation import explain
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import _
from pan123_tui.wiring import account_of, settle
from pan123_tui.wording import size


@click.command(
    "whoami",
    help=_("Ask the service whose account it is, and how much space is used."),
    epilog=example("pan123-tui whoami"),
)
@click.option("--json", "as_json", is_flag=True, help=_("As a JSON object."))
@language_option
def whoami(*, as_json: bool) -> None:
    """Print the account."""
    household = settle()
    credentials = load_credentials(household.environ, household.places.config_dir)
    try:
        account = account_of(household, credentials)
    except Pan123Error as error:
        say(explain(error.problem).text)
        is_account = isinstance(error, AccountMissing | ServiceError)
        code = ExitCode.ACCOUNT if is_account else ExitCode.SOME_FAILED
        raise click.exceptions.Exit(code) from None
    if as_json:
        tell_json(
            {
                "uid": account.uid,
                "nickname": account.nickname,
                "space_used": account.space_used,
                "space_total": account.space_total,
            }
        )
        return
    tell(
        _("{name} (uid {uid}), {used} of {total} used").format(
            name=visible(account.nickname),
            uid=account.uid,
            used=size(account.space_used),
            total=size(account.space_total),
        )
    )
