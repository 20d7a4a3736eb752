"""The outbox: sends queued links one by one, each intent on disk before its POST."""

import asyncio
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.api.rate_limit import backoff_s
from pan123_tui.domain.errors import (
    AccountMissing,
    InvalidResponse,
    LinkNotParsed,
    Pan123Error,
    Problem,
    ProblemKind,
    RateLimited,
    RequestNotSent,
    ResponseLost,
    ServiceError,
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, transition
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import Runtime, Session
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, StatusPublisher

CAP_PAUSE_S = (30.0, 60.0)
"""How long to wait when too many tasks run at the service (shortest, longest)."""
NOT_PARSED_PAUSE_S = (20.0, 60.0)
"""Waits before the second and the third try of a link that the service could not parse."""
DISK_PAUSE_S = 5.0


class _Delay(Struct):
    """When to try a link again that the service could not parse, and the tries so far."""

    until: float
    tries: int


class Outbox:
    """Sends queued links, oldest first, and none twice without the user's consent."""

    def __init__(
        self,
        repository: TaskRepository,
        session: Session,
        poller: Poller,
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
        self.interval_s = interval_s
        self._runtime = runtime
        self._callback_base = callback_base
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._delays: dict[int, _Delay] = {}
        self._held_until = 0.0
        self._next_turn = 0.0
        self._rate_limit_hits = 0

    def wake(self, *, ignore_delays: bool = False) -> None:
        """Check the queue at once; `ignore_delays` also ends waits for the service or the disk."""
        if ignore_delays:
            self._held_until = 0.0
            self._delays.clear()
        self._wake.set()

    async def wait_idle(self) -> None:
        """Wait until no link is being sent."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send what is queued until cancelled."""
        while True:
            self._wake.clear()
            task, wait_s = self._next()
            if task is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait_s)
                continue
            self._next_turn = self._runtime.monotonic() + self.interval_s
            self._idle.clear()
            try:
                await self._send(task)
            finally:
                self._idle.set()

    def _next(self) -> tuple[Task | None, float | None]:
        """Return the task to send now, or the seconds to wait (None: until woken)."""
        queued = self._repository.find_by_state(TaskState.QUEUED)
        if not queued:
            self._status.update(hold=None, hold_until=None)
            return None, None
        now = self._runtime.monotonic()
        wait_s = max(self._held_until - now, self._breaker.retry_after_s)
        if wait_s > 0:
            self._publish_hold(wait_s)
            return None, wait_s
        if self._next_turn > now:
            return None, self._next_turn - now
        soonest = min(queued, key=lambda t: (max(now, self._delay_of(t)), t.id))
        wait_s = self._delay_of(soonest) - now
        return (None, wait_s) if wait_s > 0 else (soonest, None)

    def _publish_hold(self, wait_s: float) -> None:
        if self._status.status.hold is None:
            until = self._runtime.clock() + wait_s
            self._status.update(hold=self._status.status.last_error, hold_until=until)

    def _delay_of(self, task: Task) -> float:
        delay = self._delays.get(task.id)
        return delay.until if delay else 0.0

    async def _send(self, task: Task) -> None:
        try:
            await self._session.service.wait_for_create_slot()
        except Pan123Error as error:
            await self._on_slot_error(task, error)
            return
        if self._repository.get(task.id) is task:  # neither edited nor removed while it waited
            await self._persist_intent(task)

    async def _persist_intent(self, task: Task) -> None:
        """Save that `task` is about to be sent, then send it."""
        wants_callback = self._callback_base and not task.callback_url
        intent = transition(
            task,
            TaskState.SUBMITTING,
            at=self._runtime.clock(),
            problem=None,
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
        try:
            task_id = await self._session.service.create_task(self._request_for(intent))
        except asyncio.CancelledError:
            interrupted = Problem(ProblemKind.INTERRUPTED)
            await self._finish_attempt(intent, TaskState.UNCONFIRMED, problem=interrupted)
            raise
        except Pan123Error as error:
            await self._on_error(intent, error)
        else:
            await self._on_created(intent, task_id)

    def _request_for(self, intent: Task) -> DownloadRequest:
        """Return the request to send, with this attempt's own callback URL if one is wanted."""
        if not intent.callback_secret:
            return intent.request
        callback_url = f"{self._callback_base}/{intent.callback_secret}"
        return replace(intent.request, callback_url=callback_url)

    async def _on_created(self, intent: Task, task_id: int) -> None:
        at = self._runtime.clock()
        # A callback may have arrived before the answer and added facts.
        latest = self._repository.get(intent.id) or intent
        running = transition(latest, TaskState.RUNNING, at=at, task_id=task_id, sent_at=at)
        await self._repository.commit(running)
        self._delays.pop(intent.id, None)
        self._rate_limit_hits = 0
        self._breaker.record_success()
        self._status.clear_error()
        self._status.update(hold=None, hold_until=None)
        self._poller.start_polling(running)

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
        match error:
            case TooManyTasks():
                shortest, longest = CAP_PAUSE_S
                pause_s = shortest + (longest - shortest) * self._runtime.random()
                await self._back_to_queue(intent, error.problem, pause_s)
            case RateLimited():
                await self._back_to_queue(intent, error.problem, self._backoff())
            case RequestNotSent() | TokenRefused() | AccountMissing():
                self._breaker.record_failure(error)
                await self._back_to_queue(intent, error.problem, self._breaker.retry_after_s)
            case LinkNotParsed():
                await self._try_again_or_reject(intent, error)
            case ResponseLost():
                self._breaker.record_failure(error)
                await self._finish_attempt(intent, TaskState.UNCONFIRMED, problem=error.problem)
            case InvalidResponse() if error.may_have_taken_effect:
                self._status.set_error(error.problem)
                await self._finish_attempt(intent, TaskState.UNCONFIRMED, problem=error.problem)
            case ServiceError() | InvalidResponse():
                self._status.set_error(error.problem)
                await self._finish_attempt(intent, TaskState.REJECTED, problem=error.problem)
            case _:
                raise error

    def _backoff(self) -> float:
        """Return the next pause of a row of rate limit errors, in seconds."""
        pause_s = backoff_s(self._rate_limit_hits, self._runtime.random)
        self._rate_limit_hits += 1
        return pause_s

    async def _try_again_or_reject(self, intent: Task, error: LinkNotParsed) -> None:
        tries = self._delays[intent.id].tries if intent.id in self._delays else 0
        if tries >= len(NOT_PARSED_PAUSE_S):
            del self._delays[intent.id]
            await self._finish_attempt(intent, TaskState.REJECTED, problem=error.problem)
            return
        until = self._runtime.monotonic() + NOT_PARSED_PAUSE_S[tries]
        self._delays[intent.id] = _Delay(until, tries + 1)
        await self._finish_attempt(intent, TaskState.QUEUED, problem=error.problem)

    async def _back_to_queue(self, intent: Task, problem: Problem | None, pause_s: float) -> None:
        """Queue the link again and hold the whole queue: the next link would fail the same way."""
        self._hold_queue(problem, pause_s)
        await self._finish_attempt(intent, TaskState.QUEUED, problem=problem)

    def _hold_queue(self, problem: Problem | None, pause_s: float) -> None:
        self._held_until = self._runtime.monotonic() + pause_s
        self._status.update(hold=problem, hold_until=self._runtime.clock() + pause_s)

    async def _finish_attempt(
        self, intent: Task, to: TaskState, *, problem: Problem | None
    ) -> None:
        at = self._runtime.clock()
        finished_at = at if to is TaskState.REJECTED else None
        outcome = transition(intent, to, at=at, problem=problem, finished_at=finished_at)
        await self._repository.commit(_collapse_retries(outcome))


def _collapse_retries(task: Task) -> Task:
    """Keep only the last of consecutive failed tries in the timeline.

    A night offline would otherwise push all earlier entries out of it.
    """
    if task.state is not TaskState.QUEUED:
        return task
    *before, _intent, outcome = task.timeline
    if [step.state for step in before[-2:]] == [TaskState.QUEUED] * 2:
        before.pop()
    return replace(task, timeline=(*before, outcome))
