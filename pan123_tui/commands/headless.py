"""The engine without a screen: in this thread, until something is so or a signal comes."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from pan123_tui import collector
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.domain.errors import Problem, StoreUnwritable
from pan123_tui.domain.events import Connection, EngineEvent
from pan123_tui.domain.task import Task
from pan123_tui.wiring import Household, Listen, engine_opener, lock, open_log, prepare

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

IsDone = Callable[[Mapping[int, Task]], bool]
NO_ACCOUNT = frozenset({Connection.NO_ACCOUNT, Connection.REFUSED})
LONGEST_FAREWELL_S = 2.0
"""After a signal; then the program saves and goes, whatever hangs."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Headless:
    """Runs the engine on the household's data; `tasks` are as they were when it ended."""

    def __init__(
        self,
        household: Household,
        listen: Listen,
        *,
        program: str,
        is_done: IsDone | None = None,
    ) -> None:
        """`is_done` tells when to end by itself; None: only by a signal."""
        self.tasks: Mapping[int, Task] = {}
        self._household = household
        self._listen = listen
        self._program = program
        self._is_done = is_done
        self._changed = asyncio.Event()
        self._code = ExitCode.DONE
        self._is_leaving = False
        self._signal = 0
        self._leave: Callable[[], object] = lambda: None
        self._save: Callable[[], object] = lambda: None

    def run(self) -> ExitCode:
        """Run until it is done; raises `StoreLocked` while another process holds the data.

        Gives `ACCOUNT` where it would wait for ever, since the service refuses the account.
        """
        collector.resume()  # it may run for months
        prepare(self._household)
        with lock(self._household, program=self._program) as held:
            self._leave_on_signals()
            open_log(self._household)
            asyncio.run(self._run(held.warning))
        return self._code

    async def _run(self, warning: Problem | None) -> None:
        engine = engine_opener(self._household, warning=warning)(self._hear)
        self.tasks = engine.tasks
        self._leave = partial(asyncio.get_running_loop().call_soon_threadsafe, engine.stop)
        self._save = engine.save_now
        if self._is_leaving:
            return
        work = asyncio.create_task(engine.run())
        watch = asyncio.create_task(self._end_when_done(engine))
        try:
            await work
        finally:
            watch.cancel()

    def _hear(self, event: EngineEvent) -> None:
        self._changed.set()
        self._listen(event)

    async def _end_when_done(self, engine: "Engine") -> None:
        if self._is_done is None:
            return
        while True:
            self._changed.clear()
            if engine.status.connection in NO_ACCOUNT and not self._is_done(engine.tasks):
                self._code = ExitCode.ACCOUNT
                break
            if self._is_done(engine.tasks):
                await engine.settled()
                if self._is_done(engine.tasks):
                    break
                continue
            await self._changed.wait()
        engine.stop()

    def _leave_on_signals(self) -> None:
        """From now on a signal ends it in good order, before the engine is there too."""
        for name in _SIGNALS:
            if (number := getattr(signal, name, None)) is not None:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        if not self._is_leaving:
            self._is_leaving = True
            last_resort = threading.Timer(LONGEST_FAREWELL_S, self._go)
            last_resort.daemon = True
            last_resort.start()
        with suppress(RuntimeError):  # the loop has ended already
            self._leave()

    def _go(self) -> None:
        """Save from this thread and end at once: something hangs that should have ended."""
        with suppress(StoreUnwritable):
            self._save()
        os._exit(128 + self._signal)
