"""The account watch: asks whose account it is, now and then and when the user wants to know."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from pan123_tui.api.rate_limit import backoff_s
from pan123_tui.domain.errors import (
    AccountMissing,
    NetworkError,
    Pan123Error,
    Problem,
    TokenRefused,
)
from pan123_tui.domain.events import Account, Connection, EngineEvent, Status, StatusChanged
from pan123_tui.engine.ports import CloudApi, Runtime, Session

_log = logging.getLogger(__name__)
_LOGGED = ("connection", "hold", "store_problem", "notice")


class StatusPublisher:
    """Keeps the current `Status`; each method is one fact that became known."""

    def __init__(
        self,
        listen: Callable[[EngineEvent], None],
        *,
        clock: Callable[[], float],
        status: Status | None = None,
    ) -> None:
        self._listen = listen
        self._clock = clock
        self.status = status or Status()

    def update(self, **changes: Any) -> None:
        """Put `changes` on the board and announce them, if they are any."""
        status = replace(self.status, **changes)
        if status != self.status:
            for fact in _LOGGED:
                if (value := getattr(status, fact)) != getattr(self.status, fact):
                    _log.info("%s: %s", fact, value)
            self.status = status
            self._listen(StatusChanged(status))

    def set_online(self) -> None:
        """Note that the service answered as it should."""
        self.update(connection=Connection.ONLINE)

    def set_error(self, problem: Problem, connection: Connection | None = None) -> None:
        """Note what went wrong last, and what it says about the line."""
        self.update(
            last_error=problem,
            last_error_at=self._clock(),
            connection=connection or self.status.connection,
        )

    def clear_error(self) -> None:
        """Note that what failed last works again."""
        self.update(last_error=None, last_error_at=None)

    def knows(self, account: Account) -> None:
        """Note whose account it is."""
        self.update(account=account, connection=Connection.ONLINE)


LONGEST_PAUSE_S = 30.0
LONGEST_ACCOUNT_PAUSE_S = 300.0


class CircuitBreaker:
    """Counts failures in a row and says when the next request may be tried."""

    def __init__(self, board: StatusPublisher, runtime: Runtime) -> None:
        self._status = board
        self._runtime = runtime
        self._failures = 0
        self._open_until = 0.0

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next request may be tried; 0: now."""
        return max(0.0, self._open_until - self._runtime.monotonic())

    def record_success(self) -> None:
        """Note an answer of the service."""
        if self._failures:
            self._status.clear_error()
        self.reset()
        self._status.set_online()

    def record_failure(self, error: Pan123Error) -> None:
        """Note a request that failed for a reason that no task is to blame for."""
        longest_s, connection = LONGEST_PAUSE_S, None
        match error:
            case AccountMissing():
                longest_s, connection = LONGEST_ACCOUNT_PAUSE_S, Connection.NO_ACCOUNT
            case TokenRefused():
                longest_s, connection = LONGEST_ACCOUNT_PAUSE_S, Connection.REFUSED
            case NetworkError():
                connection = Connection.OFFLINE
        self._open(longest_s)
        self._status.set_error(error.problem, connection)

    def reset(self) -> None:
        """Forget the pause: the user asked, or the account changed."""
        self._failures = 0
        self._open_until = 0.0

    def _open(self, longest_s: float) -> None:
        """Double the pause, once for all the requests that were on the wire together."""
        if self.retry_after_s == 0:
            pause_s = backoff_s(self._failures, self._runtime.random, longest_s=longest_s)
            self._open_until = self._runtime.monotonic() + pause_s
            self._failures += 1


ACCOUNT_INTERVAL_S = 900.0
ACCOUNT_RETRY_S = 5.0


async def fetch_account(connect: Callable[[], CloudApi]) -> Account:
    """Ask over a connection of its own whose account it is; raises a `Pan123Error`."""
    service = await asyncio.to_thread(connect)
    try:
        return await service.user_info()
    finally:
        await service.aclose()


class AccountRefresher:
    """Keeps the account on the board."""

    def __init__(
        self, session: Session, *, board: StatusPublisher, breaker: CircuitBreaker
    ) -> None:
        self._session = session
        self._status = board
        self._breaker = breaker
        self._wanted = asyncio.Event()

    def refresh_now(self) -> None:
        """Do not wait for the next time."""
        self._wanted.set()

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            self._wanted.clear()
            try:
                account = await self._session.service.user_info()
            except Pan123Error as error:
                self._breaker.record_failure(error)
                pause_s = max(self._breaker.retry_after_s, ACCOUNT_RETRY_S)
            else:
                self._breaker.record_success()
                self._status.knows(account)
                pause_s = ACCOUNT_INTERVAL_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), pause_s)
