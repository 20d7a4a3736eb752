"""The commands that have not been answered yet."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.client.protocol import Answer, Call, to_raw
from pan123_tui.domain.commands import Command, StopEngine, new_request_id, result_type
from pan123_tui.domain.errors import EngineIncompatible, EngineLost, RequestRejected, error_of


class OpenCall(Struct):
    """A command that was sent, or is to be."""

    call: Call
    command: Command[Any]
    answer: "asyncio.Future[Any]"
    engine_id: str = ""
    """The engine that the command was sent to; empty: none yet."""


class OpenCalls:
    """Keeps each command until its answer is there, and sends it again on a new connection."""

    def __init__(self) -> None:
        self._by_id: dict[str, OpenCall] = {}

    @property
    def asks_to_stop(self) -> bool:
        """Whether the engine was asked to end."""
        return any(isinstance(it.command, StopEngine) for it in self._by_id.values())

    @property
    def wants_engine(self) -> bool:
        """Whether another run of the engine would carry any of them out."""
        return any(not isinstance(it.command, StopEngine) for it in self._by_id.values())

    def open(self, command: Command[Any]) -> OpenCall:
        """Add a command; raises `RequestRejected` for one that cannot be sent."""
        try:
            call = Call(new_request_id(), to_raw(command))
        except (ValueError, OverflowError) as error:
            raise RequestRejected(str(error)) from None
        opened = OpenCall(call, command, asyncio.get_running_loop().create_future())
        self._by_id[call.id] = opened
        return opened

    def close(self, opened: OpenCall) -> None:
        """Forget a command that nobody waits for."""
        self._by_id.pop(opened.call.id, None)

    def to_send(self, engine_id: str) -> Iterator[Call]:
        """Fail the commands to stop another engine than this one, and yield all others."""
        for opened in tuple(self._by_id.values()):
            is_other = opened.engine_id not in ("", engine_id)
            if is_other and isinstance(opened.command, StopEngine):
                self.close(opened)
                _fail(opened, EngineLost())
            else:
                yield self.sent(opened, engine_id)

    def sent(self, opened: OpenCall, engine_id: str) -> Call:
        """Return the message for a command that is being sent to an engine."""
        is_repeated, opened.engine_id = bool(opened.engine_id), engine_id
        return replace(opened.call, is_repeated=is_repeated)

    def take(self, answer: Answer) -> None:
        """Finish the command that `answer` belongs to."""
        opened = self._by_id.pop(answer.id, None)
        if opened is None:
            return
        if answer.failure is not None:
            _fail(opened, error_of(answer.failure))
            return
        try:
            value = msgspec.msgpack.decode(answer.value, type=result_type(opened.command))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            _fail(opened, EngineIncompatible(str(error)))
        else:
            _finish(opened, value)

    def finish_stop(self) -> None:
        """Finish the commands to stop: the engine has ended, whether or not it has answered."""
        for opened in tuple(self._by_id.values()):
            if isinstance(opened.command, StopEngine):
                self.close(opened)
                _finish(opened, None)

    def fail_all(self, error: Exception) -> None:
        """Finish all commands with an error."""
        for opened in self._by_id.values():
            _fail(opened, error)


def _finish(opened: OpenCall, value: object) -> None:
    if not opened.answer.done():
        opened.answer.set_result(value)


def _fail(opened: OpenCall, error: Exception) -> None:
    if not opened.answer.done():
        opened.answer.set_exception(error)
