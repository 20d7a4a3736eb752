"""Carries out the screens' commands, each once, however often it is requested."""

import asyncio
import logging
from collections.abc import Callable
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
from pan123_tui.engine.worker import EnginePort, Origin

MAX_KEPT = 256
"""How many answers are kept that no screen has taken yet."""
MAX_TASK_ID = 2**53
OnDone = Callable[["asyncio.Task[Answer]"], object]
_log = logging.getLogger(__name__)
_decode = msgspec.msgpack.Decoder(ANY_COMMAND).decode


class CommandAnswers:
    """Keeps the answer to a command until its screen has it.

    A command goes on even when its screen is gone, and a repeated one waits for the first.
    """

    def __init__(self, engine: EnginePort) -> None:
        self.engine = engine
        self._answers: dict[str, asyncio.Task[Answer]] = {}
        """By request id, oldest first."""

    def carry_out(self, call: Call, screen_id: str, on_done: OnDone) -> None:
        """Begin to carry out `call`, unless it was requested before."""
        work = self._answers.get(call.id)
        if work is None:
            origin = Origin(screen_id, call.id, is_repeated=call.is_repeated)
            work = self._answers[call.id] = asyncio.create_task(self._carry_out(call, origin))
            if len(self._answers) > MAX_KEPT:
                done = (request_id for request_id, it in self._answers.items() if it.done())
                self._answers.pop(next(done, ""), None)
        work.add_done_callback(on_done)

    def forget(self, request_id: str) -> None:
        """Forget an answer that its screen has."""
        if (work := self._answers.get(request_id)) and work.done():
            del self._answers[request_id]

    async def cancel(self) -> None:
        """Stop what is being carried out, when the engine ends."""
        for work in self._answers.values():
            work.cancel()
        await asyncio.gather(*self._answers.values(), return_exceptions=True)

    async def _carry_out(self, call: Call, origin: Origin) -> Answer:
        if self.engine.is_stopping:
            await asyncio.Event().wait()  # its screen will ask the next engine
        value, failure = to_raw(None), None
        try:
            value = to_raw(await self.engine.execute(read_command(call.command), origin))
        except Pan123Error as error:
            failure = error.problem
        except Exception as error:  # noqa: BLE001 - otherwise its screen would wait in vain
            _log.exception("a command of a screen broke")
            failure = Problem(ProblemKind.INTERNAL, repr(error))
        status = self.engine.status
        return Answer(
            id=call.id,
            value=value,
            failure=failure,
            store_problem=status.store_problem,
            is_paused=status.is_paused,
        )


def read_command(content: msgspec.Raw) -> Command[Any]:
    """Decode and check a command; raises `EngineIncompatible` or `RequestRejected`."""
    try:
        command: Command[Any] = _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineIncompatible(str(error)) from None
    try:
        _check(command)
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
