"""A service that answers at once and moves every task a little: `python -m tests.bench.service`.

It uses hardly any processor time, unlike the simulator. It prints its address and exits when its
standard input ends.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from typing import Self

PERCENT_PER_S = 0.2
_ASKED = re.compile(rb"GET /api/v1/offline/download/process\?taskID=(\d+) ")
_ACCOUNT = {"uid": 1, "nickname": "bench", "spaceUsed": 1, "spacePermanent": 10**12, "spaceTemp": 0}


class ServiceProcess:
    """The service in a separate process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.environ = {
            "PAN123_BASE_URL": self._process.stdout.readline().strip(),
            "PAN123_ACCESS_TOKEN": "bench",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()


class _Connection(asyncio.Protocol):
    def __init__(self, started: float) -> None:
        self._started = started
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            body = json.dumps({"code": 0, "message": "ok", "data": self._answer(request)}).encode()
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            )
            self._transport.write(head % len(body) + body)

    def _answer(self, request: bytes) -> object:
        if not (asked := _ASKED.match(request)):
            return _ACCOUNT
        percent = 1 + int(asked[1]) % 60 + PERCENT_PER_S * (time.monotonic() - self._started)
        return {"process": round(percent % 99, 2), "status": 0}


async def _serve() -> None:
    loop, started = asyncio.get_running_loop(), time.monotonic()
    server = await loop.create_server(lambda: _Connection(started), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
