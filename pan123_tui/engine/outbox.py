"""The outbox: sends queued links one by one, each intent on disk before its POST."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from pan123_tui.api.rate_limit import Endpoint, backoff_s
from pan123_tui.domain.errors import (
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
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.links.url import percent_encoded
from pan123_tui.domain.send_queue import collapse_retries
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, transition
from pan123_tui.engine.batch_folders import BatchFolders
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.link_choice import LinkChoice
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.missing_folders import MissingFolders
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import CloudApi, Runtime, Session
from pan123_tui.engine.queue_hold import MAX_EQUAL_REFUSALS, NOT_TAKEN, EqualRefusals, QueueHold
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, StatusPublisher
from pan123_tui.engine.task_owners import TaskOwners

CAP_PAUSE_S = 30.0
"""Shortest wait when too many tasks run at the service; the longest is twice that."""
DISK_PAUSE_S = 5.0
LIMIT_CHECK_S = 5.0
"""A place may become free without the end of a task: by a removal, or another account."""


class Outbox:
    """Sends queued links in the user's order, and none twice without the user's consent."""

    def __init__(  # noqa: PLR0913 - everything that sending needs
        self,
        repository: TaskRepository,
        session: Session,
        poller: Poller,
        folders: Folders,
        *,
        status: StatusPublisher,
        breaker: CircuitBreaker,
        interval_s: float,
        runtime: Runtime,
        callback_base: str = "",
    ) -> None:
        self._repository = repository
        self._session = session
        self._poller = poller
        self._status = status
        self._breaker = breaker
        self._interval_s = interval_s
        self._runtime = runtime
        self._callback_base = callback_base
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._delays = LinkDelays(runtime)
        self.missing_folders = MissingFolders(repository, status, self._delays, folders)
        self._batch_folders = BatchFolders(repository, folders, self._delays)
        self._hold = QueueHold(status, runtime)
        self._refusals = EqualRefusals()
        self._choice = LinkChoice(
            repository, status, runtime, self._delays, self._hold, self._refusals
        )
        self.owners = TaskOwners(repository)
        self._held_until = 0.0
        self._next_turn = 0.0
        self._rate_limit_hits = 0
        self._is_place_free = False
        """Whether a task has ended since the latest create was sent."""

    def limit(self, max_running: int) -> None:
        """Let no more tasks run at once from now on; 0: as many as the service allows."""
        self._choice.max_running = max_running
        self._wake.set()

    def wake(self, *, ignore_delays: bool = False) -> None:
        """Check the queue at once; `ignore_delays` ends every wait but a pause by the user."""
        if ignore_delays:
            self._held_until = 0.0
            self._delays.end_all()
            self._hold.try_now()
        self._wake.set()

    def use_interval(self, interval_s: float) -> None:
        """Leave so many seconds between two links from now on."""
        self._interval_s = interval_s
        self._next_turn = min(self._next_turn, self._runtime.monotonic() + interval_s)
        self._wake.set()

    def on_task_ended(self) -> None:
        """Send the next link now if the service took none for want of a place."""
        self._is_place_free = True
        if self._hold.is_said_to_be(ProblemKind.TOO_MANY_TASKS):
            self._held_until = 0.0
            self._wake.set()
        elif self._hold.is_said_to_be(ProblemKind.RUNNING_LIMIT):
            self._wake.set()

    async def wait_idle(self) -> None:
        """Wait until no link is being sent."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send what is queued until cancelled."""
        self._hold.resume(self._repository.tasks)
        while True:
            self._wake.clear()
            await self.missing_folders.mark_links()
            task, wait_s = self._next()
            if task is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait_s)
                continue
            self._hold.begin_try()
            if self._hold.needs_proof:
                await self._probe()
                continue
            if task.subfolder:
                await self._make_folder(task)
                continue
            self._next_turn = self._runtime.monotonic() + self._interval_s
            self._idle.clear()
            try:
                await self._send(task)
            finally:
                self._idle.set()

    def _next(self) -> tuple[Task | None, float | None]:
        """Return the task to send now, or the seconds to wait (None: until woken)."""
        queued = self._repository.find_by_state(TaskState.QUEUED)
        self.missing_folders.forget_unused(queued)
        if not (sendable := self._choice.sendable(queued)):
            return None, self._publish_rest(queued)
        if self._hold.is_said_to_be(ProblemKind.RUNNING_LIMIT):
            self._hold.publish(None)
        now = self._runtime.monotonic()
        # A pause that the service asks for ends by no wish of the user.
        first = Endpoint.USER_INFO if self._hold.needs_proof else Endpoint.CREATE
        pause_s = self._session.service.pause_s(first)
        waits = self._held_until - now, self._breaker.retry_after_s, self._hold.wait_s, pause_s
        if (wait_s := max(waits)) > 0:
            self._hold.publish_wait(wait_s)
            return None, wait_s
        if self._next_turn > now:
            return None, self._next_turn - now
        return self._choice.first(sendable)

    def _publish_rest(self, queued: Sequence[Task]) -> float | None:
        """Say why nothing is sent, and return the seconds until that may end by itself."""
        if not queued:
            self._hold.publish(None)
        if not queued or self._repository.is_paused:
            return None
        if not (self._hold.is_active or self._hold.is_said_to_be(ProblemKind.RUNNING_LIMIT)):
            self._hold.publish(Problem(ProblemKind.RUNNING_LIMIT))
        return LIMIT_CHECK_S

    async def _probe(self) -> None:
        """Fetch the account, which changes nothing, before another create is tried."""
        service = self._session.service
        self._status.update(hold_until=self._runtime.clock())
        try:
            account = await service.user_info()
        except Pan123Error as error:
            if service is self._session.service:  # no other account took its place meanwhile
                if not isinstance(error, RateLimited):
                    self._breaker.record_failure(error)
                self._hold.extend(error.problem)
        else:
            if service is self._session.service:
                self._breaker.record_success()
                self._status.set_account(account)
                await self.owners.learn(account, service)
                self._hold.prove()

    async def _make_folder(self, task: Task) -> None:
        """Make the folder that `task` is to go to; without it, nothing is sent there."""
        service = self._session.service
        try:
            await self._batch_folders.make(task)
        except FolderMissing as error:
            await self.missing_folders.hold(task.folder_id, error.problem)
        except Pan123Error as error:
            if service is self._session.service:
                await self._on_slot_error(task, error)
        else:
            self._breaker.record_success()
            await self.missing_folders.release(task.folder_id)

    async def _send(self, task: Task) -> None:
        service = self._session.service
        try:
            await service.wait_for_create_slot()
        except Pan123Error as error:
            if service is self._session.service:  # else another account may have a token
                await self._on_slot_error(task, error)
            return
        # Chosen again, as the user may have paused, or removed or moved a link, meanwhile.
        queued = self._repository.find_by_state(TaskState.QUEUED)
        first = self._choice.first(self._choice.sendable(queued))[0]
        if first is not None and not first.subfolder:
            await self._persist_intent(first)

    async def _persist_intent(self, task: Task) -> None:
        """Save that `task` is about to be sent, then send it."""
        wants_callback = self._callback_base and not task.callback_url
        intent = transition(
            task,
            TaskState.SUBMITTING,
            at=self._runtime.clock(),
            problem=None,
            account_uid=self.owners.uid_of(self._session.service),
            callback_secret=self._runtime.new_secret() if wants_callback else "",
        )
        try:
            is_on_disk = await self._repository.commit(intent)
        except asyncio.CancelledError:
            await self._finish_attempt(intent, TaskState.QUEUED, problem=None)
            raise
        if is_on_disk:
            await self._submit(intent)
        else:
            await self._back_to_queue(intent, self._status.status.store_problem, DISK_PAUSE_S)

    async def _submit(self, intent: Task) -> None:
        service, self._is_place_free = self._session.service, False
        try:
            task_id = await service.create_task(self._request_for(intent))
            self.owners.claim(intent, task_id, service)
        except asyncio.CancelledError:
            interrupted = Problem(ProblemKind.INTERRUPTED)
            await self._finish_attempt(intent, TaskState.UNCONFIRMED, problem=interrupted)
            raise
        except Pan123Error as error:
            if service is self._session.service or not isinstance(error, NOT_TAKEN):
                await self._on_error(intent, error)
            else:  # another account sends it
                await self._finish_attempt(intent, TaskState.QUEUED, problem=None)
        else:
            await self._on_created(intent, task_id, service)

    def _request_for(self, intent: Task) -> DownloadRequest:
        """Return the request to send, with this attempt's own callback URL if one is wanted."""
        request = intent.request
        if self._delays.sends_encoded(intent):
            request = replace(request, url=percent_encoded(request.url))
        if intent.callback_secret:
            own_url = f"{self._callback_base}/{intent.callback_secret}"
            request = replace(request, callback_url=own_url)
        return request

    async def _on_created(self, intent: Task, task_id: int, service: CloudApi) -> None:
        at, uid = self._runtime.clock(), self.owners.uid_of(service)
        # A callback may have arrived before the answer and added facts.
        latest = self._repository.get(intent.id) or intent
        running = transition(
            latest, TaskState.RUNNING, at=at, task_id=task_id, account_uid=uid, sent_at=at
        )
        await self._repository.commit(running)
        self._delays.forget(intent)
        self._poller.start_polling(running)
        if service is not self._session.service:  # it says nothing of the account in use
            return
        await self.missing_folders.release(intent.folder_id)
        self._rate_limit_hits = 0
        self._breaker.record_success()
        self._status.clear_error()
        self._end_hold(running)

    async def _on_slot_error(self, task: Task, error: Pan123Error) -> None:
        """Hold the queue after an error before anything was sent."""
        if isinstance(error, RateLimited):
            pause_s = self._backoff()
        else:
            self._breaker.record_failure(error)
            pause_s = self._breaker.retry_after_s
        self._hold_queue(error.problem, pause_s)
        if self._repository.get(task.id) is task:
            await self._repository.commit(replace(task, problem=error.problem))

    async def _on_error(self, intent: Task, error: Pan123Error) -> None:
        """Set the next state of a link whose *create* returned no taskID."""
        self._hold.note_refusal(error)
        match error:
            case TooManyTasks():
                pause_s = CAP_PAUSE_S * (1.0 + self._runtime.random())
                pause_s = 0.0 if self._is_place_free else pause_s
                await self._back_to_queue(intent, error.problem, pause_s)
            case RateLimited():
                await self._back_to_queue(intent, error.problem, self._backoff())
            case RequestNotSent() | AccountMissing():
                self._breaker.record_failure(error)
                await self._back_to_queue(intent, error.problem, self._breaker.retry_after_s)
            case LinkNotParsed():
                self._end_hold(intent)
                is_tried_again = self._delays.delay_not_parsed(intent)
                state = TaskState.QUEUED if is_tried_again else TaskState.REJECTED
                await self._finish_attempt(intent, state, problem=error.problem)
            case FolderMissing():
                self._end_hold(intent)
                await self._finish_attempt(intent, TaskState.QUEUED, problem=error.problem)
                await self.missing_folders.hold(intent.folder_id, error.problem)
            case ResponseLost() | InvalidResponse(may_have_taken_effect=True):
                await self._hold_unclear(intent, error)
            case TokenRefused() | QuotaExhausted() | AccountBlocked():
                await self._hold_refused(intent, error)
            case ServiceUnavailable() | InvalidResponse():
                await self._hold_refused(intent, error)
            case ServiceError():
                await self._on_unknown_refusal(intent, error)
            case _:
                raise error

    async def _hold_refused(self, intent: Task, error: Pan123Error) -> None:
        """Queue the link again and hold the queue, since the refusal is not about the link."""
        if isinstance(error, TokenRefused):
            self._breaker.record_failure(error)
        else:
            self._status.set_error(error.problem)
        self._hold.start_or_extend(error.problem)
        self._hold.tried.add(intent.id)
        await self._finish_attempt(intent, TaskState.QUEUED, problem=error.problem)

    async def _hold_unclear(self, intent: Task, error: Pan123Error) -> None:
        """Hold the queue after a create that may have taken effect: the next may end like it."""
        self._breaker.record_failure(error)
        self._hold.start_unclear(error.problem)
        await self._finish_attempt(intent, TaskState.UNCONFIRMED, problem=error.problem)

    async def _on_unknown_refusal(self, intent: Task, error: ServiceError) -> None:
        """Reject the link; hold the queue once links in a row are refused equally."""
        problem = error.problem
        self._status.set_error(problem)
        if problem.code is None:  # the client refused to send it
            await self._finish_attempt(intent, TaskState.REJECTED, problem=problem)
            return
        is_rejected = self._refusals.record(intent.id, problem, now=self._runtime.monotonic())
        if len(self._refusals.ids) < MAX_EQUAL_REFUSALS:
            self._hold.end()
        else:
            self._hold.start_or_extend(problem)
        if not is_rejected:
            at = self._runtime.clock()
            if back := self._refusals.put_back(self._repository.get, at=at):
                await self._repository.commit(*back)
        state = TaskState.REJECTED if is_rejected else TaskState.QUEUED
        await self._finish_attempt(intent, state, problem=problem)

    def _end_hold(self, answered: Task) -> None:
        """Let the queue go on: the service has answered as it should, or about the link."""
        self._refusals.end_row(answered.id)
        self._hold.end()

    def _backoff(self) -> float:
        """Return the next pause of a row of rate limit errors in seconds."""
        pause_s = backoff_s(self._rate_limit_hits, self._runtime.random)
        self._rate_limit_hits += 1
        return pause_s

    async def _back_to_queue(self, intent: Task, problem: Problem | None, pause_s: float) -> None:
        """Queue the link again and hold the whole queue: the next link would fail the same way."""
        self._hold_queue(problem, pause_s)
        await self._finish_attempt(intent, TaskState.QUEUED, problem=problem)

    def _hold_queue(self, problem: Problem | None, pause_s: float) -> None:
        self._held_until = self._runtime.monotonic() + pause_s
        self._hold.is_proven = False
        self._hold.publish(problem, pause_s)

    async def _finish_attempt(
        self, intent: Task, to: TaskState, *, problem: Problem | None
    ) -> None:
        at = self._runtime.clock()
        finished_at = at if to is TaskState.REJECTED else None
        latest = self._repository.get(intent.id) or intent  # facts and label may have come
        outcome = transition(latest, to, at=at, problem=problem, finished_at=finished_at)
        await self._repository.commit(collapse_retries(outcome))
