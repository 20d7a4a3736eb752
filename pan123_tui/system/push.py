"""Sends messages through apprise, to addresses that are secrets."""

import asyncio
import json
import logging
import re
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from pan123_tui.domain.errors import RequestTrouble
from pan123_tui.domain.sanitize import add_secrets, redact, sanitize

_LOGS_WITH_ADDRESSES = ("apprise", "urllib3", "oauthlib", "requests_oauthlib")
_COPIED = {
    r"https?://sctapi\.ftqq\.com/([\w-]+)\.send.*": r"schan://\1",
    r"https?://(\d+\.push\.ft07\.com/send/\w+\.send).*": r"jsons://\1?:message=desp",
    r"schan://(sctp(\d+)t\w+)/?": r"jsons://\2.push.ft07.com/send/\1.send?:message=desp",
    r"https?://(api\.day\.app/\w+).*": r"barks://\1",
    r"https?://oapi\.dingtalk\.com/robot/send\?(?:.*&)?access_token=(\w+).*": r"dingtalk://\1",
    r"https?://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+).*": r"feishu://\1",
    r"https?://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?(?:.*&)?key=([\w-]+).*": r"wecombot://\1",
    r"https?://(?:www\.)?pushplus\.plus/send(?:/|/?\?(?:.*&)?token=)(\w+).*": r"pushplus://\1",
}
"""What services show to be copied, and how apprise writes it, which only some of it reads."""
_CODE_IN_BODY = re.compile(
    r"https://(?:oapi\.dingtalk\.com|qyapi\.weixin\.qq\.com|open\.feishu\.cn"
    r"|sctapi\.ftqq\.com|\d+\.push\.ft07\.com)/"
)
"""Who says by a number in the answer that a message is refused, with the HTTP status 200."""
_MAX_WORDS = 200


class PushTrouble(StrEnum):
    """Why an address does not get a message."""

    MISSING = "missing"
    """apprise is not installed."""
    INVALID = "invalid"
    """apprise does not know such an address."""
    REFUSED = "refused"


class PushFailure(Struct, frozen=True):
    trouble: PushTrouble
    http_status: int = 0
    words: str = ""
    """What the server said, without secrets, or a `RequestTrouble`."""


Troubles = Mapping[int, PushFailure]
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
    return {number: failure for number, failure in results if failure is not None}


class _Heard(threading.local):
    """What came of the last request of this thread."""

    url, status, text = "", 0, ""


_heard = _Heard()


def _send_one(address: str, title: str, text: str) -> PushFailure | None:
    """Send a message, or only check the `address` if the `text` is empty."""
    try:
        from apprise import Apprise  # noqa: PLC0415 - an optional extra, and slow to import

        _listen()
    except ImportError:
        return PushFailure(PushTrouble.MISSING)
    for copied, form in _COPIED.items():
        address = re.sub(copied, form, address, flags=re.IGNORECASE)
    add_secrets(address.partition("://")[2])  # an error may repeat it
    _heard.url, _heard.status, _heard.text = "", 0, ""
    try:
        sender = Apprise()
        if not sender.add(address):
            return PushFailure(PushTrouble.INVALID)
        is_accepted = not text or sender.notify(body=text, title=title)
    except Exception:  # noqa: BLE001 - it may raise anything, even with the address in it
        is_accepted = False
    code, words = _read(_heard.text)
    if is_accepted and (code in (0, 200) or not _CODE_IN_BODY.match(_heard.url)):
        return None
    parts = re.split(r"[^\w-]+", f"{address} {unquote(address)}")
    words = redact(words, sorted((it for it in parts if len(it) >= 6), key=len, reverse=True))
    return PushFailure(PushTrouble.REFUSED, _heard.status, sanitize(words.strip(), _MAX_WORDS))


@cache
def _listen() -> None:
    """Note what each host answers, of which apprise tells nothing."""
    from requests import RequestException, Session  # noqa: PLC0415 - comes with apprise

    send = Session.send

    def send_and_note(self: Session, request: Any, **options: Any) -> Any:
        try:
            answer = send(self, request, **options)
        except RequestException as error:
            _heard.text = _trouble_of(error)
            raise
        _heard.url, _heard.status, _heard.text = answer.url, answer.status_code, answer.text
        return answer

    Session.send = send_and_note  # type: ignore[method-assign]


def _trouble_of(error: BaseException) -> str:
    """Return why there was no answer; the texts of such errors have the address in them."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case socket.gaierror():
                return RequestTrouble.NO_SUCH_HOST
            case ssl.SSLCertVerificationError():
                return RequestTrouble.BAD_CERTIFICATE
            case ConnectionRefusedError():
                return RequestTrouble.REFUSED
            case TimeoutError():
                return RequestTrouble.TIMED_OUT
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def _read(text: str) -> tuple[object, str]:
    """Return the code (0: there is none) and the words of an answer."""
    with suppress(ValueError):
        if isinstance(answer := json.loads(text), dict):
            code = next((answer[it] for it in ("errcode", "code", "StatusCode") if it in answer), 0)
            words = (answer.get(it) for it in ("errmsg", "msg", "message", "error", "info"))
            return code, next((it for it in words if it and isinstance(it, str)), text)
    return 0, text
