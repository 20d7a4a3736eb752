"""The ways to log in: what each asks for, and what the user should know of it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from pan123_tui.domain.credentials import (
    OPENLIST_RENEW_URL,
    AccessToken,
    AccountKind,
    ClientPair,
    Credentials,
    RefreshToken,
)
from pan123_tui.i18n import N_, _

CLIENT_ID = N_("Client ID")
"""Of what is asked for, the only thing that is no secret."""
SECRET_IF_ANY = N_("Client secret, if any")
"""Of what is asked for, the only thing that may be left out."""
OPENLIST = "openlist"


class LoginWay(NamedTuple):
    """One way to log in; its texts are translated where they are shown."""

    make: Callable[..., Credentials]
    parts: tuple[str, ...]
    """What to ask for, in the order of `make`."""
    label: str = ""
    detail: str = ""
    facts: str = ""
    broker: str = ""
    """The host that renews the login in 123pan's place."""

    @property
    def warning(self) -> str:
        text = _("The server {host} renews the login: it can see and change your whole drive.")
        return self.broker and text.format(host=self.broker)

    @property
    def introduction(self) -> str:
        """Lines of one sentence or more."""
        unseen = _("Secrets stay hidden, in a file that only you can read.")
        return "\n".join(filter(None, (self.facts and _(self.facts), self.warning, unseen)))


def broker_way(renew_url: str, label: str = "", detail: str = "", facts: str = "") -> LoginWay:
    """Return the way to log in with a refresh token that is renewed at `renew_url`."""
    make, host = partial(RefreshToken, renew_url=renew_url), urlsplit(renew_url).netloc
    return LoginWay(make, (N_("Refresh token"),), label, detail, facts, host)


WAYS: Mapping[str, LoginWay] = {
    AccountKind.PAIR: LoginWay(
        ClientPair,
        (CLIENT_ID, N_("Client secret")),
        N_("Enter client ID and secret"),
        N_("paid package"),
        N_(
            "Apply in the developer console of the 123pan open platform "
            "(https://www.123pan.com/developer); both come as a message on the website.\n"
            "With these, the program gets and renews its access tokens automatically."
        ),
    ),
    OPENLIST: broker_way(
        OPENLIST_RENEW_URL,
        N_("Log in through OpenList"),
        N_("no package"),
        N_(
            "Open https://api.oplist.org, choose “123 Drive · Redirect”, get the token, and"
            " allow OpenList's app at 123pan; then paste the refresh token from that page."
        ),
    ),
    AccountKind.REFRESH: LoginWay(
        RefreshToken,
        (N_("Refresh token"), CLIENT_ID, SECRET_IF_ANY),
        N_("Enter a refresh token"),
        N_("and client ID"),
        N_(
            "A refresh token and its client ID come from an app that you allowed at 123pan.\n"
            "The token works once, within 90 days: use it in no other program."
        ),
    ),
    AccountKind.TOKEN: LoginWay(
        AccessToken,
        (N_("Access token"),),
        N_("Paste an access token"),
        N_("expires"),
        N_(
            "A token works until it expires; this program cannot renew it.\n"
            "The API call POST /api/v1/access_token returns it as accessToken. That call takes the"
            " client ID and secret from the developer console of the 123pan open platform"
            " (https://www.123pan.com/developer)."
        ),
    ),
}
"""By what names them, the usual two first."""
