"""The account watch: asks whose account it is, now and then and when the user wants to know."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Account
from pan123_tui.engine.board import Board
from pan123_tui.engine.circuit_breaker import CircuitBreaker
from pan123_tui.engine.service import Service, Session

ACCOUNT_INTERVAL_S = 900.0
ACCOUNT_RETRY_S = 5.0


async def account_of(connect: Callable[[], Service]) -> Account:
    """Ask over a connection of its own whose account it is; raises a `Pan123Error`."""
    service = await asyncio.to_thread(connect)
    try:
        return await service.user_info()
    finally:
        await service.aclose()


class AccountWatch:
    """Keeps the account on the board."""

    def __init__(self, session: Session, *, board: Board, breaker: CircuitBreaker) -> None:
        self._session = session
        self._board = board
        self._breaker = breaker
        self._wanted = asyncio.Event()

    def ask_now(self) -> None:
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
                self._board.knows(account)
                pause_s = ACCOUNT_INTERVAL_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), pause_s)
