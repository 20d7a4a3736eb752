"""The welcome: what can be done while there is no account."""

from enum import StrEnum

from pan123_tui.i18n import _
from pan123_tui.ui.screens.account import where_to_get_it
from pan123_tui.ui.screens.choice import ChoiceScreen


class Start(StrEnum):
    """What a person chooses to begin with."""

    DEMO = "demo"
    PAIR = "pair"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    LATER = "later"


def welcome_screen() -> ChoiceScreen:
    """Offer the ways to begin; gives one of `Start`, or None."""
    what = _("This program hands links to 123pan, which downloads them on its own servers.")
    account = _("For that it needs your account.")
    kept = _("Links that you add before are kept, and sent afterwards.")
    return ChoiceScreen(
        _("Welcome to pan123-tui"),
        [
            (Start.DEMO.value, _("Look around first"), _("a demo, needs no account")),
            (Start.PAIR.value, _("Enter client id and secret"), _("renews itself")),
            (Start.TOKEN.value, _("Paste an access token"), _("works until it expires")),
            (Start.LATER.value, _("Later"), _("“,” opens the settings")),
        ],
        text="\n\n".join([f"{what} {account}", where_to_get_it(), kept]),
    )
