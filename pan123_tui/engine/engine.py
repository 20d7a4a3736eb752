"""The engine: starts, connects and stops the outbox, the poller and the other workers."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Protocol

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Connection, EngineEvent, Status
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import (
    DEFAULT_POLLING,
    SYSTEM_RUNTIME,
    CloudApi,
    PollingConfig,
    Runtime,
    Session,
)
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import AccountRefresher, CircuitBreaker, StatusPublisher
from pan123_tui.engine.task_service import TaskService
from pan123_tui.store.task_store import TaskStore

EventListener = Callable[[EngineEvent], None]


class BackgroundWorker(Protocol):
    """Lives on the engine's loop, from its start to its stop; changes no task by itself."""

    def on_event(self, event: EngineEvent, /) -> None:
        """Take note of `event`, without waiting for anything."""

    async def run(self, tasks: TaskService, /) -> None:
        """Work until cancelled."""

    async def wait_idle(self) -> None:
        """Return when nothing that was heard or found is left to do."""


def fan_out(listen: EventListener, workers: Sequence[BackgroundWorker]) -> EventListener:
    """Give what tells an event to `companions` and then to `listen`."""

    def tell(event: EngineEvent) -> None:
        for worker in workers:
            worker.on_event(event)
        listen(event)

    return tell


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
        tempo: PollingConfig = DEFAULT_POLLING,
        runtime: Runtime = SYSTEM_RUNTIME,
        workers: Sequence[BackgroundWorker] = (),
        folders: Folders | None = None,
        callback_base: str = "",
    ) -> None:
        """`callback_base` is the address that the service's callbacks are to come to, if any."""
        self._store = store
        self._session = session
        self._runtime = runtime
        self._polling = tempo
        self.folders = folders or Folders(session, listen)
        self._workers = workers = (self.folders, *workers)
        self._callback_base = callback_base
        listen = fan_out(listen, workers)
        self._status = StatusPublisher(
            listen,
            clock=runtime.clock,
            status=Status(
                notice=store.notice,
                store_problem=store.problem,
                create_interval_s=1 / tempo.creates_per_s,
                polls_per_s=tempo.polls_per_s,
            ),
        )
        self._breaker = CircuitBreaker(self._status, runtime)
        self._repository = TaskRepository(store, listen, board=self._status, clock=runtime.clock)
        self.task_service = TaskService(self._repository, board=self._status, clock=runtime.clock)
        self._outbox: Outbox | None = None
        self._poller: Poller | None = None
        self._in_focus: Collection[int] = ()
        self._stopping = asyncio.Event()
        self._retiring: asyncio.Task[None] | None = None
        self._account = AccountRefresher(session, board=self._status, breaker=self._breaker)

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id, as they are now."""
        return self._repository.tasks

    @property
    def status(self) -> Status:
        """What the status bar shows."""
        return self._status.status

    async def run(self) -> None:
        """Load, announce, connect and work until `stop()`; then save and close."""
        self._repository.announce_all()
        await self._repository.recover_interrupted()
        await asyncio.sleep(self._polling.head_start_s)
        try:
            await self._connect_and_work()
        finally:
            await self._repository.save()
            with suppress(Pan123Error, OSError, TimeoutError):
                await asyncio.wait_for(self._session.close(), 0.3)

    def stop(self) -> None:
        """Ask `run()` to come to its end: within about a second, whatever hangs."""
        self._stopping.set()

    async def poll_now(self, ids: Collection[int] | None = None) -> None:
        """Ask for the tasks `ids` (None: all active ones) and the account now, pauses or not."""
        self._breaker.reset()
        self._account.refresh_now()
        if self._poller is not None:
            self._poller.prioritize(ids)
        if self._outbox is not None:
            self._outbox.wake(try_now=True)

    async def set_visible(self, ids: Collection[int]) -> None:
        """Look more often at the tasks that are on the screen."""
        self._in_focus = ids
        if self._poller is not None:
            self._poller.set_visible(ids)

    async def reconnect(
        self, connect: Callable[[], CloudApi], *, tempo: PollingConfig | None = None
    ) -> None:
        """Use another account, service or tempo from now on."""
        former = await self._session.replace(connect)
        self._polling = tempo = tempo or self._polling
        self._status.update(
            create_interval_s=1 / tempo.creates_per_s, polls_per_s=tempo.polls_per_s
        )
        if self._outbox is not None and self._poller is not None:
            self._outbox.service = self._poller.service = self._session.service
            self._outbox.interval_s = 1 / tempo.creates_per_s
        self._status.update(account=None, connection=Connection.UNKNOWN)
        self._status.clear_error()
        await self.poll_now()
        if former is not None:  # which waits for the answers that are on their way
            self._retiring = asyncio.create_task(former.aclose())

    async def wait_idle(self) -> None:
        """Return when no companion has anything left to do."""
        for worker in self._workers:
            await worker.wait_idle()

    def save_now(self) -> None:
        """Write everything at once, from any thread: for a program that is being ended."""
        self._store.save_now()

    async def _connect_and_work(self) -> None:
        service = await self._session.open()
        self._poller = Poller(
            self._repository,
            service,
            breaker=self._breaker,
            schedule=Schedule(
                min_interval_s=self._polling.shortest_poll_s,
                max_interval_s=self._polling.longest_poll_s,
            ),
            runtime=self._runtime,
        )
        self._outbox = Outbox(
            self._repository,
            service,
            board=self._status,
            breaker=self._breaker,
            interval_s=1 / self._polling.creates_per_s,
            runtime=self._runtime,
            on_running=self._poller.start_polling,
            callback_base=self._callback_base,
        )
        self.task_service.start(self._outbox, self._poller)
        self._poller.set_visible(self._in_focus)
        self._poller.prioritize(None)  # what was read from disk may be hours old
        await self._work(self._outbox, self._poller)

    async def _work(self, outbox: Outbox, poller: Poller) -> None:
        """Run all workers until `stop()` or until one of them breaks, which is raised."""
        stop: asyncio.Task[object] = asyncio.create_task(self._stopping.wait())
        sending: asyncio.Task[object] = asyncio.create_task(outbox.run())
        others: list[asyncio.Task[object]] = [
            asyncio.create_task(worker)
            for worker in (
                *(
                    poller.run(),
                    self._repository.autosave(),
                    self._account.run(),
                    self._publish_metrics(poller),
                ),
                *(worker.run(self.task_service) for worker in self._workers),
            )
        ]
        everyone = [stop, sending, *others]
        try:
            await asyncio.wait(everyone, return_when=asyncio.FIRST_COMPLETED)
            for worker in others:
                worker.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(outbox.wait_idle(), GRACE_S)
        finally:
            for worker in everyone:
                worker.cancel()
            outcomes = await asyncio.gather(*everyone, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _publish_metrics(self, poller: Poller) -> None:
        """Show how much of the rate is used and how old the oldest answer is."""
        while True:
            before = poller.polls
            await asyncio.sleep(GAUGE_INTERVAL_S)
            used = (poller.polls - before) / (self._polling.polls_per_s * GAUGE_INTERVAL_S)
            self._status.update(
                rate_utilization=min(1.0, round(used, 1)), oldest_check_at=poller.oldest_check_at
            )
