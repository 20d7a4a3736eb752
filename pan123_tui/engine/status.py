"""Publishes the engine's events and status, and pauses requests while the service fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import (
    AccountMissing,
    AddressBlocked,
    LoginDoubtful,
    LoginUnsaved,
    NetworkError,
    Pan123Error,
    Problem,
    ResponseLost,
    SocketUnusable,
    TokenRefused,
    problem_of,
)
from pan123_tui.domain.events import Connection, EngineEvent, EventListener, Status, StatusChanged
from pan123_tui.domain.service_facts import FIRST_PAUSE_S, backoff_s
from pan123_tui.engine.ports import SYSTEM_RUNTIME, Runtime

LONGEST_PAUSE_S = 30.0
LONGEST_ACCOUNT_PAUSE_S = 300.0
ADDRESS_PAUSE_S = 800.0
"""Ten minutes, more or less: a blocked address rarely becomes free, and asking costs goodwill."""
RESTART_S = 30.0
"""How long a part of the engine rests after an error that nobody expects."""
_LOGGED_FIELDS = ("connection", "hold", "is_paused", "store_problem", "notice")
_log = logging.getLogger(__name__)


async def attempt(work: Awaitable[object]) -> Problem | None:
    """Await `work`; return an error that nobody expects as a problem, which is also logged.

    Without its socket the engine is of no use: that error is raised.
    """
    try:
        await work
    except SocketUnusable:
        raise
    except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it is
        _log.exception("an error that nobody expects")
        return problem_of(error)
    return None


class EventPublisher:
    """Passes each event to all listeners, in their order, and keeps the current `Status`."""

    def __init__(
        self,
        *listeners: EventListener,
        status: Status | None = None,
        clock: Callable[[], float] = SYSTEM_RUNTIME.clock,
    ) -> None:
        self.listeners = listeners
        self.status = status or Status()
        self._clock = clock

    def on_event(self, event: EngineEvent, /) -> None:
        """Pass `event` to every listener before returning."""
        for listener in self.listeners:
            listener.on_event(event)

    def update(self, **changes: Any) -> None:
        """Set fields of the status; publish it if any of them changed."""
        status = replace(self.status, **changes)
        if status != self.status:
            for name in _LOGGED_FIELDS:
                if (value := getattr(status, name)) != getattr(self.status, name):
                    _log.info("%s: %s", name, value)
            self.status = status
            self.on_event(StatusChanged(status))

    def set_error(self, problem: Problem, connection: Connection | None = None) -> None:
        """Record the latest error and, if given, what it means for the connection."""
        self.update(
            last_error=problem,
            last_error_at=self._clock(),
            connection=connection or self.status.connection,
        )

    async def keep_running(self, run: Callable[[], Awaitable[object]]) -> None:
        """Run a part of the engine; after an error that nobody expects, say so and run it again."""
        while problem := await attempt(run()):
            self.update(notice=problem)
            await asyncio.sleep(RESTART_S)

    def clear_error(self) -> None:
        self.update(last_error=None, last_error_at=None)


class CircuitBreaker:
    """Counts consecutive failures and pauses all requests between retries."""

    def __init__(self, status: EventPublisher, runtime: Runtime) -> None:
        self.status = status
        self.runtime = runtime
        self._failures = 0
        self._has_failed = False
        """Whether nothing has worked since the latest failure, also after a reset."""
        self._open_until = 0.0

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next request may be made; 0: now."""
        return max(0.0, self._open_until - self.runtime.monotonic())

    def record_success(self) -> None:
        """Close the circuit after an answer of the service."""
        if self._has_failed:
            self.status.clear_error()
        self._has_failed = False
        self.reset()
        self.status.update(connection=Connection.ONLINE)

    def record_failure(self, error: Pan123Error) -> None:
        """Open the circuit after a request failed for a reason unrelated to its task."""
        first_s, longest_s, before = FIRST_PAUSE_S, LONGEST_PAUSE_S, self.status.status.connection
        connection: Connection | None = Connection.TROUBLE
        match error:
            case AccountMissing():
                longest_s, connection = LONGEST_ACCOUNT_PAUSE_S, Connection.NO_ACCOUNT
            case TokenRefused():
                longest_s, connection = LONGEST_ACCOUNT_PAUSE_S, Connection.REFUSED
            case AddressBlocked():
                first_s = longest_s = ADDRESS_PAUSE_S
            case LoginDoubtful() | LoginUnsaved():
                connection = Connection.TROUBLE
            case ResponseLost() if not self._has_failed and before is Connection.ONLINE:
                connection = None  # the service was reached: other requests may still work
            case NetworkError():
                connection = Connection.OFFLINE
        # Requests that fail on the wire together lengthen the pause only once.
        if self.retry_after_s == 0:
            random = self.runtime.random
            pause_s = backoff_s(self._failures, random, first_s=first_s, longest_s=longest_s)
            self._open_until = self.runtime.monotonic() + pause_s
            self._failures += 1
        self._has_failed = True
        self.status.set_error(error.problem, connection)

    def reset(self) -> None:
        """End the pause: the user asked for it, or the account changed."""
        self._failures = 0
        self._open_until = 0.0
