"""Sends messages through apprise, to addresses that are secrets."""

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum

from pan123_tui.i18n import N_, _

_LOGS_WITH_ADDRESSES = ("apprise", "urllib3", "oauthlib", "requests_oauthlib")


class PushTrouble(Enum):
    """Why an address did not get a message, to be translated."""

    MISSING = N_(
        "Messages need apprise, which is not installed: run “pipx inject pan123-tui apprise” or,"
        " in the clone, “uv tool install '.[push]'”."
    )
    INVALID = N_("apprise does not recognise address {number} in notify.push.")
    REFUSED = N_("Address {number} in notify.push did not accept the message.")

    def text(self, number: int) -> str:
        """Return the text for the address at place `number`; the address itself is a secret."""
        return _(self.value).format(number=number)


Troubles = Mapping[int, PushTrouble]
"""By the place of the address in `notify.push`, from 1."""


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


def message_title(profile: str) -> str:
    return f"pan123-tui · {profile}" if profile else "pan123-tui"


def send_message(addresses: Sequence[str], title: str, text: str) -> Troubles:
    """Send a message to all `addresses`, and return those that did not accept it."""
    for name in _LOGS_WITH_ADDRESSES:
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    results = enumerate((_send_one(address, title, text) for address in addresses), 1)
    return {number: trouble for number, trouble in results if trouble is not None}


def _send_one(address: str, title: str, text: str) -> PushTrouble | None:
    try:
        from apprise import Apprise  # noqa: PLC0415 - an optional extra, and slow to import
    except ImportError:
        return PushTrouble.MISSING
    try:
        sender = Apprise()
        if not sender.add(address):
            return PushTrouble.INVALID
        return None if sender.notify(body=text, title=title) else PushTrouble.REFUSED
    except Exception:  # noqa: BLE001 - it may raise anything, even with the address in it
        return PushTrouble.REFUSED
