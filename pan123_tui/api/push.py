"""Sends messages through apprise, to addresses that are secrets."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pan123_tui.config.push import PushTrouble, sender_to

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
    results = enumerate((_send_one(address, title, text) for address in addresses), 1)
    return {number: trouble for number, trouble in results if trouble is not None}


def _send_one(address: str, title: str, text: str) -> PushTrouble | None:
    try:
        sender = sender_to(address)
        if isinstance(sender, PushTrouble):
            return sender
        return None if sender.notify(body=text, title=title) else PushTrouble.REFUSED
    except Exception:  # noqa: BLE001 - it may raise anything, even with the address in it
        return PushTrouble.REFUSED
