"""An engine in another process, as the `EngineClient` of a screen."""

import asyncio
import logging
import math
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.commands import (
    Command,
    CreateFolder,
    MakeFolderAgain,
    MoveFiles,
    RenameFile,
    SetVisible,
    StopEngine,
    result_type,
)
from pan123_tui.domain.errors import (
    EngineFull,
    EngineIncompatible,
    EngineLost,
    Problem,
    RequestRejected,
    error_of,
)
from pan123_tui.engine.client import AttachmentState, PendingUpdates
from pan123_tui.engine.remote.parts import join, split
from pan123_tui.engine.remote.protocol import (
    HANDSHAKE_TIMEOUT_S,
    PING,
    PROTOCOL,
    Acknowledge,
    Call,
    Failure,
    FrameInvalid,
    Hello,
    Ping,
    Received,
    Result,
    Subscribe,
    Update,
    read_engine_message,
    read_hello,
    to_frame,
    to_raw,
)
from pan123_tui.engine.remote.updates import ReceivedUpdates, attachment_to
from pan123_tui.engine.requests import new_request_id

T = TypeVar("T")
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""Opens a connection to the engine; raises `EngineLost`, `OSError` or `TimeoutError`."""
CALL_TIMEOUT_S = 60.0
"""How long an answer is waited for, also while the engine cannot be reached."""
PATIENCE_S = 3.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
"""Pauses between two tries to reach the engine."""
PING_INTERVAL_S = 3.0
MAX_PINGS = 3
"""An engine that leaves so many in a row unanswered is called silent."""
_NOT_REPEATABLE = (CreateFolder, MakeFolderAgain, RenameFile, MoveFiles, StopEngine)
"""What another run of the engine cannot know to be done already."""
_log = logging.getLogger(__name__)


class _Pending(Struct):
    """A command whose answer has not come."""

    call: Call
    command: Command[Any]
    answer: "asyncio.Future[object]"
    engine_id: str = ""
    """The engine that it was sent to; empty: to none yet."""
    value: object = None
    after: int = 0
    """The update to wait for, once `value` is there."""


class SocketClient:
    """Keeps a connection to the engine, and brings it back where it breaks."""

    def __init__(
        self,
        connect: Connect,
        *,
        patience_s: float = PATIENCE_S,
        wants_updates: bool = True,
        is_lock_free: Callable[[], bool] = lambda: False,
    ) -> None:
        """`patience_s` is how long the engine may take until it listens at first.

        Without `wants_updates` only commands go over the socket. `is_lock_free` is called from a
        thread while the engine is lost.
        """
        self.on_command_done: Callable[[], object] = lambda: None
        self.engine: Hello | None = None
        """Who serves, or did last."""
        self.store_problem: Problem | None = None
        """Why the effects of the latest command are not on disk, if they are not."""
        self.is_paused = False
        """Whether the engine sends nothing, as of the latest command."""
        self._open_connection = connect
        self._patience_s = patience_s
        self._wants_updates = wants_updates
        self._is_lock_free = is_lock_free
        self._id = secrets.token_hex(8)
        self._updates = ReceivedUpdates()
        self._ready: Future[asyncio.AbstractEventLoop] = Future()
        self._ended = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._is_leaving = False
        self._writer: asyncio.StreamWriter | None = None
        self._pending: dict[str, _Pending] = {}
        self._visible = SetVisible()
        self._sequence = 0
        self._pings = 0
        self._has_heard = False
        """Whether the engine has sent anything on this connection but its hello."""

    def run(self, announce: Callable[[], object]) -> None:
        """Stay connected in this thread until `stop()`.

        Raises `EngineLost` or `EngineFull` if no engine takes it at first, `EngineIncompatible`.
        """
        self._updates.announce = announce
        try:
            asyncio.run(self._run())
        except BaseException as error:
            if isinstance(error, EngineIncompatible):
                self._publish(AttachmentState.INCOMPATIBLE, can_take_over=True)
            if not self._ready.done():
                self._ready.set_exception(error)
            raise
        finally:
            self._ended.set()

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""
        return self._updates.drain()

    async def call(self, command: Command[T]) -> T:
        """Have `command` carried out once and return its result.

        Raises `EngineLost` if no answer comes in time.
        """
        # A caller that gives up must not cancel what all others wait for.
        loop = await asyncio.shield(asyncio.wrap_future(self._ready))
        result = asyncio.run_coroutine_threadsafe(self._call(command), loop)
        try:
            return await asyncio.wrap_future(result)
        finally:
            self.on_command_done()

    def send(self, command: Command[Any]) -> None:
        """Have `command` carried out without waiting; what is visible also once connected."""
        if isinstance(command, SetVisible):
            self._visible = command
        if (loop := self._running()) and not self._ended.is_set():
            loop.call_soon_threadsafe(self._send, command)

    def stop(self, timeout_s: float) -> bool:
        """Leave the engine, which goes on; return whether that was done within `timeout_s`."""
        self._is_leaving = True  # also before the first connection
        if (loop := self._running()) and not self._ended.is_set() and self._stopping:
            with suppress(RuntimeError):  # the loop has ended already
                loop.call_soon_threadsafe(self._stopping.set)
        return self._ended.wait(timeout_s)

    def save_now(self) -> None:
        """Do nothing: the engine saves."""

    def take_over(self) -> None:
        """Do nothing: this is a client only."""

    def _running(self) -> asyncio.AbstractEventLoop | None:
        is_ready = self._ready.done() and self._ready.exception() is None
        return self._ready.result() if is_ready else None

    # On the loop of `run()`

    async def _run(self) -> None:
        self._stopping = asyncio.Event()
        reader = await self._connect_again(self._patience_s)
        self._ready.set_result(asyncio.get_running_loop())
        if self._is_leaving:
            self._stopping.set()
        pinging = asyncio.create_task(self._ping())
        staying = asyncio.create_task(self._stay_connected(reader))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((staying, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        pinging.cancel()
        if not staying.cancel():
            await staying
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(EngineLost("this program left the engine"))
        if self._writer is not None:
            self._writer.close()

    async def _stay_connected(self, reader: asyncio.StreamReader) -> None:
        pause_s = SHORTEST_PAUSE_S
        while True:
            self._has_heard = False
            try:
                await self._read(reader)
            except (OSError, EOFError) as error:
                _log.info("the engine is lost: %r", error)
                self._publish(AttachmentState.LOST)
            except FrameInvalid as error:  # it would send the same again
                raise EngineIncompatible(str(error)) from None
            self._disconnect()
            # An engine that ends each connection at once may do so for long.
            pause_s = SHORTEST_PAUSE_S if self._has_heard else min(LONGEST_PAUSE_S, 2 * pause_s)
            await asyncio.sleep(pause_s)
            reader = await self._connect_again()

    async def _connect_again(self, patience_s: float = math.inf) -> asyncio.StreamReader:
        """Try to connect until it works; raises an `EngineError` after `patience_s`."""
        give_up_at = time.monotonic() + patience_s
        pause_s = SHORTEST_PAUSE_S
        while True:
            try:
                return await self._connect()
            except (EngineLost, EngineFull) as error:
                if time.monotonic() >= give_up_at:
                    raise
                is_full = isinstance(error, EngineFull)
            if self._updates.state is not None:
                is_free = await asyncio.to_thread(self._is_lock_free)
                state = AttachmentState.FULL if is_full else AttachmentState.LOST
                self._publish(state, can_take_over=is_free)
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    async def _connect(self) -> asyncio.StreamReader:
        """Connect, say hello, and ask for what is missing; raises an `EngineError`."""
        try:
            reader, writer = await self._open_connection()
            try:
                async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                    await self._greet(reader, writer)
            except BaseException:
                writer.close()
                raise
        except (OSError, EOFError, TimeoutError, FrameInvalid) as error:
            raise EngineLost(str(error)) from error
        return reader

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(to_frame(Hello(id=self._id)))
        hello = await read_hello(reader)
        if hello.protocol != PROTOCOL:
            self.engine = hello
            raise EngineIncompatible(f"{hello.program} {hello.version}")
        if hello.is_full:
            raise EngineFull(hello.program)
        self._resume(hello, writer)

    def _resume(self, hello: Hello, writer: asyncio.StreamWriter) -> None:
        """Continue on a new connection where the former one broke."""
        former_id, self.engine, self._writer = self._engine_id, hello, writer
        sequence = self._sequence if former_id == hello.id else 0
        if self._wants_updates:
            writer.write(to_frame(Subscribe(hello.id, sequence)))
        if self._visible.ids:
            self._send(self._visible)
        for pending in tuple(self._pending.values()):
            is_other = pending.engine_id not in ("", hello.id)
            if is_other and isinstance(pending.command, _NOT_REPEATABLE):
                pending.answer.set_exception(EngineLost("the engine was another one"))
            else:
                self._write_call(pending)
        if sequence:  # else the first update begins a snapshot
            self._publish(AttachmentState.ATTACHED)

    @property
    def _engine_id(self) -> str:
        return self.engine.id if self.engine else ""

    def _disconnect(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            message = await read_engine_message(reader)
            self._pings, self._has_heard = 0, True
            if self._updates.state is AttachmentState.SILENT:
                self._publish(AttachmentState.ATTACHED)
            match message:
                case Update() as update:
                    self._take(update)
                case Result() as result:
                    self._on_result(result)
                case Failure(request_id, problem):
                    self._finish(request_id, error=error_of(problem))

    def _take(self, update: Update) -> None:
        assert self.engine is not None  # noqa: S101 - it has said hello
        self._updates.take(update, self.engine)
        self._sequence = update.sequence
        self._write(Acknowledge(update.sequence))
        for pending in tuple(self._pending.values()):
            if pending.after and pending.after <= update.sequence:
                self._finish(pending.call.id, value=pending.value)

    def _on_result(self, result: Result) -> None:
        """Finish a command once its effects are among the updates."""
        pending = self._pending.get(result.id)
        if pending is None:
            self._write(Received(result.id))
            return
        try:
            pending.value = msgspec.msgpack.decode(result.value, type=result_type(pending.command))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._finish(result.id, error=EngineIncompatible(str(error)))
            return
        self.store_problem, self.is_paused = result.store_problem, result.is_paused
        pending.after = result.after
        if result.after <= self._sequence:
            self._finish(result.id, value=pending.value)

    def _finish(
        self, request_id: str, *, value: object = None, error: Exception | None = None
    ) -> None:
        self._write(Received(request_id))
        pending = self._pending.pop(request_id, None)
        if pending is None or pending.answer.done():
            return
        if error is None:
            pending.answer.set_result(value)
        else:
            pending.answer.set_exception(error)

    async def _call(self, command: Command[T]) -> T:
        """Ask for `command`, in parts where it or its result would be too large for a frame."""
        try:
            parts = split(command)
            calls = [Call(new_request_id(), to_raw(part)) for part in parts]
        except (UnicodeEncodeError, OverflowError) as error:
            raise RequestRejected(str(error)) from None
        results = [await self._ask(call, part) for call, part in zip(calls, parts, strict=True)]
        return cast("T", results[0] if len(results) == 1 else join(results))

    async def _ask(self, call: Call, command: Command[Any]) -> object:
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        pending = self._pending[call.id] = _Pending(call, command, answer)
        if self._writer is not None:
            self._write_call(pending)
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await answer
        except TimeoutError:
            raise EngineLost("no answer in time") from None
        finally:
            self._pending.pop(call.id, None)

    def _send(self, command: Command[Any]) -> None:
        if self._writer is not None:
            self._write(Call(new_request_id(), to_raw(command)))

    def _write_call(self, pending: _Pending) -> None:
        is_repeated, pending.engine_id = bool(pending.engine_id), self._engine_id
        self._write(replace(pending.call, is_repeated=is_repeated))

    def _write(self, message: Struct) -> None:
        if self._writer is not None:
            self._writer.write(to_frame(message))

    async def _ping(self) -> None:
        """Ask an engine that says nothing whether it is alive, and publish that it is silent."""
        while True:
            await asyncio.sleep(PING_INTERVAL_S)
            if self._writer is None or self.engine is None or PING not in self.engine.capabilities:
                continue
            if self._pings >= MAX_PINGS:
                self._publish(AttachmentState.SILENT)
            self._pings += 1
            self._write(Ping())

    def _publish(self, state: AttachmentState, *, can_take_over: bool = False) -> None:
        if self.engine is not None:
            self._updates.publish(attachment_to(self.engine, state, can_take_over=can_take_over))
