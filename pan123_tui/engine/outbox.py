"""The outbox: sends queued links one by one, each intent on disk before its POST."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.api.rate_limit import backoff_s
from pan123_tui.domain.errors import (
    AccountMissing,
    AnswerLost,
    BadAnswer,
    LinkUnreadable,
    NotReached,
    Pan123Error,
    Problem,
    ProblemKind,
    RateLimited,
    ServiceError,
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.task import Draft, Task, TaskState, move
from pan123_tui.engine.board import Board
from pan123_tui.engine.circuit_breaker import CircuitBreaker
from pan123_tui.engine.ledger import Ledger
from pan123_tui.engine.service import Service
from pan123_tui.engine.surroundings import Surroundings

CAP_PAUSE_S = (30.0, 60.0)
"""How long to wait when too many tasks run at once (shortest, longest)."""
UNREADABLE_PAUSE_S = (20.0, 60.0)
"""The waits before the second and the third try of a link that could not be read."""
DISK_PAUSE_S = 5.0


class _Delay(Struct):
    """A link that the service could not read yet: when to try again, after how many tries."""

    until: float
    tries: int


class Outbox:
    """Sends the oldest queued link, waits its turn, and never sends one twice by itself."""

    def __init__(
        self,
        ledger: Ledger,
        service: Service,
        *,
        board: Board,
        breaker: CircuitBreaker,
        interval_s: float,
        surroundings: Surroundings,
        on_running: Callable[[Task], None],
        callback_base: str = "",
    ) -> None:
        self.service = service
        self._ledger = ledger
        self._board = board
        self._breaker = breaker
        self.interval_s = interval_s
        self._around = surroundings
        self._on_running = on_running
        self._callback_base = callback_base
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._delays: dict[int, _Delay] = {}
        self._held_until = 0.0
        self._next_turn = 0.0
        self._refusals_for_haste = 0

    def wake(self, *, try_now: bool = False) -> None:
        """Look at the queue at once; `try_now` also ends any wait for the service or the disk."""
        if try_now:
            self._held_until = 0.0
            self._delays.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until no link is between its intent and its outcome."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send what is queued, for ever."""
        while True:
            self._wake.clear()
            task, wait_s = self._next()
            if task is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait_s)
                continue
            self._next_turn = self._around.monotonic() + self.interval_s
            self._idle.clear()
            try:
                await self._send(task)
            finally:
                self._idle.set()

    def _next(self) -> tuple[Task | None, float | None]:
        """Give the task to send now, or how long to wait (None: until woken)."""
        queued = self._ledger.in_state(TaskState.QUEUED)
        if not queued:
            self._board.show(hold=None, hold_until=None)
            return None, None
        now = self._around.monotonic()
        wait_s = max(self._held_until - now, self._breaker.retry_after_s)
        if wait_s > 0:
            self._say_why_it_waits(wait_s)
            return None, wait_s
        if self._next_turn > now:
            return None, self._next_turn - now
        soonest = min(queued, key=lambda t: (max(now, self._delay_of(t)), t.id))
        wait_s = self._delay_of(soonest) - now
        return (None, wait_s) if wait_s > 0 else (soonest, None)

    def _say_why_it_waits(self, wait_s: float) -> None:
        if self._board.status.hold is None:
            until = self._around.clock() + wait_s
            self._board.show(hold=self._board.status.last_error, hold_until=until)

    def _delay_of(self, task: Task) -> float:
        delay = self._delays.get(task.id)
        return delay.until if delay else 0.0

    async def _send(self, task: Task) -> None:
        try:
            await self.service.ready_to_create()
        except Pan123Error as error:
            await self._take_delay(task, error)
            return
        if self._ledger.get(task.id) is task:  # neither edited nor removed while it waited
            await self._promise(task)

    async def _promise(self, task: Task) -> None:
        """Put on disk that `task` is about to be sent, and send it."""
        wants_callback = self._callback_base and not task.callback_url
        intent = move(
            task,
            TaskState.SUBMITTING,
            at=self._around.clock(),
            problem=None,
            callback_secret=self._around.new_secret() if wants_callback else "",
        )
        try:
            is_on_disk = await self._ledger.commit(intent)
        except asyncio.CancelledError:
            await self._settle(intent, TaskState.QUEUED, problem=None)
            raise
        if is_on_disk:
            # A slow disk may have used up the pause to the next link before this one is sent.
            self._next_turn = self._around.monotonic() + self.interval_s
            await self._submit(intent)
        else:
            await self._back_to_queue(intent, self._board.status.store_problem, DISK_PAUSE_S)

    async def _submit(self, intent: Task) -> None:
        try:
            task_id = await self.service.create_task(self._order_of(intent))
        except asyncio.CancelledError:
            interrupted = Problem(ProblemKind.INTERRUPTED)
            await self._settle(intent, TaskState.UNCONFIRMED, problem=interrupted)
            raise
        except Pan123Error as error:
            await self._take_refusal(intent, error)
        else:
            await self._take_task_id(intent, task_id)

    def _order_of(self, intent: Task) -> Draft:
        """Give what is sent: with a callback address of this submission's own, if one is wanted."""
        if not intent.callback_secret:
            return intent.draft
        callback_url = f"{self._callback_base}/{intent.callback_secret}"
        return replace(intent.draft, callback_url=callback_url)

    async def _take_task_id(self, intent: Task, task_id: int) -> None:
        at = self._around.clock()
        # A callback may have been faster than the answer, and left what it knows.
        latest = self._ledger.get(intent.id) or intent
        running = move(latest, TaskState.RUNNING, at=at, task_id=task_id, sent_at=at)
        await self._ledger.commit(running)
        self._delays.pop(intent.id, None)
        self._refusals_for_haste = 0
        self._breaker.record_success()
        self._board.mended()
        self._board.show(hold=None, hold_until=None)
        self._on_running(running)

    async def _take_delay(self, task: Task, error: Pan123Error) -> None:
        """Hold the queue: nothing can be sent now, and nothing was."""
        if isinstance(error, RateLimited):
            pause_s = self._slow_down()
        else:
            self._breaker.record_failure(error)
            pause_s = self._breaker.retry_after_s
        self._hold(error.problem, pause_s)
        if self._ledger.get(task.id) is task:
            await self._ledger.commit(replace(task, problem=error.problem))

    async def _take_refusal(self, intent: Task, error: Pan123Error) -> None:
        """Decide what becomes of a link whose create did not give a taskID."""
        match error:
            case TooManyTasks():
                shortest, longest = CAP_PAUSE_S
                pause_s = shortest + (longest - shortest) * self._around.random()
                await self._back_to_queue(intent, error.problem, pause_s)
            case RateLimited():
                await self._back_to_queue(intent, error.problem, self._slow_down())
            case NotReached() | TokenRefused() | AccountMissing():
                self._breaker.record_failure(error)
                await self._back_to_queue(intent, error.problem, self._breaker.retry_after_s)
            case LinkUnreadable():
                await self._try_again_or_reject(intent, error)
            case AnswerLost():
                self._breaker.record_failure(error)
                await self._settle(intent, TaskState.UNCONFIRMED, problem=error.problem)
            case BadAnswer() if error.may_have_acted:
                self._board.failed(error.problem)
                await self._settle(intent, TaskState.UNCONFIRMED, problem=error.problem)
            case ServiceError() | BadAnswer():
                self._board.failed(error.problem)
                await self._settle(intent, TaskState.REJECTED, problem=error.problem)
            case _:
                raise error

    def _slow_down(self) -> float:
        """Wait longer with each refusal in a row."""
        pause_s = backoff_s(self._refusals_for_haste, self._around.random)
        self._refusals_for_haste += 1
        return pause_s

    async def _try_again_or_reject(self, intent: Task, error: LinkUnreadable) -> None:
        tries = self._delays[intent.id].tries if intent.id in self._delays else 0
        if tries >= len(UNREADABLE_PAUSE_S):
            del self._delays[intent.id]
            await self._settle(intent, TaskState.REJECTED, problem=error.problem)
            return
        until = self._around.monotonic() + UNREADABLE_PAUSE_S[tries]
        self._delays[intent.id] = _Delay(until, tries + 1)
        await self._settle(intent, TaskState.QUEUED, problem=error.problem)

    async def _back_to_queue(self, intent: Task, problem: Problem | None, pause_s: float) -> None:
        """Keep the link queued and hold the whole queue, since the next would meet the same."""
        self._hold(problem, pause_s)
        await self._settle(intent, TaskState.QUEUED, problem=problem)

    def _hold(self, problem: Problem | None, pause_s: float) -> None:
        self._held_until = self._around.monotonic() + pause_s
        self._board.show(hold=problem, hold_until=self._around.clock() + pause_s)

    async def _settle(self, intent: Task, to: TaskState, *, problem: Problem | None) -> None:
        at = self._around.clock()
        finished_at = at if to is TaskState.REJECTED else None
        settled = move(intent, to, at=at, problem=problem, finished_at=finished_at)
        await self._ledger.commit(_without_vain_tries(settled))


def _without_vain_tries(task: Task) -> Task:
    """Keep of the tries that led back to the queue only the last outcome in the timeline.

    A link that waits for a night offline would otherwise push out all that happened before.
    """
    if task.state is not TaskState.QUEUED:
        return task
    *before, _intent, outcome = task.steps
    if [step.state for step in before[-2:]] == [TaskState.QUEUED] * 2:
        before.pop()
    return replace(task, steps=(*before, outcome))
