"""Test doubles for the client: scripted responses for the network, and a loop that never waits."""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import httpx
import msgspec

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.domain.credentials import AccessToken, Credentials
from pan123_tui.domain.service_facts import Endpoint

BASE_URL = "https://open-api.example.com"
TOKEN = "secret-token-abc"
UNHURRIED = dict.fromkeys(Endpoint, 10_000.0)
"""Rates so high that nothing waits."""

P = ParamSpec("P")
T = TypeVar("T")
Answer = httpx.Response | Exception


def answer(data: object = None, *, code: int = 0, message: str = "ok") -> httpx.Response:
    """Return a response in the service's envelope."""
    body = {"code": code, "message": message, "data": data, "x-traceID": "trace-1"}
    return httpx.Response(200, content=msgspec.json.encode(body))


class Network:
    """Returns the scripted responses in order, repeats the last one, and records the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._handle)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    @property
    def tokens(self) -> list[str]:
        return [request.headers.get("Authorization", "") for request in self.requests]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


def client_of(
    network: Network,
    *,
    credentials: Credentials | None = AccessToken(TOKEN),  # noqa: B008 - a frozen value
    token_cache: Path | None = None,
    clock: Callable[[], float] = lambda: 1000.0,
) -> "aclosing[Pan123Client]":
    """Return a client that talks to `network`, open within a `with` block."""
    connection = ServiceConnection(
        BASE_URL, rates=UNHURRIED, transport=network.transport, clock=clock, random=lambda: 1.0
    )
    return aclosing(Pan123Client(connection, credentials, token_cache=token_cache))


def client_at(
    base_url: str,
    credentials: Credentials,
    *,
    token_cache: Path | None = None,
    rates: Mapping[Endpoint, float] = UNHURRIED,
    clock: Callable[[], float] = time.time,
) -> Pan123Client:
    """Return a client that talks to the service at `base_url`."""
    connection = ServiceConnection(base_url, rates=rates, clock=clock)
    return Pan123Client(connection, credentials, token_cache=token_cache)


def shown_locals(error: BaseException) -> str:
    """Return the local variables that a crash report would show of the program's own frames."""
    shown, trace = [], error.__traceback__
    while trace is not None:
        if "pan123_tui" in trace.tb_frame.f_code.co_filename:
            shown.append(repr(trace.tb_frame.f_locals))
        trace = trace.tb_next
    return "".join(shown)


class _InstantSelector(selectors.SelectSelector):
    """Advances its time at once where a loop would wait for its next timer."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        self.now += max(1e-7, timeout)  # time must advance at every call
        return super().select(0) if timeout else []  # the sockets' turn is when nothing is ready


class _InstantLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._instant = _InstantSelector()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.now


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an asynchronous test as `in_no_time` does."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        in_no_time(test(*args, **kwargs))

    return run


def in_no_time(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on a loop whose timers fire at once; `loop.time()` starts at 0."""
    with asyncio.Runner(loop_factory=_InstantLoop) as runner:
        return runner.run(main)
