"""The addresses of push messages: the forms that people copy, and who sends to them."""

import logging
import re
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from pan123_tui.i18n import N_, _, join_sentences

if TYPE_CHECKING:
    from apprise import Apprise

_COPIED = (
    (re.compile(r"https?://sctapi\.ftqq\.com/([\w-]+)\.send.*", re.IGNORECASE), r"schan://\1"),
    (re.compile(r"https?://(api\.day\.app/\w+).*", re.IGNORECASE), r"barks://\1"),
)
"""What ServerChan and Bark show to be copied, and how apprise writes it."""
_LOGS_WITH_ADDRESSES = ("apprise", "urllib3", "oauthlib", "requests_oauthlib")


class PushTrouble(Enum):
    """Why an address did not get a message, to be translated."""

    MISSING = N_(
        "Messages need apprise, which is not installed: run “pipx inject pan123-tui apprise” or,"
        " in the clone, “uv tool install '.[push]'”."
    )
    INVALID = N_(
        "apprise does not know address {number} in notify.push. Known are, for example, "
        "ntfy://TOPIC, schan://SENDKEY and barks://api.day.app/KEY."
    )
    REFUSED = N_("Address {number} in notify.push did not accept the message.")

    def text(self, number: int) -> str:
        """Return the text for the address at place `number`; the address itself is a secret."""
        return _(self.value).format(number=number)


def apprise_form(address: str) -> str:
    """Return `address` as apprise writes it, if it is one that ServerChan or Bark shows."""
    for copied, form in _COPIED:
        if found := copied.fullmatch(address):
            return found.expand(form)
    return address


def sender_to(address: str) -> "Apprise | PushTrouble":
    """Return what sends messages to `address`, or why nothing can."""
    for name in _LOGS_WITH_ADDRESSES:
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    try:
        from apprise import Apprise  # noqa: PLC0415 - an optional extra, and slow to import
    except ImportError:
        return PushTrouble.MISSING
    sender = Apprise()
    return sender if sender.add(apprise_form(address)) else PushTrouble.INVALID


def push_error(addresses: Sequence[str]) -> str:
    """Return why messages cannot be sent to `addresses`, "" if they can; takes half a second."""
    senders = enumerate(map(sender_to, addresses), 1)
    texts = (it.text(number) for number, it in senders if isinstance(it, PushTrouble))
    return join_sentences(*dict.fromkeys(texts))
