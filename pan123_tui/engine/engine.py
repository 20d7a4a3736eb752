"""The engine: owns the tasks, and works with the account and the settings that are saved."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from pan123_tui.config.settings import Settings
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind
from pan123_tui.domain.events import (
    ACCOUNT_CONNECTIONS,
    Connection,
    EventListener,
    Status,
    StatusChanged,
    TasksLoaded,
)
from pan123_tui.domain.links.probes import ProbeResult
from pan123_tui.domain.send_queue import RetryRule
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
        config: ServiceConfig,
        listener: EventListener,
        *,
        load_saved: Callable[[], ServiceConfig] | None = None,
        runtime: Runtime = SYSTEM_RUNTIME,
        workers: Sequence[BackgroundWorker] = (),
        entrances: "Callable[[Engine], Iterable[BackgroundWorker]]" = lambda _engine: (),
    ) -> None:
        """`load_saved` loads what the user has saved; None: that is always `config`.

        `workers` run all the time; `entrances` returns those for one set of settings.
        """
        self._store = store
        self.clock = runtime.clock
        self.config, self.load_saved = config, load_saved or (lambda: config)
        self.session = Session(config.connect)
        status = Status(notice=store.notice, store_problem=store.problem, is_paused=store.is_paused)
        self.events = events = EventPublisher(status=status, clock=runtime.clock)
        self.breaker = CircuitBreaker(events, runtime)
        self.repository: TaskRepository = TaskRepository(store, events, clock=runtime.clock)
        self.tasks = self.repository.tasks
        """All tasks by id, as they are now; for reading only."""
        self._accounts = Accounts(self.repository, self.session, self.breaker)
        self._gate = Gate(self._accounts)
        self.folders: Folders = Folders(self.session, events)
        self.watcher = FolderWatcher(self.repository, self.breaker, self.folders)
        self._workers = (self.folders, self.watcher, *workers)
        self._listener = listener
        self._open_entrances = entrances
        self.on_stop: Callable[[], object] = lambda: None
        """Called when somebody stops it."""
        self._visible: dict[str, frozenset[int]] = {}
        """The tasks on each screen."""
        self._stopping = asyncio.Event()
        self._wanted = config
        """What is to be used once no link is being sent."""
        self._is_change_wanted = asyncio.Event()
        self._build()

    def _build(self) -> None:
        """Make what works with one account and one set of settings, and knows of no others."""
        events, settings = self.events, self.settings
        rule = RetryRule(settings.retry.times, settings.retry.after_s)
        auto_retries = AutoRetries(self.repository, self.clock, rule)
        self._gate.max_running = settings.service.max_running
        self._poller = Poller(self._accounts, auto_retries.plan)
        self._show_visible()
        self._outbox = Outbox(self._gate, self.folders, settings.callback.base)
        self._parts: tuple[BackgroundWorker, ...]
        self._parts = (self._poller, self._outbox, auto_retries, *self._open_entrances(self))
        events.listeners = (*self._parts, *self._workers, self._listener)
        self.watcher.looks_by_itself = settings.arrival.check
        self._store.sent.is_wanted = settings.defaults.remember_links
        events.update(
            create_interval_s=1 / settings.service.create_per_s,
            polls_per_s=settings.service.process_per_s,
            looks_for_files=settings.arrival.check,
        )

    @property
    def settings(self) -> Settings:
        return self.config.settings

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
        self._show_visible()

    def _show_visible(self) -> None:
        self._poller.set_visible(frozenset().union(*self._visible.values()))

    def announce_settings(self) -> None:
        """Have the screens load the settings, because somebody has saved them."""
        self.events.update(settings_revision=self.status.settings_revision + 1)

    def change_to(self, config: ServiceConfig) -> None:
        """Use `config`, the last of several, as soon as no link is being sent."""
        self._wanted = config
        self._is_change_wanted.set()
        if self._outbox.sending.locked():
            self.events.update(notice=Problem(ProblemKind.SETTINGS_WAIT))

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
        lasting = (self.repository.autosave, *(worker.run for worker in self._workers))
        running = [asyncio.create_task(self._stopping.wait()), asyncio.create_task(self._live())]
        running += [asyncio.create_task(self.events.keep_running(run)) for run in lasting]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(*running)

    async def _live(self) -> None:
        """Work with one configuration after the other until cancelled."""
        await self.session.open()  # which takes as long as screens need to get the tasks
        while True:
            await self._work_until_change()
            await self._change()

    async def _work_until_change(self) -> None:
        """Run what `_build` has made until a change is wanted and no link is being sent."""
        runs = [part.run for part in self._parts]
        runs += [self._poller.run_rechecks, self._accounts.run]
        running = [asyncio.create_task(self.events.keep_running(run)) for run in runs]
        try:
            await self._is_change_wanted.wait()
            await self._outbox.sending.acquire()
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(SHUTDOWN_GRACE_S):
                    await self._outbox.sending.acquire()
            raise
        finally:
            await _end(*running)

    async def _change(self) -> None:
        """Go on with the account and the settings that are wanted."""
        former, self.config = self.config, self._wanted
        self._is_change_wanted.clear()
        if self.config.credentials is None:  # a renewal on its way would bring them back
            self.session.service.forget_tokens()
        await self.session.change(self.config.connect)
        is_refused = self.status.connection in ACCOUNT_CONNECTIONS
        if is_refused or not self.config.has_account_of(former):
            self.breaker.reset()
            self._accounts.forget_sent()
            self._gate.try_now()
            self.events.update(account=None, connection=Connection.UNKNOWN)
        self.events.update(notice=None, listens_at="")
        self.events.clear_error()
        self._build()
        for part in (*self._parts, self.watcher):
            part.on_event(TasksLoaded(tuple(self.tasks.values())))
            part.on_event(StatusChanged(self.status))


async def _end(*running: asyncio.Task[Any]) -> None:
    """Cancel tasks, and wait for their ends; raises the first error of them."""
    for task in running:
        task.cancel()
    outcomes = await asyncio.gather(*running, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
