"""Push: sends messages to the user's addresses when a batch has ended or the user is needed."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from time import time

from pan123_tui.domain.batches import SETTLE_S, BatchEnds, batch_results
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import (
    ACCOUNT_CONNECTIONS,
    Connection,
    EngineEvent,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.engine.ports import BackgroundWorker
from pan123_tui.system.push import PushTrouble, message_title, send_in_thread
from pan123_tui.wording.engine import (
    push_hold_text,
    push_login_text,
    push_text,
    push_unsure_text,
)
from pan123_tui.wording.notes import batch_text

MESSAGE_INTERVAL_S = 60.0
"""Shortest time between two messages."""
HELD_FOR_S = 600.0
TRY_AGAIN_S = (30.0, 120.0)
ANSWER_TIMEOUT_S = 60.0
"""A receiver that has not answered for this long may have the message: it is not tried again."""
_NO_TROUBLE = frozenset({ProblemKind.RUNNING_LIMIT, ProblemKind.TOO_MANY_TASKS})
"""What the queue waits for when all is well."""

_log = logging.getLogger(__name__)


class PushMessages(BackgroundWorker):
    """A background worker that collects news, and sends them once a minute at most."""

    def __init__(self, addresses: Callable[[], Sequence[str]], *, profile: str = "") -> None:
        """`addresses` returns those in use, which are secrets."""
        self._addresses = addresses
        self._title = message_title(profile)
        self._send = send_in_thread
        self._batches = BatchEnds()
        self._ended: set[str] = set()
        self._unsure: set[int] = set()
        self._new_unsure: set[int] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._is_held_long = self._needs_login = self._was_login_told = False
        self._status = Status()
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def on_event(self, event: EngineEvent, /) -> None:
        match event:
            case TasksLoaded(loaded):
                self._unsure = {task.id for task in loaded if task.is_unsure}
            case TasksChanged(tasks, removed):
                unsure = {task.id for task in tasks if task.is_unsure}
                self._new_unsure |= unsure - self._unsure
                self._new_unsure.difference_update(removed)  # they may come back, but as no news
                self._unsure.difference_update(task.id for task in tasks)
                self._unsure |= unsure
            case StatusChanged(status):
                self._note_status(status)
        self._ended.update(self._batches.ended_by(event))
        if self._ended or self._new_unsure:
            self._tell()

    def _tell(self) -> None:
        if self._addresses():
            self._idle.clear()
            self._news.set()
        else:
            self._forget()

    def _forget(self) -> None:
        self._ended.clear()
        self._new_unsure.clear()
        self._is_held_long = self._needs_login = False

    def _note_status(self, status: Status) -> None:
        before, self._status = self._status, status
        if status.connection is Connection.ONLINE:
            self._was_login_told = False
        elif status.connection in ACCOUNT_CONNECTIONS and not self._was_login_told:
            self._was_login_told = self._needs_login = True
            self._tell()
        if _is_in_trouble(status) is _is_in_trouble(before):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        if _is_in_trouble(status):
            self._alarm = asyncio.get_running_loop().call_later(HELD_FOR_S, self._note_long_hold)

    def _note_long_hold(self) -> None:
        self._is_held_long = True
        self._tell()

    async def wait_idle(self) -> None:
        """Wait until everything known so far has been sent, or could not be."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send messages until cancelled; everything that happens during a pause goes into one."""
        pause_s = SETTLE_S
        while True:
            await self._news.wait()
            await asyncio.sleep(pause_s)
            self._news.clear()
            try:
                lines = self._take_lines()
                if lines and self._addresses():
                    await self._deliver("\n".join(lines))
                    pause_s = MESSAGE_INTERVAL_S
            finally:
                if not self._news.is_set():
                    self._idle.set()

    def _take_lines(self) -> list[str]:
        """Return the news that is still true, and forget all of it."""
        results = batch_results(self._batches.tasks, self._ended)
        lines = [batch_text(it, time()) for _name, it in sorted(results.items()) if not it.is_open]
        if unsure := len(self._new_unsure & self._unsure):
            lines.append(push_unsure_text(unsure))
        is_out = self._needs_login and self._status.connection in ACCOUNT_CONNECTIONS
        if is_out and self._batches.tasks.unfinished:
            lines.append(push_login_text())
        elif self._is_held_long and self._status.hold is not None and _is_in_trouble(self._status):
            lines.append(push_hold_text(self._status.hold))
        self._forget()
        return lines

    async def _deliver(self, text: str) -> None:
        """Send `text`, at most three times to an address that does not accept it."""
        left = dict(enumerate(self._addresses(), 1))
        for wait_s in (0.0, *TRY_AGAIN_S):
            await asyncio.sleep(wait_s)
            numbers = list(left)
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    troubles = await self._send(list(left.values()), self._title, text)
            except TimeoutError:
                _log.warning("push: no answer within %g s", ANSWER_TIMEOUT_S)
                return
            found = {numbers[place - 1]: failure for place, failure in troubles.items()}
            for number, failure in found.items():
                _log.warning("push: %s", push_text(failure, number))
            left = {n: left[n] for n, it in found.items() if it.trouble is PushTrouble.REFUSED}
            if not left:
                return


def _is_in_trouble(status: Status) -> bool:
    hold = status.hold
    return hold is not None and hold.kind not in _NO_TROUBLE and not status.is_paused
