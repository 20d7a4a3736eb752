"""The engine: starts, connects and stops the outbox, the poller and the background workers."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Connection, EventListener, Status
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.auto_retries import AutoRetries
from pan123_tui.engine.files import Files
from pan123_tui.engine.folder_watcher import FolderWatcher
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.gate import Gate
from pan123_tui.engine.missing_tasks import MissingTaskChecker
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import (
    DEFAULT_RULES,
    SYSTEM_RUNTIME,
    BackgroundWorker,
    CloudApi,
    EngineRules,
    Runtime,
    Session,
)
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import (
    AccountRefresher,
    CircuitBreaker,
    EventPublisher,
    StatusPublisher,
)
from pan123_tui.engine.task_service import TaskService
from pan123_tui.store.task_store import TaskStore

METRICS_INTERVAL_S = 5.0
WATCH_INTERVAL_S = 1.0
LONG_WAIT_S = 10.0
"""A request without an answer for so long says that the service hangs."""
SHUTDOWN_GRACE_S = 1.0
"""How long a POST on the wire may take to be answered when the engine ends."""


class Engine:
    """Owns the tasks while it runs; call every method on its event loop, but for `save_now()`."""

    def __init__(  # noqa: PLR0913 - everything that the composition root builds
        self,
        store: TaskStore,
        session: Session,
        listener: EventListener,
        *,
        rules: EngineRules = DEFAULT_RULES,
        runtime: Runtime = SYSTEM_RUNTIME,
        workers: Sequence[BackgroundWorker] = (),
        folders: Folders | None = None,
        looks_for_files: bool = False,
        callback_base: str = "",
    ) -> None:
        """`callback_base` is the URL for the service's callbacks; empty if there are none.

        Unless it `looks_for_files` they are looked for only when asked.
        """
        self._store = store
        self._clock = runtime.clock
        self._session = session
        self._rules = rules
        self.folders = folders or Folders(session, listener)
        self.watcher = FolderWatcher(session, looks_by_itself=looks_for_files, runtime=runtime)
        self._auto_retries = AutoRetries(runtime.clock)
        self._workers: Sequence[BackgroundWorker] = (
            *(self.folders, self.watcher, self._auto_retries),
            *workers,
        )
        events = EventPublisher(*self._workers, listener)
        status = Status(
            notice=store.notice,
            store_problem=store.problem,
            is_paused=store.is_paused,
            create_interval_s=1 / rules.creates_per_s,
            polls_per_s=rules.polls_per_s,
        )
        self._status = StatusPublisher(events, clock=runtime.clock, status=status)
        self._breaker = CircuitBreaker(self._status, runtime)
        self._repository = TaskRepository(store, events, status=self._status, clock=runtime.clock)
        self._poller = Poller(
            self._repository,
            session,
            status=self._status,
            breaker=self._breaker,
            schedule=Schedule(
                min_interval_s=rules.shortest_poll_s, max_interval_s=rules.longest_poll_s
            ),
            runtime=runtime,
            plan_retry=self._auto_retries.plan,
        )
        self._missing = MissingTaskChecker(
            self._repository,
            session,
            runtime,
            on_found=lambda task: self._poller.watch([task]),
            plan_retry=self._auto_retries.plan,
        )
        self._gate = Gate(
            self._repository,
            session,
            status=self._status,
            breaker=self._breaker,
            runtime=runtime,
            interval_s=1 / rules.creates_per_s,
        )
        self._outbox = Outbox(
            self._repository,
            session,
            self._poller,
            self._gate,
            self.folders,
            status=self._status,
            runtime=runtime,
            callback_base=callback_base,
        )
        self._poller.on_ended = self._outbox.on_task_ended
        self._account = AccountRefresher(
            session,
            status=self._status,
            breaker=self._breaker,
            on_account=self._outbox.owners.learn,
        )
        self.task_service = TaskService(
            self._repository,
            self._outbox,
            self._poller,
            status=self._status,
            clock=runtime.clock,
        )
        self.files = Files(session, self.task_service, account=lambda: self.status.account)
        self.on_stop: Callable[[], object] = lambda: None
        """Called when somebody stops it."""
        self._visible: dict[str, frozenset[int]] = {}
        """The tasks on each screen."""
        self.use_rules(rules)
        self._stopping = asyncio.Event()
        self._retiring: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id, as they are now."""
        return self._repository.tasks

    @property
    def status(self) -> Status:
        """What the status bar shows."""
        return self._status.status

    async def run(self) -> None:
        """Load, publish, connect and work until `stop()`; then save and close."""
        self._repository.publish_all()
        await self._repository.recover_interrupted()
        try:
            await self._session.open()
            self._session.use_rates(self._rules)  # which may have changed meanwhile
            self._poller.watch(self.tasks.unfinished.values())
            self._poller.prioritize(None)  # what was read from disk may be hours old
            await self._work()
        finally:
            await self._repository.save()
            with suppress(Pan123Error, OSError, TimeoutError):
                await asyncio.wait_for(self._session.close(), 0.3)

    def stop(self) -> None:
        """Have `run()` end within about a second, whatever hangs."""
        self.on_stop()
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether `stop()` was called."""
        return self._stopping.is_set()

    async def poll_now(self, ids: Collection[int] | None = None) -> None:
        """Poll the tasks `ids` (None: all active ones) and the account now, despite any wait."""
        self._session.end_token_pause()
        self._breaker.reset()
        self._account.refresh_now()
        self._poller.prioritize(ids)
        self._gate.try_now()
        self._outbox.wake()

    async def set_visible(self, ids: Collection[int], *, screen_id: str = "") -> None:
        """Poll the tasks on a screen, and on all others, more often than the rest."""
        self._visible[screen_id] = frozenset(ids)
        if not ids:
            del self._visible[screen_id]
        self._poller.set_visible(frozenset().union(*self._visible.values()))

    async def reconnect(
        self,
        connect: Callable[[], CloudApi],
        *,
        rules: EngineRules | None = None,
        has_account: bool = True,
    ) -> None:
        """Use the client of `connect` (another account or service) and other rules from now on."""
        former = await self._session.replace(connect)
        if former is not None and not has_account:
            former.forget_tokens()  # a renewal on its way would bring them back
        self._poller.forget_misses()
        self._outbox.target_folders.forget_all()
        self.use_rules(rules or self._rules)
        self._status.update(account=None, connection=Connection.UNKNOWN)
        self._status.clear_error()
        await self.poll_now()
        if former is not None:  # closing it waits for the answers that are on their way
            self._retiring = asyncio.create_task(former.aclose())

    async def reload_settings(self, *, connects_again: bool = True) -> str | None:
        """Use the settings that are saved now, and have the screens load them.

        With `connects_again` the account and the address too. Returns the variable that
        overrides the saved account. Raises `SettingsInvalid`.
        """
        self._status.update(settings_revision=self.status.settings_revision + 1)
        if self._session.load_saved is None:
            return None
        saved = await asyncio.to_thread(self._session.load_saved)
        saved.use_settings()
        if not connects_again:
            self.use_rules(saved.rules)
            return None
        await self.reconnect(saved.connect, rules=saved.rules, has_account=saved.has_account)
        return saved.login_variable or None

    def use_rules(self, rules: EngineRules) -> None:
        """Follow `rules` from now on, with the client, the misses and the account as they are."""
        self._rules = rules
        create_interval_s = 1 / rules.creates_per_s
        self._session.use_rates(rules)
        self._auto_retries.use(rules.retry)
        self.task_service.folder_rule = rules.batch_folders
        self._gate.max_running = rules.max_running
        self._gate.use_interval(create_interval_s)
        self._outbox.wake()
        self._poller.wake()
        self._status.update(create_interval_s=create_interval_s, polls_per_s=rules.polls_per_s)

    async def wait_idle(self) -> None:
        """Wait until no background worker has anything left to do."""
        for worker in self._workers:
            await worker.wait_idle()

    def save_now(self) -> None:
        """Write everything at once, from any thread, when the engine is about to be killed."""
        self._store.save_now()

    async def _work(self) -> None:
        """Run everything until `stop()` or until one part fails, whose error is raised."""
        stop: asyncio.Task[object] = asyncio.create_task(self._stopping.wait())
        outbox: asyncio.Task[object] = asyncio.create_task(self._outbox.run())
        others: list[asyncio.Task[object]] = [
            asyncio.create_task(work)
            for work in (
                self._poller.run(),
                self._missing.run(),
                self._repository.autosave(),
                self._account.run(),
                self._publish_metrics(),
                self._publish_waits(),
                *(worker.run(self.task_service) for worker in self._workers),
            )
        ]
        running = [stop, outbox, *others]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in others:
                task.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._outbox.wait_idle(), SHUTDOWN_GRACE_S)
        finally:
            for task in running:
                task.cancel()
            outcomes = await asyncio.gather(*running, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _publish_metrics(self) -> None:
        """Publish how much of the polling rate is used and how old the oldest answer is."""
        while True:
            before = self._poller.polls
            await asyncio.sleep(METRICS_INTERVAL_S)
            polls = self._poller.polls - before
            used = polls / (self._rules.polls_per_s * METRICS_INTERVAL_S)
            self._status.update(
                rate_utilization=min(1.0, round(used, 1)),
                oldest_check_at=self._poller.oldest_check_at,
            )

    async def _publish_waits(self) -> None:
        """Publish since when the service has not answered a request, once that is long ago."""
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            since = self._session.service.oldest_request_at()
            is_long = since is not None and self._clock() - since >= LONG_WAIT_S
            self._status.update(waiting_since=since if is_long else None)
