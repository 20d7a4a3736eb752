"""`logout`: forgets the account that `login` kept."""

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.output import say
from pan123_tui.credentials_file import load_credentials, save_credentials
from pan123_tui.i18n import _
from pan123_tui.wiring import settle


@click.command(
    "logout", help=_("Forget the account; the tasks stay."), epilog=example("pan123-tui logout")
)
@language_option
def logout() -> None:
    """Remove the credentials and the cached access token."""
    household = settle()
    save_credentials(household.places.config_dir, None)
    household.places.token_cache.unlink(missing_ok=True)
    say(_("The account is forgotten; the tasks stay."))
    if load_credentials(household.environ, household.places.config_dir) is not None:
        say(_("The environment still names one."))
