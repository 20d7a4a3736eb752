"""The connection of a screen or a command to the engine: commands down, updates up."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from itertools import count
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec import Struct

from pan123_tui.client.protocol import (
    HANDSHAKE_TIMEOUT_S,
    PROTOCOL,
    Acknowledge,
    Answer,
    Call,
    Ending,
    FrameInvalid,
    Hello,
    Ping,
    Subscribe,
    Update,
    decode_engine_message,
    decode_hello,
    read_message,
    to_frame,
    to_raw,
)
from pan123_tui.domain.commands import Command, SetVisible, StopEngine, result_type
from pan123_tui.domain.errors import (
    EngineAbsent,
    EngineIncompatible,
    EngineLost,
    EngineNotStarted,
    Problem,
    RequestRejected,
    StoreLocked,
    error_of,
)

T = TypeVar("T")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CALL_TIMEOUT_S = 60.0
"""How long to wait for an answer, including while the engine cannot be reached."""
PATIENCE_S = 3.0
"""How long an engine that has been found may take to answer at first."""
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
PING_INTERVAL_S = 3.0
MAX_PINGS = 3
"""An engine that leaves this many pings in a row unanswered is called silent."""
_NOBODY = Hello(version="")
_log = logging.getLogger(__name__)


class AttachmentState(StrEnum):
    """How a screen reaches its engine."""

    CONNECTING = "connecting"
    """No engine has answered yet."""
    ATTACHED = "attached"
    LOST = "lost"
    """The connection broke, and a new one is being tried."""
    SILENT = "silent"
    """The connection stands, but no answer comes: the engine's process may be stopped."""
    ENDED = "ended"
    """Somebody has ended the engine; the next command starts it again."""


class Attachment(Struct, frozen=True):
    """Which engine a screen is connected to, and how it is reached."""

    state: AttachmentState = AttachmentState.CONNECTING
    program: str = ""
    """The program that holds the data folder, or held it last."""
    pid: int = 0
    trouble: Problem | None = None
    """Why no engine can be reached, or that the account is not the one this shell names."""

    @property
    def is_reachable(self) -> bool:
        return self.state is AttachmentState.ATTACHED


class Connect(Protocol):
    """Opens a connection; starts the engine first if it `may_start` and nobody listens."""

    async def __call__(self, *, may_start: bool) -> Streams:
        """Connect; raises `EngineLost` or `OSError`."""


class OpenCall(Struct, eq=False):
    """A command that has no answer yet."""

    command: Command[Any]
    frame: bytes
    answer: "asyncio.Future[Answer]"

    def end(self, outcome: Answer | Exception) -> None:
        """Answer it, or fail it, unless that was done before."""
        if self.answer.done():
            return
        if isinstance(outcome, Answer):
            self.answer.set_result(outcome)
        else:
            self.answer.set_exception(outcome)


class EngineClient:
    """Keeps a connection to the engine, and restores it when it breaks."""

    def __init__(
        self,
        connect: Connect,
        *,
        wants_updates: bool = True,
        may_start: bool = True,
        may_replace: bool = True,
        check_account: Callable[[Hello], Problem | None] = lambda _engine: None,
    ) -> None:
        """Without `wants_updates` only commands go over the connection.

        Without `may_start` it starts no engine, waits for none at first, and keeps none from ending
        by itself. `may_replace`: one of another version is asked to end, so that `connect` starts
        one of this version. `check_account` returns the problem of an engine whose account is not
        this process's.
        """
        self.on_update: Callable[[], object] = lambda: None
        self.on_command_done: Callable[[], object] = lambda: None
        """Called after a command, when its updates are pending."""
        self.engine: Hello | None = None
        """The greeting of the engine in use, or of the last one."""
        self.answer = Answer(id="")
        """The latest one, which says how things are after its command."""
        self.account_trouble: Problem | None = None
        self._open_connection = connect
        self._wants_updates = wants_updates
        self._starts_engines = may_start
        self._may_replace = may_replace and may_start
        self._check_account = check_account
        self._may_start = True
        """False once somebody has ended the engine, until a command needs one."""
        self._attachment = Attachment()
        self._pending: list[Update | Attachment] = []
        self._held: list[Update] = []
        """Those that replace all tasks, some of which are still to come."""
        self._wake = asyncio.Event()
        """Ends the pause before the next try to connect."""
        self._failure: Exception | None = None
        """Why `run()` has ended."""
        self._writer: asyncio.StreamWriter | None = None
        self._ids = count()
        self._calls: dict[str, OpenCall] = {}
        self._visible = SetVisible()
        self._pings = 0

    async def run(self) -> None:
        """Stay connected; raises `EngineIncompatible`, or `EngineLost` if there is none."""
        pinging = asyncio.create_task(self._ping())
        try:
            await self._stay_connected()
        except Exception as error:
            self._failure = error
            raise
        finally:
            pinging.cancel()
            self._failure = self._failure or EngineLost()
            for opened in self._calls.values():
                opened.end(self._failure)

    def drain(self) -> list[Update | Attachment]:
        """Return what has come since the last call, for `TaskModel.apply`."""
        drained, self._pending = self._pending, []
        return drained

    async def call(self, command: Command[T]) -> T:
        """Return the result of `command`, never sent twice; `EngineLost`: nobody knows."""
        call_id = f"{next(self._ids)}"
        try:
            frame = to_frame(Call(call_id, to_raw(command)))
        except (ValueError, OverflowError) as error:
            raise RequestRejected(str(error)) from None
        opened = self._calls[call_id] = OpenCall(command, frame, asyncio.Future())
        try:
            if self._failure is not None:
                raise self._failure
            if self._writer is not None:
                self._writer.write(opened.frame)
            else:
                self._may_start = self._may_start or not isinstance(command, StopEngine)
                self._wake.set()
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return _result(await opened.answer, command)
        except TimeoutError:
            trouble = self._attachment.trouble
            raise error_of(trouble) if trouble else EngineLost() from None
        finally:
            del self._calls[call_id]
            self.on_command_done()

    @property
    def _stops(self) -> list[OpenCall]:
        """The waiting commands that end the engine."""
        return [it for it in self._calls.values() if isinstance(it.command, StopEngine)]

    def send(self, command: Command[Any]) -> None:
        """Have `command` carried out without waiting; repeat a `SetVisible` after reconnecting."""
        if isinstance(command, SetVisible):
            self._visible = command
        self._write(Call("", to_raw(command)))

    async def _stay_connected(self) -> None:
        give_up_at = time.monotonic() + (PATIENCE_S if self._starts_engines else 0.0)
        pause_s = SHORTEST_PAUSE_S
        while True:
            self._wake.clear()  # first: a command may come while this try fails
            try:
                reader = await self._connect()
            except (EngineLost, StoreLocked) as error:
                is_final = isinstance(error, EngineNotStarted | StoreLocked)
                if time.monotonic() >= give_up_at or (is_final and self.engine is None):
                    raise
                if self.engine is not None:
                    trouble = error.problem if is_final else None
                    self._publish(self._attachment.state, trouble=trouble)
            else:
                give_up_at, connected_at = math.inf, time.monotonic()
                await self._read_to_the_end(reader)
                if time.monotonic() - connected_at > LONGEST_PAUSE_S:
                    pause_s = SHORTEST_PAUSE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):  # `wait_for` may swallow a cancellation
                    await self._wake.wait()
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    async def _connect(self) -> asyncio.StreamReader:
        """Connect, say hello, and ask for what is missing; raises an `EngineError`."""
        is_only_to_end = 0 < len(self._stops) == len(self._calls)  # none is started for that
        may_start = self._starts_engines and self._may_start and not is_only_to_end
        try:
            reader, writer = await self._open_connection(may_start=may_start)
            try:
                async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                    await self._greet(reader, writer)
            except BaseException:
                writer.close()
                raise
        except EngineAbsent as error:
            for stop in self._stops:
                stop.end(error)
            raise
        except (OSError, EOFError, FrameInvalid) as error:
            raise EngineLost(str(error)) from error
        return reader

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(to_frame(Hello(keeps_engine=self._starts_engines)))
        hello = await read_message(reader, decode_hello)
        if hello.protocol == PROTOCOL:
            self._resume(hello, writer)
            return
        is_to_end = bool(self._stops)
        if is_to_end or (self._may_replace and self._may_start):
            self.engine = hello if is_to_end else self.engine
            writer.write(to_frame(Call("", to_raw(StopEngine()))))
            await reader.read()
            raise EngineLost(f"{hello.program} {hello.version} was asked to end")
        self.engine = hello
        raise EngineIncompatible(hello.version)

    def _resume(self, hello: Hello, writer: asyncio.StreamWriter) -> None:
        self.engine, self._writer = hello, writer
        self.account_trouble = self._check_account(hello)
        self._may_start, self._pings = True, 0
        if self._wants_updates:
            self._write(Subscribe())
        if self._visible.ids:
            self.send(self._visible)
        for opened in self._calls.values():
            if not opened.answer.done():
                writer.write(opened.frame)

    async def _read_to_the_end(self, reader: asyncio.StreamReader) -> None:
        try:
            await self._read(reader)
        except (OSError, EOFError) as error:
            _log.info("the engine is lost: %r", error)
            for opened in self._calls.values():
                opened.end(EngineLost())
            state = AttachmentState.LOST if self._may_start else AttachmentState.ENDED
            self._publish(state)
        except FrameInvalid as error:  # it would send it again
            raise EngineIncompatible(str(error)) from None
        finally:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            message = await read_message(reader, decode_engine_message)
            self._pings = 0
            if self._attachment.state is AttachmentState.SILENT:
                self._publish(AttachmentState.ATTACHED)
            match message:
                case Update() as update:
                    self._write(Acknowledge())
                    self._take(update)
                case Answer() as answer:
                    self.answer = answer
                    if answer.id in self._calls:
                        self._calls[answer.id].end(answer)
                case Ending():
                    self._may_start = False
                    for stop in self._stops:
                        stop.end(Answer(id=""))

    def _take(self, update: Update) -> None:
        replaces = update.is_first and self._attachment.state is not AttachmentState.CONNECTING
        if update.is_first:
            self._held.clear()
        # A screen would lose the marks of tasks that are still to come.
        is_held = (replaces or bool(self._held)) and update.remaining > 0
        self._held.append(update)
        if not is_held:
            self._pending += self._held
            self._held.clear()
            self._publish(AttachmentState.ATTACHED)

    def _write(self, message: Struct) -> None:
        if self._writer is not None:
            self._writer.write(to_frame(message))

    async def _ping(self) -> None:
        """Ask a quiet engine whether it is alive; publish that it is silent if it does not say."""
        while True:
            await asyncio.sleep(PING_INTERVAL_S)
            if self._writer is None:
                continue
            if self._pings >= MAX_PINGS:
                self._publish(AttachmentState.SILENT)
            self._pings += 1
            self._write(Ping())

    def _publish(self, state: AttachmentState, *, trouble: Problem | None = None) -> None:
        if state is AttachmentState.ATTACHED:
            trouble = self.account_trouble
        engine = self.engine or _NOBODY
        attachment = Attachment(state, engine.program, engine.pid, trouble)
        if attachment != self._attachment:
            self._attachment = attachment
            self._pending.append(attachment)
        if self._pending:
            self.on_update()


def _result(answer: Answer, command: Command[T]) -> T:
    """Return the result of `command`; raises the error that `answer` tells of."""
    if answer.failure is not None:
        raise error_of(answer.failure)
    try:
        result: T = msgspec.msgpack.decode(answer.value, type=result_type(command))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineIncompatible(str(error)) from None
    return result
