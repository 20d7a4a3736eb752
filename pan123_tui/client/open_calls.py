"""The commands whose answers have not come."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.client.protocol import Call, Result
from pan123_tui.domain.commands import (
    Command,
    CreateFolder,
    MakeFolderAgain,
    StopEngine,
    result_type,
)
from pan123_tui.domain.errors import EngineIncompatible, EngineLost

_NOT_REPEATABLE = (CreateFolder, MakeFolderAgain, StopEngine)
"""What another run of the engine cannot know to be done already."""


class OpenCall(Struct):
    """A command that was asked for."""

    call: Call
    command: Command[Any]
    answer: "asyncio.Future[object]"
    engine_id: str = ""
    """The engine that it was sent to; empty: to none yet."""
    value: object = None
    after: int = 0
    """The update to wait for, once `value` is there."""


class OpenCalls:
    """Keeps each command until its answer is there, and sends it again on a new connection."""

    def __init__(self) -> None:
        self._by_id: dict[str, OpenCall] = {}

    @property
    def asks_to_stop(self) -> bool:
        """Whether the engine was asked to end."""
        return any(isinstance(it.command, StopEngine) for it in self._by_id.values())

    @property
    def only_stops(self) -> bool:
        """Whether the only commands are to stop the engine: none is started just to be stopped."""
        return self.asks_to_stop and not self.wants_engine

    @property
    def wants_engine(self) -> bool:
        """Whether another run of the engine would carry one out."""
        return any(not isinstance(it.command, StopEngine) for it in self._by_id.values())

    def open(self, call: Call, command: Command[Any]) -> OpenCall:
        """Add a command."""
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        opened = self._by_id[call.id] = OpenCall(call, command, answer)
        return opened

    def close(self, request_id: str) -> None:
        """Forget a command that nobody waits for."""
        self._by_id.pop(request_id, None)

    def to_send(self, engine_id: str) -> Iterator[Call]:
        """Fail the commands that must not be sent to this engine, and yield the others."""
        for opened in tuple(self._by_id.values()):
            is_other = opened.engine_id not in ("", engine_id)
            if is_other and isinstance(opened.command, _NOT_REPEATABLE):
                _fail(opened, EngineLost())
            else:
                yield self.sent(opened, engine_id)

    def sent(self, opened: OpenCall, engine_id: str) -> Call:
        """Return the message for a command that is being sent to an engine."""
        is_repeated, opened.engine_id = bool(opened.engine_id), engine_id
        return replace(opened.call, is_repeated=is_repeated)

    def take(self, result: Result, *, sequence: int) -> bool:
        """Take an answer, and return whether its command is finished.

        It is once its effects are among the updates, of which `sequence` is the latest.
        """
        opened = self._by_id.get(result.id)
        if opened is None:
            return True
        try:
            opened.value = msgspec.msgpack.decode(result.value, type=result_type(opened.command))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.fail(result.id, EngineIncompatible(str(error)))
            return True
        opened.after = result.after
        if result.after > sequence:
            return False
        self._finish(opened)
        return True

    def finish_until(self, sequence: int) -> Iterator[str]:
        """Finish the answered commands whose effects are there, and yield their ids."""
        for opened in tuple(self._by_id.values()):
            if opened.after and opened.after <= sequence:
                self._finish(opened)
                yield opened.call.id

    def finish_stop(self) -> None:
        """Finish the commands to stop: the engine has ended, whether or not it has answered."""
        for opened in tuple(self._by_id.values()):
            if isinstance(opened.command, StopEngine):
                self._finish(opened)

    def fail(self, request_id: str, error: Exception) -> None:
        """Finish a command with an error."""
        if opened := self._by_id.pop(request_id, None):
            _fail(opened, error)

    def fail_all(self, error: Exception) -> None:
        """Finish all commands with an error."""
        for opened in self._by_id.values():
            _fail(opened, error)

    def _finish(self, opened: OpenCall) -> None:
        self._by_id.pop(opened.call.id, None)
        if not opened.answer.done():
            opened.answer.set_result(opened.value)


def _fail(opened: OpenCall, error: Exception) -> None:
    if not opened.answer.done():
        opened.answer.set_exception(error)
