"""Carries out the screens' commands, and answers them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from pan123_tui.client.protocol import Answer, Call, to_raw
from pan123_tui.domain.commands import (
    ANY_COMMAND,
    Command,
    SetVisible,
    StopEngine,
)
from pan123_tui.domain.errors import (
    EngineIncompatible,
    Pan123Error,
    Problem,
    ProblemKind,
)
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.engine.engine import Engine

_log = logging.getLogger(__name__)
_decode = msgspec.msgpack.Decoder(ANY_COMMAND).decode


class CommandAnswers:
    """Carries out commands, each to its end, even when its screen is gone."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._work: set[asyncio.Task[None]] = set()
        self._is_ending = False

    def carry_out(self, call: Call, screen_id: str, answer: Callable[[Answer], object]) -> None:
        """Begin to carry out `call`, and `answer` it later; an engine that ends does neither."""
        if self._is_ending or self.engine.is_stopping:
            return
        try:
            command: Command[Any] = _decode(call.command)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            answer(Answer(id=call.id, failure=EngineIncompatible(str(error)).problem))
            return
        if isinstance(command, SetVisible):
            command = replace(command, screen_id=screen_id)
        self._is_ending = isinstance(command, StopEngine)
        work = asyncio.create_task(self._carry_out(call.id, command, answer))
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def cancel(self) -> None:
        for work in self._work:
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _carry_out(
        self, call_id: str, command: Command[Any], answer: Callable[[Answer], object]
    ) -> None:
        value, failure = to_raw(None), None
        try:
            value = to_raw(await HANDLERS[type(command)](self.engine, command))
        except Pan123Error as error:
            failure = error.problem
        except Exception as error:  # noqa: BLE001 - otherwise its screen would wait in vain
            _log.exception("a command of a screen broke")
            failure = Problem(ProblemKind.INTERNAL, repr(error))
        status = self.engine.status
        answer(
            Answer(
                id=call_id,
                value=value,
                failure=failure,
                store_problem=status.store_problem,
                is_paused=status.is_paused,
                trouble=self.engine.environment_problem,
            )
        )
