"""`profiles`: list the profiles, each with its account and what runs."""

import os
from collections.abc import Mapping
from typing import Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import AppContext
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.output import print_data, print_json
from pan123_tui.cli.status import Found, find_holder
from pan123_tui.config.account_record import recorded_nickname
from pan123_tui.config.credentials import account_source, own_environ
from pan123_tui.config.paths import locate, profile_names
from pan123_tui.config.profiles import PROFILE_VARIABLE
from pan123_tui.config.settings import Settings
from pan123_tui.domain.credentials import AccountKind, AccountSource
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.task import ACTIVE_STATES, WAITING_STATES
from pan123_tui.i18n import N_, _, join_list, with_parenthetical
from pan123_tui.wording.formats import number
from pan123_tui.wording.problems import explain_problem

_ACCOUNT_LABELS: Mapping[AccountKind, str] = {
    AccountKind.NONE: N_("no account"),
    AccountKind.TOKEN: N_("access token"),
    AccountKind.PAIR: N_("client id and secret"),
    AccountKind.REFRESH: N_("refresh token"),
}


@click.command(
    "profiles",
    help=_(
        "List the profiles, each with its account and what runs.\n\n"
        "A profile has settings, an account and tasks of its own; --profile NAME or the variable"
        " PAN123_PROFILE chooses it, for every command. “login” makes it, and"
        " “default” is the one without a name. To remove one, delete its folders (--json)."
    ),
    epilog=example("pan123-tui profiles", "pan123-tui --profile work login"),
)
@click.option("--json", "as_json", is_flag=True, help=_("As a JSON array of objects."))
@language_option
def profiles(*, as_json: bool) -> None:
    """Print all profiles."""
    found = [_inspect(name) for name in profile_names(os.environ)]
    if as_json:
        print_json([profile.document() for profile in found])
        return
    name_cells = max(width(profile.name) for profile in found)
    account_cells = max(width(profile.account) for profile in found)
    for profile in found:
        name = pad_or_truncate(profile.name, name_cells)
        account = pad_or_truncate(profile.account, account_cells)
        print_data(f"{name}  {account}  {profile.state}")


class _Profile(Struct, frozen=True):
    """What is known of a profile without asking the service."""

    name: str
    context: AppContext
    source: AccountSource
    found: Found | None
    """None: its tasks cannot be read, see `error`."""
    error: str = ""

    @property
    def nickname(self) -> str:
        """The account's name, as the engine or the last one knows it."""
        if account := self.found.status.account if self.found else None:
            return sanitize(account.nickname)
        if self.source.kind is AccountKind.NONE:
            return ""
        return sanitize(recorded_nickname(self.context.environ, self.context.paths))

    @property
    def account(self) -> str:
        if self.source.kind is AccountKind.NONE and self.nickname:
            return _("none saved, in use: {name}").format(name=self.nickname)
        return with_parenthetical(_(_ACCOUNT_LABELS[self.source.kind]), self.nickname)

    @property
    def state(self) -> str:
        if self.found is None:
            return self.error
        counts = [
            text.format(count=number(count))
            for text, count in (
                (_("{count} active"), self.found.count(ACTIVE_STATES)),
                (_("{count} waiting"), self.found.count(WAITING_STATES)),
            )
            if count
        ]
        silent = _("does not answer") if self.found.pid and not self.found.hello else ""
        return join_list((self.found.name if self.found.pid else _("stopped"), silent, *counts))

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `--json`; its fields are documented and stable."""
        found, paths = self.found, self.context.paths
        return {
            "profile": self.name,
            "account": str(self.source.kind),
            "nickname": self.nickname or None,
            "running": None if found is None else found.pid is not None,
            "pid": found.pid if found else None,
            "active": found.count(ACTIVE_STATES) if found else None,
            "waiting": found.count(WAITING_STATES) if found else None,
            "error": self.error or None,
            "config_dir": str(paths.config_dir),
            "data_dir": str(paths.data_dir),
            "state_dir": str(paths.state_dir),
        }


def _inspect(name: str) -> _Profile:
    """Return the state of a profile; its settings are not read, since they may be broken."""
    chosen = {**os.environ, PROFILE_VARIABLE: name}
    paths = locate(chosen)
    environ = own_environ(chosen, paths.profile)
    context = AppContext(paths, Settings(), environ)
    source = account_source(environ, paths.config_dir)
    try:
        return _Profile(name, context, source, find_holder(context))
    except Pan123Error as error:
        return _Profile(name, context, source, None, explain_problem(error.problem).text)
