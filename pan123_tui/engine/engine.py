"""The engine: starts, connects and stops the outbox, the poller and the background workers."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from pan123_tui.config.settings import Settings
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind
from pan123_tui.domain.events import Connection, EventListener, Status, TasksLoaded
from pan123_tui.domain.links.probes import ProbeResult
from pan123_tui.engine.accounts import Accounts
from pan123_tui.engine.folder_watcher import FolderWatcher
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.gate import Gate
from pan123_tui.engine.outbox import AutoRetries, Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import (
    SYSTEM_RUNTIME,
    BackgroundWorker,
    Runtime,
    ServiceConfig,
    Session,
)
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, EventPublisher
from pan123_tui.store.task_store import TaskStore

_log = logging.getLogger(__name__)
CLOSE_S = 1.3
"""How long the client may take to close: it waits for the answer of a renewal."""
SHUTDOWN_GRACE_S = 1.0
"""How long a POST on the wire may take to be answered when the engine ends."""


class Engine:
    """Owns the tasks while it runs; call every method on its event loop, except `save_now()`."""

    probe: Callable[[str], Coroutine[Any, Any, ProbeResult]]
    """Tests a link; set before any screen can ask for that."""

    def __init__(
        self,
        store: TaskStore,
        session: Session,
        listener: EventListener,
        *,
        settings: Settings,
        runtime: Runtime = SYSTEM_RUNTIME,
        workers: Sequence[BackgroundWorker] = (),
        callback_base: str = "",
    ) -> None:
        """`callback_base` is the URL for the service's callbacks; empty if there are none."""
        self._store = store
        self.clock = runtime.clock
        self.session = session
        status = Status(notice=store.notice, store_problem=store.problem, is_paused=store.is_paused)
        self.events = events = EventPublisher(status=status, clock=runtime.clock)
        self.breaker = CircuitBreaker(events, runtime)
        self.repository: TaskRepository = TaskRepository(store, events, clock=runtime.clock)
        self.tasks = self.repository.tasks
        """All tasks by id, as they are now; for reading only."""
        self._auto_retries = AutoRetries(self.repository, runtime.clock)
        self._accounts = accounts = Accounts(self.repository, session, self.breaker)
        self._poller = Poller(accounts, self._auto_retries.plan)
        self._gate = Gate(accounts)
        self.folders: Folders = Folders(session, events)
        self._outbox = Outbox(self._gate, self.folders, callback_base)
        self.watcher = FolderWatcher(accounts, self.folders, looks_by_itself=settings.arrival.check)
        self._workers = (self.folders, self.watcher, self._auto_retries, *workers)
        self.follow(settings)
        events.listeners = (self._poller, self._outbox, *self._workers, listener)
        self.on_stop: Callable[[], object] = lambda: None
        """Called when somebody stops it."""
        self._visible: dict[str, frozenset[int]] = {}
        """The tasks on each screen."""
        self._stopping = asyncio.Event()
        self._retiring: asyncio.Task[None] | None = None

    @property
    def status(self) -> Status:
        return self.events.status

    @property
    def environment_problem(self) -> Problem | None:
        """What has to be corrected in this process's environment before anything is sent."""
        error = self.status.last_error
        is_ours = error is not None and error.kind is ProblemKind.ENVIRONMENT_UNUSABLE
        return error if is_ours else None

    async def update_facts(self, task_id: int, /, **facts: Any) -> None:
        """Set fields of a task that do not change its state, and poll it at once if active."""
        task = self.tasks.get(task_id)
        if task is not None and (known := replace(task, **facts)) != task:
            await self.repository.commit(known)
        if task is not None and task.is_active:
            self._poller.prioritize([task_id])

    async def run(self) -> None:
        """Load, publish, connect and work until `stop()`; then save and close."""
        _log.info("started with %d tasks", len(self.tasks))
        self.events.on_event(TasksLoaded(tuple(self.tasks.values())))
        await self.repository.recover_interrupted()
        try:
            await self._work()
        finally:
            await self._store.save()
            self.events.update(store_problem=self._store.problem)
            if self._store.problem is not None:
                _log.warning("what was not saved is lost: %s", self._store.problem.message)
            with suppress(Pan123Error, OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    if self.session.is_open:
                        await self.session.service.aclose()

    def stop(self) -> None:
        """Have `run()` end within about two seconds, whatever hangs."""
        self.on_stop()
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    async def poll_now(self) -> None:
        """Poll all active tasks and the account now, and end every wait."""
        self.breaker.reset()
        self._accounts.wake.set()
        self._poller.prioritize(None)
        self._gate.try_now()
        self._outbox.wake.set()

    async def set_visible(self, ids: Collection[int], *, screen_id: str = "") -> None:
        """Poll the tasks shown on this screen, or on any other, more often than the rest."""
        self._visible[screen_id] = frozenset(ids)
        if not ids:
            del self._visible[screen_id]
        self._poller.set_visible(frozenset().union(*self._visible.values()))

    async def reconnect(self, config: ServiceConfig) -> None:
        """From now on, use the client and settings of `config`, of another account or service."""
        former = await self.session.replace(config.connect)
        if former is not None and not config.has_account:
            former.forget_tokens()  # a renewal on its way would bring them back
        self.follow(config.settings)
        self.events.update(account=None, connection=Connection.UNKNOWN)
        self.events.clear_error()
        await self.poll_now()
        if former is not None:  # closing it waits for the answers that are on their way
            self._retiring = asyncio.create_task(former.aclose())

    def announce_settings(self) -> None:
        """Have the screens load the settings, because somebody has saved them."""
        self.events.update(settings_revision=self.status.settings_revision + 1)

    def follow(self, settings: Settings) -> None:
        """Use `settings` from now on, keeping the client, the misses and the account."""
        self.settings, rates = settings, settings.service
        if self.session.is_open:
            self.session.service.use_rates(
                creates_per_s=rates.create_per_s, polls_per_s=rates.process_per_s
            )
        for worker in self._workers:
            worker.follow(settings)
        self._store.sent.is_wanted = settings.defaults.remember_links
        self._gate.max_running = rates.max_running
        self._outbox.wake.set()
        self._poller.wake.set()
        self.events.update(
            create_interval_s=1 / rates.create_per_s,
            polls_per_s=rates.process_per_s,
            looks_for_files=settings.arrival.check,
        )

    async def wait_idle(self) -> None:
        """Wait until all commits are published and no background worker has anything left to do."""
        await self.repository.wait_published()
        for worker in self._workers:
            await worker.wait_idle()

    def save_now(self) -> None:
        """Write everything at once, from any thread, when the engine is about to be killed."""
        self._store.save_now()

    async def _work(self) -> None:
        """Run everything until `stop()`; raises `SocketUnusable`."""
        keep = self.events.keep_running
        running: list[asyncio.Task[object]] = [asyncio.create_task(self._stopping.wait())]
        running += (asyncio.create_task(keep(worker.run)) for worker in self._workers)
        try:
            await self.session.open()  # which takes as long as screens need to get the tasks
            self.follow(self.settings)
            others = (
                *(self._poller.run, self._poller.run_rechecks),
                *(self._accounts.run, self.repository.autosave),
            )
            outbox: asyncio.Task[object] = asyncio.create_task(keep(self._outbox.run))
            running += (outbox, *(asyncio.create_task(keep(run)) for run in others))
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in running:
                if task is not outbox:
                    task.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(SHUTDOWN_GRACE_S):
                    await self._outbox.sending.acquire()
        finally:
            for task in running:
                task.cancel()
            outcomes = await asyncio.gather(*running, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
