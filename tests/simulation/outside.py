"""What comes to the program from outside: callbacks, true or not."""

import json
from enum import Enum
from random import Random
from typing import Any

import httpx
from starlette.applications import Starlette

from tests.simulation.service import Fate, ServiceTask

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
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as http:
        return (await http.post(f"http://here/hook/{secret}", content=body)).status_code
