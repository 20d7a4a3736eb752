"""The engine: starts, connects and stops the outbox, the poller and the other workers."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Connection, EngineEvent, Status
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task_book import TaskBook
from pan123_tui.engine.account_watch import AccountWatch
from pan123_tui.engine.board import Board
from pan123_tui.engine.circuit_breaker import CircuitBreaker
from pan123_tui.engine.companion import Companion, told
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.ledger import Ledger
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.service import Service, Session
from pan123_tui.engine.surroundings import REAL, Surroundings
from pan123_tui.engine.task_service import TaskService
from pan123_tui.engine.tempo import USUAL, Tempo
from pan123_tui.store.tasks import TaskStore

GAUGE_INTERVAL_S = 5.0
GRACE_S = 1.0
"""How long a POST on the wire may take to come home when the program leaves."""


class Engine:
    """Owns the tasks while it runs; all methods are called on its own event loop."""

    def __init__(
        self,
        store: TaskStore,
        session: Session,
        listen: Callable[[EngineEvent], None],
        *,
        tempo: Tempo = USUAL,
        surroundings: Surroundings = REAL,
        companions: Sequence[Companion] = (),
        folders: Folders | None = None,
        callback_base: str = "",
    ) -> None:
        """`callback_base` is the address that the service's callbacks are to come to, if any."""
        self._store = store
        self._session = session
        self._around = surroundings
        self._tempo = tempo
        self.folders = folders or Folders(session, listen)
        self._companions = companions = (self.folders, *companions)
        self._callback_base = callback_base
        listen = told(listen, companions)
        self._board = Board(
            listen,
            clock=surroundings.clock,
            status=Status(
                notice=store.notice,
                store_problem=store.problem,
                create_interval_s=1 / tempo.creates_per_s,
                polls_per_s=tempo.polls_per_s,
            ),
        )
        self._breaker = CircuitBreaker(self._board, surroundings)
        self._ledger = Ledger(store, listen, board=self._board, clock=surroundings.clock)
        self.task_service = TaskService(self._ledger, board=self._board, clock=surroundings.clock)
        self._outbox: Outbox | None = None
        self._poller: Poller | None = None
        self._in_focus: Collection[int] = ()
        self._stopping = asyncio.Event()
        self._retiring: asyncio.Task[None] | None = None
        self._account = AccountWatch(session, board=self._board, breaker=self._breaker)

    @property
    def tasks(self) -> TaskBook:
        """All tasks by id, as they are now."""
        return self._ledger.tasks

    @property
    def status(self) -> Status:
        """What the status bar shows."""
        return self._board.status

    async def run(self) -> None:
        """Load, announce, connect and work until `stop()`; then save and close."""
        self._ledger.announce_all()
        await self._ledger.settle_interrupted()
        await asyncio.sleep(self._tempo.head_start_s)
        try:
            await self._connect_and_work()
        finally:
            await self._ledger.save()
            with suppress(Pan123Error, OSError, TimeoutError):
                await asyncio.wait_for(self._session.close(), 0.3)

    def stop(self) -> None:
        """Ask `run()` to come to its end: within about a second, whatever hangs."""
        self._stopping.set()

    async def poll_now(self, ids: Collection[int] | None = None) -> None:
        """Ask for the tasks `ids` (None: all active ones) and the account now, pauses or not."""
        self._breaker.reset()
        self._account.ask_now()
        if self._poller is not None:
            self._poller.hurry(ids)
        if self._outbox is not None:
            self._outbox.wake(try_now=True)

    async def focus(self, ids: Collection[int]) -> None:
        """Look more often at the tasks that are on the screen."""
        self._in_focus = ids
        if self._poller is not None:
            self._poller.focus(ids)

    async def reconnect(
        self, connect: Callable[[], Service], *, tempo: Tempo | None = None
    ) -> None:
        """Use another account, service or tempo from now on."""
        former = await self._session.replace(connect)
        self._tempo = tempo = tempo or self._tempo
        self._board.show(create_interval_s=1 / tempo.creates_per_s, polls_per_s=tempo.polls_per_s)
        if self._outbox is not None and self._poller is not None:
            self._outbox.service = self._poller.service = self._session.service
            self._outbox.interval_s = 1 / tempo.creates_per_s
        self._board.show(account=None, connection=Connection.UNKNOWN)
        self._board.mended()
        await self.poll_now()
        if former is not None:  # which waits for the answers that are on their way
            self._retiring = asyncio.create_task(former.aclose())

    async def settled(self) -> None:
        """Return when no companion has anything left to do."""
        for companion in self._companions:
            await companion.settled()

    def save_now(self) -> None:
        """Write everything at once, from any thread: for a program that is being ended."""
        self._store.save_now()

    async def _connect_and_work(self) -> None:
        service = await self._session.open()
        self._poller = Poller(
            self._ledger,
            service,
            breaker=self._breaker,
            schedule=Schedule(
                min_interval_s=self._tempo.shortest_poll_s,
                max_interval_s=self._tempo.longest_poll_s,
            ),
            surroundings=self._around,
        )
        self._outbox = Outbox(
            self._ledger,
            service,
            board=self._board,
            breaker=self._breaker,
            interval_s=1 / self._tempo.creates_per_s,
            surroundings=self._around,
            on_running=self._poller.begin,
            callback_base=self._callback_base,
        )
        self.task_service.start(self._outbox, self._poller)
        self._poller.focus(self._in_focus)
        self._poller.hurry(None)  # what was read from disk may be hours old
        await self._work(self._outbox, self._poller)

    async def _work(self, outbox: Outbox, poller: Poller) -> None:
        """Run all workers until `stop()` or until one of them breaks, which is raised."""
        stop: asyncio.Task[object] = asyncio.create_task(self._stopping.wait())
        sending: asyncio.Task[object] = asyncio.create_task(outbox.run())
        others: list[asyncio.Task[object]] = [
            asyncio.create_task(worker)
            for worker in (
                *(poller.run(), self._ledger.keep(), self._account.run(), self._gauge(poller)),
                *(companion.run(self.task_service) for companion in self._companions),
            )
        ]
        everyone = [stop, sending, *others]
        try:
            await asyncio.wait(everyone, return_when=asyncio.FIRST_COMPLETED)
            for worker in others:
                worker.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(outbox.settled(), GRACE_S)
        finally:
            for worker in everyone:
                worker.cancel()
            outcomes = await asyncio.gather(*everyone, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _gauge(self, poller: Poller) -> None:
        """Show how much of the rate is used and how old the oldest answer is."""
        while True:
            before = poller.polls
            await asyncio.sleep(GAUGE_INTERVAL_S)
            used = (poller.polls - before) / (self._tempo.polls_per_s * GAUGE_INTERVAL_S)
            self._board.show(
                budget_used=min(1.0, round(used, 1)), oldest_check_at=poller.oldest_check_at
            )
