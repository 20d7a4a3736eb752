"""The outbox: sends queued links one by one, each intent on disk before its POST."""

import asyncio
import logging
from contextlib import suppress

from msgspec.structs import replace

from pan123_tui.domain.errors import (
    GENERAL_REFUSALS,
    AccountBlocked,
    AccountMissing,
    FolderMissing,
    InvalidResponse,
    LinkNotParsed,
    Pan123Error,
    Problem,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    RequestNotSent,
    ResponseLost,
    ServiceError,
    ServiceUnavailable,
    StoreUnwritable,
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.events import EngineEvent, StatusChanged, TasksChanged
from pan123_tui.domain.links.url import percent_encoded
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.send_queue import collapse_retries
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, transition
from pan123_tui.engine.accounts import Accounts
from pan123_tui.engine.gate import Gate
from pan123_tui.engine.ports import CloudApi, Session
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.target_folders import TargetFolders

_log = logging.getLogger(__name__)
DISK_PAUSE_S = 5.0
_NOT_TAKEN = (*GENERAL_REFUSALS, AccountMissing, FolderMissing, RequestNotSent, TooManyTasks)
"""Errors of a create that certainly took no link and may not recur with another account."""


class Outbox:
    """Sends queued links in the user's order, and none twice without the user's consent."""

    def __init__(
        self,
        repository: TaskRepository,
        session: Session,
        gate: Gate,
        folders: TargetFolders,
        accounts: Accounts,
        *,
        callback_base: str = "",
    ) -> None:
        self._gate = gate
        self._accounts = accounts
        self._folders = folders
        self._repository = repository
        self._session = session
        self._status = gate.breaker.status
        self._breaker = gate.breaker
        self._runtime = gate.breaker.runtime
        self._callback_base = callback_base
        self._was_paused = self._status.status.is_paused
        self.wake = asyncio.Event()
        """Has the queue checked at once."""
        self._idle = asyncio.Event()
        self._idle.set()

    def on_event(self, event: EngineEvent, /) -> None:
        """Check the queue at once if there may be a link to send, or a slot for one."""
        match event:
            case TasksChanged(tasks, removed):
                if any(task.is_finished and task.arrival is None for task in tasks):
                    self._gate.note_free_place()
                if removed or any(not task.is_active for task in tasks):
                    self.wake.set()
            case StatusChanged(status):
                if self._was_paused and not status.is_paused:
                    self.wake.set()
                self._was_paused = status.is_paused

    async def wait_idle(self) -> None:
        """Wait until no link is being sent."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send what is queued until cancelled."""
        while True:
            try:
                await self._take_step()
            except Exception as error:  # noqa: BLE001 - the others go on, whatever a step meets
                self._hold_unlisted(error)
                await self._repository.recover_interrupted()

    async def _take_step(self) -> None:
        """Wait, prove the account, make a folder, or send the next link."""
        self.wake.clear()
        await self._folders.mark(self._repository.queued)
        task, wait_s = self._gate.next(self._repository.queued)
        service = self._session.service
        if task is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), wait_s)
        elif self._gate.needs_proof:
            await self._probe(service)
        elif task.subfolder:
            await self._make_folder(task, service)
        else:
            try:
                await service.wait_for_create_slot()
            except Pan123Error as error:
                await self._on_slot_error(task, error, service)
                return
            if service is not self._session.service:  # another account waits for its own turn
                return
            # Chosen again, as the user may have paused, or removed or moved a link, meanwhile.
            first, _wait_s = self._gate.next(self._repository.queued)
            if first is not None and not first.subfolder and not self._gate.needs_proof:
                await self._send(first)

    async def _probe(self, service: CloudApi) -> None:
        """Fetch the account, which changes nothing, before another create is tried."""
        self._status.update(hold_until=self._runtime.clock())
        try:
            await self._accounts.fetch()
        except Pan123Error as error:
            if service is self._session.service:
                self._gate.hold(error.problem)
        else:
            if service is self._session.service:
                self._gate.prove()

    async def _make_folder(self, task: Task, service: CloudApi) -> None:
        """Make the folder that `task` is to go to; until then, nothing is sent there."""
        try:
            await self._folders.make(task)
        except FolderMissing as error:
            await self._folders.hold(task.folder_id, error.problem)
        except Pan123Error as error:
            await self._on_slot_error(task, error, service)
        else:
            self._breaker.record_success()
            await self._folders.release(task.folder_id)

    async def _send(self, task: Task) -> None:
        """Save that `task` is about to be sent, then send it."""
        service = self._session.service
        wants_callback = self._callback_base and not task.callback_url
        intent = transition(
            task,
            TaskState.SUBMITTING,
            at=self._runtime.clock(),
            problem=None,
            account_uid=self._accounts.uid_of(service),
            callback_secret=self._runtime.new_secret() if wants_callback else "",
        )
        if_cut_off, why = TaskState.QUEUED, None
        self._idle.clear()
        try:
            if not await self._repository.commit(intent):
                raise StoreUnwritable
            if_cut_off, why = TaskState.UNCONFIRMED, Problem(ProblemKind.INTERRUPTED)
            self._gate.begin_create()
            task_id = await service.create_task(self._request_for(intent))
        except asyncio.CancelledError:
            await self._finish_attempt(intent, if_cut_off, problem=why)
            raise
        except StoreUnwritable:
            problem = self._status.status.store_problem
            self._gate.pause(problem, DISK_PAUSE_S)
            await self._finish_attempt(intent, TaskState.QUEUED, problem=problem)
        except Pan123Error as error:
            if service is self._session.service or not isinstance(error, _NOT_TAKEN):
                await self._on_error(intent, error)
            else:  # another account sends it
                await self._finish_attempt(intent, TaskState.QUEUED, problem=None)
        except Exception as error:  # noqa: BLE001 - the client names all that comes once it has sent
            problem = self._hold_unlisted(error)
            await self._finish_attempt(intent, TaskState.QUEUED, problem=problem)
        else:
            await self._on_created(intent, task_id, service)
        finally:
            self._idle.set()

    def _request_for(self, intent: Task) -> DownloadRequest:
        """Return the request to send, with this attempt's own callback URL if one is wanted."""
        request = intent.request
        if self._gate.delays.sends_encoded(intent):
            request = replace(request, url=percent_encoded(request.url))
        if intent.callback_secret:
            own_url = f"{self._callback_base}/{intent.callback_secret}"
            request = replace(request, callback_url=own_url)
        return request

    async def _on_created(self, intent: Task, task_id: int, service: CloudApi) -> None:
        at, uid = self._runtime.clock(), self._accounts.uid_of(service)
        self._accounts.note_sent(intent.id, service)  # it may become known while this is saved
        # A callback may have arrived before the answer and added facts.
        latest = self._repository.tasks.get(intent.id) or intent
        running = transition(
            latest, TaskState.RUNNING, at=at, task_id=task_id, account_uid=uid, sent_at=at
        )
        await self._repository.commit(running)
        self._gate.delays.forget(intent)
        if service is not self._session.service:  # it says nothing about the account in use
            return
        await self._folders.release(intent.folder_id)
        self._breaker.record_success()
        self._status.clear_error()
        self._gate.open(running)

    async def _on_slot_error(self, task: Task, error: Pan123Error, service: CloudApi) -> None:
        """Pause after an error before anything was sent, unless another account is in use now."""
        if service is not self._session.service:
            return
        if isinstance(error, RateLimited):
            self._gate.pause_for_rate(error.problem)
        else:
            self._pause_for_breaker(error)
        if self._repository.tasks.get(task.id) is task:
            await self._repository.commit(replace(task, problem=error.problem))

    async def _on_error(self, intent: Task, error: Pan123Error) -> None:
        """Set the next state of a link whose *create* returned no taskID."""
        problem, state = error.problem, TaskState.QUEUED
        self._gate.note_refusal(error)
        match error:
            case TooManyTasks():
                self._gate.pause_for_place(problem)
            case RateLimited():
                self._gate.pause_for_rate(problem)
            case RequestNotSent() | AccountMissing():
                self._pause_for_breaker(error)
            case LinkNotParsed():
                self._gate.open(intent)
                is_tried_again = self._gate.delays.delay_not_parsed(intent)
                state = TaskState.QUEUED if is_tried_again else TaskState.REJECTED
            case FolderMissing():
                self._gate.open(intent)
                await self._finish_attempt(intent, state, problem=problem)
                await self._folders.hold(intent.folder_id, problem)
                return
            case ResponseLost() | InvalidResponse(may_have_taken_effect=True):
                self._breaker.record_failure(error)
                self._gate.hold_unclear(problem)  # the next create may end like this one
                state = TaskState.UNCONFIRMED
            case TokenRefused():
                self._breaker.record_failure(error)
                self._gate.hold(problem, intent if error.was_sent else None)
            case QuotaExhausted() | AccountBlocked() | ServiceUnavailable() | InvalidResponse():
                self._status.set_error(problem)
                self._gate.hold(problem, intent)
            case ServiceError():
                self._status.set_error(problem)
                is_rejected = self._gate.note_unknown(intent, problem)
                state = TaskState.REJECTED if is_rejected else TaskState.QUEUED
            case _:
                self._gate.hold(problem)
        await self._finish_attempt(intent, state, problem=problem)

    def _pause_for_breaker(self, error: Pan123Error) -> None:
        """Pause for as long as all other requests do: this one was not sent."""
        self._breaker.record_failure(error)
        self._gate.pause(error.problem, self._breaker.retry_after_s)

    def _hold_unlisted(self, error: Exception) -> Problem:
        """Hold the queue after an error of which nothing is known, and return that as a problem."""
        _log.error("an error that nobody expects", exc_info=error)
        problem = Problem(ProblemKind.INTERNAL, redact(f"{type(error).__name__}: {error}"))
        self._gate.hold(problem)
        return problem

    async def _finish_attempt(
        self, intent: Task, to: TaskState, *, problem: Problem | None
    ) -> None:
        at = self._runtime.clock()
        finished_at = at if to is TaskState.REJECTED else None
        latest = self._repository.tasks.get(intent.id) or intent  # facts and label may have come
        outcome = transition(latest, to, at=at, problem=problem, finished_at=finished_at)
        await self._repository.commit(collapse_retries(outcome))
