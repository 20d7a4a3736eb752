"""Carries out the screens' commands, each once, however often it is requested."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from pan123_tui.client.protocol import Answer, Call, to_raw
from pan123_tui.domain.commands import (
    ANY_COMMAND,
    AddTasks,
    AdoptTasks,
    Command,
    EditTask,
    RestoreTasks,
    StopEngine,
    check_download,
)
from pan123_tui.domain.errors import (
    EngineIncompatible,
    Pan123Error,
    Problem,
    ProblemKind,
    RequestRejected,
)
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.task import UNSENT_STATES
from pan123_tui.engine.commands import HANDLERS, Origin
from pan123_tui.engine.engine import Engine

MAX_KEPT = 256
"""How many answers are kept that no screen has taken yet."""
MAX_TASK_ID = 2**53
_log = logging.getLogger(__name__)
_decode = msgspec.msgpack.Decoder(ANY_COMMAND).decode


class CommandAnswers:
    """Keeps the outcome of a command until its screen has the answer.

    A command goes on even when its screen is gone, and a repeated one waits for the first.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._work: dict[str, asyncio.Task[Any]] = {}
        """By request id, oldest first."""
        self._is_ending = False
        """Whether a screen has asked the engine to end."""

    def carry_out(self, call: Call, screen_id: str, answer: Callable[[Answer], object]) -> None:
        """Begin to carry out `call`, unless it was requested before; then `answer` it."""
        work = self._work.get(call.id)
        if work is None:
            if self._is_ending or self.engine.is_stopping:  # its screen will ask the next engine
                return
            try:
                command = read_command(call.command)
            except Pan123Error as error:
                answer(Answer(id=call.id, failure=error.problem))
                return
            self._is_ending = isinstance(command, StopEngine)
            origin = Origin(screen_id, call.id, is_repeated=call.is_repeated)
            work = self._work[call.id] = asyncio.create_task(
                HANDLERS[type(command)](self.engine, command, origin)
            )
            if len(self._work) > MAX_KEPT:
                done = (request_id for request_id, it in self._work.items() if it.done())
                self._work.pop(next(done, ""), None)
        work.add_done_callback(partial(self._finish, call.id, answer))

    def forget(self, request_id: str) -> None:
        """Forget an answer that its screen has."""
        if (work := self._work.get(request_id)) and work.done():
            del self._work[request_id]

    async def cancel(self) -> None:
        """Stop what is being carried out, when the engine ends."""
        for work in self._work.values():
            work.cancel()
        await asyncio.gather(*self._work.values(), return_exceptions=True)

    def _finish(
        self, request_id: str, answer: Callable[[Answer], object], work: "asyncio.Task[Any]"
    ) -> None:
        if work.cancelled():
            return
        value, failure = to_raw(None), None
        try:
            value = to_raw(work.result())
        except Pan123Error as error:
            failure = error.problem
        except Exception as error:  # noqa: BLE001 - otherwise its screen would wait in vain
            _log.exception("a command of a screen broke")
            failure = Problem(ProblemKind.INTERNAL, repr(error))
        status = self.engine.status
        answer(
            Answer(
                id=request_id,
                value=value,
                failure=failure,
                store_problem=status.store_problem,
                is_paused=status.is_paused,
                trouble=self.engine.environment_problem,
            )
        )


def read_command(content: msgspec.Raw) -> Command[Any]:
    """Decode and check a command; raises `EngineIncompatible` or `RequestRejected`."""
    try:
        command: Command[Any] = _decode(content)
        _check(command)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineIncompatible(str(error)) from None
    except ValueError as error:
        raise RequestRejected(str(error)) from None
    return command


def _check(command: Command[Any]) -> None:
    match command:
        case AddTasks(downloads):
            for download in downloads:
                check_download(download)
        case AdoptTasks(adoptions):
            if any(adoption.task_id < 1 for adoption in adoptions):
                raise ValueError("a taskID is a positive whole number")
        case EditTask(download=download):
            check_download(download)
        case RestoreTasks(tasks):
            for task in tasks:
                is_adopted = not task.has_link and task.state not in UNSENT_STATES
                if not 0 < task.id < MAX_TASK_ID or not (is_adopted or not check_url(task.url)):
                    raise ValueError("a task that was never here")
