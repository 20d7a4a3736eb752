"""Sends messages through apprise, to addresses that are secrets."""

import asyncio
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum

from pan123_tui.domain.sanitize import add_secrets

_LOGS_WITH_ADDRESSES = ("apprise", "urllib3", "oauthlib", "requests_oauthlib")
_COPIED = (
    (re.compile(r"https?://sctapi\.ftqq\.com/([\w-]+)\.send.*", re.IGNORECASE), r"schan://\1"),
    (re.compile(r"https?://(api\.day\.app/\w+).*", re.IGNORECASE), r"barks://\1"),
)
"""What ServerChan and Bark show to be copied, and how apprise writes it."""


class PushTrouble(StrEnum):
    """Why an address does not get a message."""

    MISSING = "missing"
    """apprise is not installed."""
    INVALID = "invalid"
    """apprise does not know such an address."""
    REFUSED = "refused"


Troubles = Mapping[int, PushTrouble]
"""By the place of the address in `notify.push`, from 1."""


def message_title(profile: str) -> str:
    return f"pan123-tui · {profile}" if profile else "pan123-tui"


async def send_in_thread(addresses: Sequence[str], title: str, text: str) -> Troubles:
    """Send a message from a thread that never keeps the program from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Troubles] = loop.create_future()

    def finish(troubles: Troubles) -> None:
        if not done.done():
            done.set_result(troubles)

    def work() -> None:
        troubles = send_message(addresses, title, text)
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(finish, troubles)

    threading.Thread(target=work, name="push", daemon=True).start()
    return await done


def check_addresses(addresses: Sequence[str]) -> Troubles:
    """Return the `addresses` to which nothing can be sent; takes half a second."""
    return send_message(addresses, "", "")


def send_message(addresses: Sequence[str], title: str, text: str) -> Troubles:
    for name in _LOGS_WITH_ADDRESSES:
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    results = enumerate((_send_one(address, title, text) for address in addresses), 1)
    return {number: trouble for number, trouble in results if trouble is not None}


def _send_one(address: str, title: str, text: str) -> PushTrouble | None:
    """Send a message, or only check the `address` if the `text` is empty."""
    try:
        from apprise import Apprise  # noqa: PLC0415 - an optional extra, and slow to import
    except ImportError:
        return PushTrouble.MISSING
    for copied, form in _COPIED:
        address = copied.sub(form, address)
    add_secrets(address.partition("://")[2])  # an error may repeat it
    try:
        sender = Apprise()
        if not sender.add(address):
            return PushTrouble.INVALID
        is_accepted = not text or sender.notify(body=text, title=title)
        return None if is_accepted else PushTrouble.REFUSED
    except Exception:  # noqa: BLE001 - it may raise anything, even with the address in it
        return PushTrouble.REFUSED
