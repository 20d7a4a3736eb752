"""What comes to the program from outside: callbacks, true or not, and files in its inbox."""

import json
from enum import Enum
from math import inf
from pathlib import Path
from random import Random
from typing import Any

from pan123_tui.engine.inbox import INBOX, TAKEN, Inbox, InboxFolder
from starlette.applications import Starlette

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.task import DownloadRequest
from tests.simulation.service import Fate, ServiceTask

SCAN_EVERY_S = 30.0
"""The program scans more often; days of that would take long."""
GARBLED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"status":"x"}',
    b'{"status":1e400}',
    b"<html>",
)


class Callback(Enum):
    """Who sends a callback."""

    TRUE = "true"
    LIE = "lie"
    """Somebody who knows the secret: says the opposite of what became of the task."""
    FORGED = "forged"
    """Somebody who does not know it."""
    GARBLED = "garbled"

    @classmethod
    def draw(cls, random: Random) -> "Callback":
        """Draw one; most are true."""
        return random.choices((cls.TRUE, cls.LIE, cls.FORGED, cls.GARBLED), (12, 2, 2, 1))[0]


def body_of(callback: Callback, task: ServiceTask, random: Random) -> bytes:
    """Return what `callback` says of `task`."""
    if callback is Callback.GARBLED:
        return random.choice(GARBLED)
    failed = (task.fate is Fate.FAILURE) is not (callback is Callback.LIE)
    file_id = 1 if callback is Callback.FORGED else task.file_id
    facts: dict[str, Any] = {"failReason": "no"} if failed else {"fileID": file_id}
    return json.dumps({"url": task.url, "status": int(failed), **facts}).encode()


async def post(app: Starlette, secret: str, body: bytes) -> int:
    """Post `body` to the program's receiver and return the HTTP status."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": f"/hook/{secret}",
        "headers": [],
    }
    scope |= {"query_string": b"", "root_path": "", "http_version": "1.1", "scheme": "http"}
    await app(scope, receive, send)
    return status


class _Folder(InboxFolder):
    """Lists its files each time: their times are not those of the simulation."""

    def may_have_changed(self) -> bool:
        return True


class Drops:
    """The files that other programs and the user have put into the inbox."""

    def __init__(self, data: Path) -> None:
        self.links: dict[str, list[int]] = {}
        """The numbers of the links in each, by the end of its name."""
        self._data = data

    def worker(self) -> Inbox:
        """Return the program's own part."""
        return Inbox(_Folder(self._data / INBOX, clock=lambda: inf), interval_s=SCAN_EVERY_S)

    def put(self, requests: list[DownloadRequest], numbers: list[int]) -> None:
        """Put a file into the inbox; raises `OSError`."""
        name = f"links-{numbers[0]}.txt"
        path = self._data / INBOX / name
        write_private(path, "\n".join(request.url for request in requests).encode())
        self.links[name] = numbers

    def waiting(self) -> set[int]:
        """Return the links in files that the program has not finished with."""
        inbox = self._data / INBOX
        names = [path.name for path in (*inbox.glob("[!.]*.*"), *(inbox / TAKEN).glob("*"))]
        return {
            number
            for end, numbers in self.links.items()
            if any(name.endswith(end) for name in names)
            for number in numbers
        }
