"""Why a message did not get to an address of the user's, and the message that tries it."""

from msgspec import Struct

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _


class PushFailure(Struct, frozen=True):
    """An address that did not get a message."""

    number: int
    """Its place in `notify.push`, from 1; the address itself is a secret."""
    reason: str
    """A key of `REASONS`."""


REASONS = {
    "missing": N_(
        "Messages need apprise, which is not installed: run “pipx inject pan123-tui apprise” or,"
        " in the clone, “uv tool install '.[push]'”."
    ),
    "invalid": N_("apprise does not recognise address {number} in notify.push."),
    "refused": N_("Address {number} in notify.push did not accept the message."),
}


def failure_text(failure: PushFailure) -> str:
    return _(REASONS[failure.reason]).format(number=failure.number)


def message_title(profile: str) -> str:
    return f"pan123-tui · {sanitize(profile)}" if profile else "pan123-tui"


def test_text() -> str:
    return _("A test: messages from pan123-tui arrive here.")
