"""An event loop in virtual time: no selector, no threads, no waiting, the same order every time.

The libraries for this do not serve: looptime keeps real threads and cannot stop between two
callbacks; detangle is one release old and instruments every frame. The types of what is
overridden are looser than asyncio's: it is the only caller.
"""

import asyncio
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from heapq import heappop, heappush
from typing import Any

STEP_S = 1e-5
"""What a callback takes; without it, a wait that rounding has left over would never end."""


class Killed(BaseException):
    """The simulated process has died."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order of their times; a run in an executor is one more callback."""

    def __init__(self, at: float, *, delay: Callable[[], float]) -> None:
        """Start at the time `at`; `delay` draws how long a part of an executor's work takes."""
        super().__init__()
        self.faults: list[str] = []
        """What nobody has handled."""
        self.steps = 0
        self.kill_at: int | None = None
        """The step before which the process dies."""
        self.is_dead = False
        self.on_quiet: Callable[[], None] = lambda: None
        """Called before time passes, if nothing waits for an executor."""
        self._now = at
        self._delay = delay
        self._jobs = 0
        self._due: deque[asyncio.Handle] = deque()
        self._alarms: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._alarm_count = 0
        self._tasks: list[asyncio.Task[Any]] = []

    @property
    def is_quiet(self) -> bool:
        """Whether everything waits for time to pass, and nothing for an executor."""
        return not self._due and not self._jobs

    def run_until(self, when: float, is_done: Callable[[], bool] = lambda: False) -> None:
        """Run what is due up to the time `when`, or until `is_done`; raises `Killed`."""
        events._set_running_loop(self)
        try:
            while not is_done():
                if self._due:
                    self._run_one()
                    continue
                if not self._jobs:
                    self.on_quiet()
                if self._alarms and self._alarms[0][0] <= when:
                    at, _number, timer = heappop(self._alarms)
                    self._now = max(self._now, at)
                    self._due.append(timer)
                else:
                    self._now = max(self._now, when)
                    return
        finally:
            events._set_running_loop(None)

    def skip(self, seconds: float) -> None:
        """Advance the time while nothing runs, as in a suspend."""
        self._now += seconds

    def die(self) -> None:
        """Run nothing more."""
        self.is_dead = True

    def discard(self) -> None:
        """End all coroutines where they are, as the death of a process does."""
        self.die()
        events._set_running_loop(self)
        try:
            for task in self._tasks:
                coroutine = task.get_coro()
                while isinstance(coroutine, Coroutine) and _closes(coroutine):
                    pass
        finally:
            events._set_running_loop(None)
            self._due.clear()
            self._alarms.clear()

    def _run_one(self) -> None:
        handle = self._due.popleft()
        if handle.cancelled():
            return
        self.steps += 1
        self._now += STEP_S
        if self.kill_at is not None and self.steps >= self.kill_at:
            self.die()
        if self.is_dead:
            raise Killed
        handle._run()
        if self.is_dead:  # killed inside the callback
            raise Killed

    def time(self) -> float:
        return self._now

    def is_closed(self) -> bool:
        return self.is_dead

    def call_soon(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        if not self.is_dead:
            self._due.append(handle)
        return handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        alarm = asyncio.TimerHandle(when, callback, args, self, context)
        self._alarm_count += 1
        if not self.is_dead:
            heappush(self._alarms, (when, self._alarm_count, alarm))
        return alarm

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = super().create_task(coro, **options)
        self._tasks.append(task)
        if len(self._tasks) > 200:
            self._tasks = [task for task in self._tasks if not task.done()]
        return task

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        """Call `func` a little later, and tell of it a little later still."""
        outcome = self.create_future()
        self._jobs += 1

        def tell(result: object, error: Exception | None) -> None:
            self._jobs -= 1
            if outcome.cancelled():
                return
            if error is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(result)

        def work() -> None:
            result, failure = None, None
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - handed on
                failure = error
            self.call_later(self._delay(), tell, result, failure)

        self.call_later(self._delay(), work)
        return outcome

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self.is_dead and not isinstance(context.get("exception"), Killed):
            self.faults.append(f"{context.get('message')}: {context.get('exception')!r}")


class VirtualThreads(ThreadPoolExecutor):
    """Carries out on the loop, some time later, what is submitted."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(1)
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()

    def submit(self, fn: Any, /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        self._waiting.append(lambda: done.set_result(fn(*args, **options)))
        self._loop.run_in_executor(None, self._work_on)
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        while self._waiting:
            self._work_on()

    def _work_on(self) -> None:
        if self._waiting:
            self._waiting.popleft()()


def _closes(coroutine: Coroutine[Any, Any, Any]) -> bool:
    """Throw `coroutine` away; tell whether it still waits for something in a `finally`."""
    try:
        coroutine.close()
    except RuntimeError as error:
        return "ignored GeneratorExit" in str(error)
    except BaseException:  # noqa: BLE001 - nobody is left to care
        return False
    return False
