"""Sends messages through apprise, to addresses that are secrets."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress

from pan123_tui.wording import push as wording
from pan123_tui.wording.push import PushFailure

_LOGS_WITH_ADDRESSES = ("apprise", "urllib3", "oauthlib", "requests_oauthlib")


async def send_in_thread(
    addresses: Sequence[str], title: str, text: str
) -> tuple[PushFailure, ...]:
    """Send a message from a thread that never keeps the program from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[PushFailure, ...]] = loop.create_future()

    def finish(failures: tuple[PushFailure, ...]) -> None:
        if not done.done():
            done.set_result(failures)

    def work() -> None:
        failures = send_message(addresses, title, text)
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(finish, failures)

    threading.Thread(target=work, name="push", daemon=True).start()
    return await done


def send_test_message(addresses: Sequence[str], *, profile: str = "") -> tuple[PushFailure, ...]:
    """Send a message that only shows that messages arrive, and return where it did not."""
    return send_message(addresses, wording.message_title(profile), wording.test_text())


def send_message(addresses: Sequence[str], title: str, text: str) -> tuple[PushFailure, ...]:
    """Send a message to all `addresses`, and return those that did not take it."""
    for name in _LOGS_WITH_ADDRESSES:
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    reasons = enumerate((_send_one(address, title, text) for address in addresses), 1)
    return tuple(PushFailure(number, reason) for number, reason in reasons if reason)


def _send_one(address: str, title: str, text: str) -> str:
    try:
        from apprise import Apprise  # noqa: PLC0415 - an optional extra, and slow to import
    except ImportError:
        return "missing"
    try:
        sender = Apprise()
        if not sender.add(address):
            return "invalid"
        return "" if sender.notify(body=text, title=title) else "refused"
    except Exception:  # noqa: BLE001 - it may raise anything, even with the address in it
        return "refused"
