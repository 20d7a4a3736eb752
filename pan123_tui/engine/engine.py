"""The engine: starts and stops the outbox and the poller, and carries out the user's commands."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind
from pan123_tui.domain.events import Connection, EngineEvent, Status
from pan123_tui.domain.task import (
    FAILED_STATES,
    RETRYABLE_STATES,
    Draft,
    Task,
    TaskState,
    move,
    requeued,
)
from pan123_tui.engine.board import Board
from pan123_tui.engine.ledger import Ledger
from pan123_tui.engine.line import Line
from pan123_tui.engine.meter import Meter
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.service import Service
from pan123_tui.engine.surroundings import REAL, Surroundings
from pan123_tui.store.tasks import TaskStore

ACCOUNT_INTERVAL_S = 900.0
ACCOUNT_RETRY_S = 5.0
GAUGE_INTERVAL_S = 5.0
GRACE_S = 1.0
"""How long a POST on the wire may take to come home when the program leaves."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast the service may be asked."""

    creates_per_s: float = 1.0
    polls_per_s: float = 5.0


class Engine:
    """Owns the tasks while it runs; all methods are called on its own event loop."""

    def __init__(
        self,
        store: TaskStore,
        connect: Callable[[], Service],
        listen: Callable[[EngineEvent], None],
        *,
        tempo: Tempo = Tempo(),
        surroundings: Surroundings = REAL,
    ) -> None:
        self._store = store
        self._connect = connect
        self._around = surroundings
        self._tempo = tempo
        self._board = Board(
            listen,
            clock=surroundings.clock,
            status=Status(
                notice=store.notice,
                create_interval_s=1 / tempo.creates_per_s,
                polls_per_s=tempo.polls_per_s,
            ),
        )
        self._line = Line(self._board, surroundings)
        self._meter = Meter(per_s=tempo.polls_per_s)
        self._ledger = Ledger(store, listen, board=self._board, clock=surroundings.clock)
        self._service: Service | None = None
        self._outbox: Outbox | None = None
        self._poller: Poller | None = None
        self._stopping = asyncio.Event()
        self._ask_account = asyncio.Event()

    async def run(self) -> None:
        """Load, announce, connect and work until `stop()`; then save and close."""
        self._ledger.announce_all()
        self._board.show(notice=self._store.notice)
        await self._settle_interrupted()
        try:
            await self._connect_and_work()
        finally:
            await self._ledger.save()
            if self._service is not None:
                with suppress(Pan123Error, OSError, TimeoutError):
                    await asyncio.wait_for(self._service.aclose(), 0.3)

    def stop(self) -> None:
        """Ask `run()` to come to its end: within about a second, whatever hangs."""
        self._stopping.set()

    async def add(self, drafts: Iterable[Draft]) -> tuple[Task, ...]:
        """Queue `drafts`; they are on disk when this returns (or the board warns)."""
        tasks = await self._ledger.add(drafts)
        self._wake_outbox()
        return tasks

    async def retry(self, ids: Iterable[int], *, unconfirmed_too: bool = False) -> tuple[Task, ...]:
        """Queue failed, rejected and missing tasks again; unconfirmed ones only when told so."""
        states = RETRYABLE_STATES if unconfirmed_too else FAILED_STATES
        chosen = [t for t in map(self._ledger.get, ids) if t is not None and t.state in states]
        queued = tuple(requeued(task, at=self._around.clock()) for task in chosen)
        if queued:
            await self._ledger.commit(*queued)
            self._wake_outbox()
        return queued

    async def edit(self, task_id: int, draft: Draft) -> Task | None:
        """Give a task that is not on its way another link, name or folder, and queue it."""
        task = self._ledger.get(task_id)
        if task is None or task.state not in FAILED_STATES | {TaskState.QUEUED}:
            return None
        edited = replace(
            task,
            url=draft.url,
            name=draft.name,
            folder_id=draft.folder_id,
            callback_url=draft.callback_url,
        )
        if edited.state is not TaskState.QUEUED:
            edited = requeued(edited, at=self._around.clock())
        await self._ledger.commit(edited)
        self._wake_outbox()
        return edited

    async def remove(self, ids: Collection[int]) -> tuple[Task, ...]:
        """Forget tasks here (the service goes on); give the forgotten ones for `restore()`."""
        removed = await self._ledger.remove(ids)
        if self._poller is not None:
            self._poller.forget([task.id for task in removed])
        return removed

    async def restore(self, tasks: Sequence[Task]) -> None:
        """Take back what `remove()` gave."""
        await self._ledger.restore(tasks)
        self._watch(tasks)
        self._wake_outbox()

    async def poll_now(self, ids: Collection[int] | None = None) -> None:
        """Ask for the tasks `ids` (None: all active ones) and the account now, pauses or not."""
        self._line.try_now()
        self._ask_account.set()
        if self._poller is not None:
            self._poller.hurry(ids)
        if self._outbox is not None:
            self._outbox.wake(try_now=True)

    async def focus(self, ids: Collection[int]) -> None:
        """Look more often at the tasks that are on the screen."""
        if self._poller is not None:
            self._poller.focus(ids)

    async def reconnect(self, connect: Callable[[], Service]) -> None:
        """Use another account or service from now on."""
        former, self._service = self._service, await asyncio.to_thread(connect)
        if self._outbox is not None and self._poller is not None:
            self._outbox.service = self._poller.service = self._service
        self._board.show(account=None, connection=Connection.UNKNOWN)
        self._board.mended()
        await self.poll_now()
        if former is not None:
            await former.aclose()

    def save_now(self) -> None:
        """Write everything at once, from any thread: for a program that is being ended."""
        self._store.save_now()

    async def _settle_interrupted(self) -> None:
        """What a crash left as submitting may or may not have reached the service."""
        interrupted = self._ledger.in_state(TaskState.SUBMITTING)
        if interrupted:
            problem = Problem(ProblemKind.INTERRUPTED)
            at = self._around.clock()
            await self._ledger.commit(
                *(move(t, TaskState.UNCONFIRMED, at=at, problem=problem) for t in interrupted)
            )

    async def _connect_and_work(self) -> None:
        self._service = await asyncio.to_thread(self._connect)
        self._poller = Poller(
            self._ledger,
            self._service,
            line=self._line,
            meter=self._meter,
            interval_s=1 / self._tempo.polls_per_s,
            surroundings=self._around,
        )
        self._outbox = Outbox(
            self._ledger,
            self._service,
            board=self._board,
            line=self._line,
            interval_s=1 / self._tempo.creates_per_s,
            surroundings=self._around,
            on_running=self._poller.watch,
        )
        self._watch(self._ledger.tasks.values())
        await self._work(self._outbox, self._poller)

    async def _work(self, outbox: Outbox, poller: Poller) -> None:
        """Run all workers until `stop()` or until one of them breaks, which is raised."""
        stop: asyncio.Task[object] = asyncio.create_task(self._stopping.wait())
        sending: asyncio.Task[object] = asyncio.create_task(outbox.run())
        others: list[asyncio.Task[object]] = [
            asyncio.create_task(worker)
            for worker in (poller.run(), self._ledger.keep(), self._ask(), self._gauge())
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

    async def _ask(self) -> None:
        """Ask for the account now and then, and whenever the user wants to know."""
        assert self._service is not None  # noqa: S101 - set before the workers start
        while True:
            self._ask_account.clear()
            try:
                account = await self._service.user_info()
            except Pan123Error as error:
                self._line.failed(error)
                pause_s = max(self._line.pause_s, ACCOUNT_RETRY_S)
            else:
                self._line.worked()
                self._board.knows(account)
                pause_s = ACCOUNT_INTERVAL_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ask_account.wait(), pause_s)

    async def _gauge(self) -> None:
        """Show how much of the budget is used and how old the oldest answer is."""
        while True:
            await asyncio.sleep(GAUGE_INTERVAL_S)
            active = [t for t in self._ledger.tasks.values() if t.is_active]
            self._board.show(
                budget_used=self._meter.used(self._around.monotonic()),
                oldest_check_at=min(
                    (t.checked_at or t.sent_at or t.created_at for t in active), default=None
                ),
            )

    def _watch(self, tasks: Iterable[Task]) -> None:
        if self._poller is not None:
            for task in tasks:
                if task.is_active:
                    self._poller.watch(task)

    def _wake_outbox(self) -> None:
        if self._outbox is not None:
            self._outbox.wake()
