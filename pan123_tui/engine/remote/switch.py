"""The engine of a dashboard: its own, the holder's, or only what is stored."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from pan123_tui.domain.commands import Command
from pan123_tui.domain.errors import EngineIncompatible, EngineLost, StoreLocked
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.client import (
    Attachment,
    AttachmentState,
    EngineClient,
    PendingUpdates,
    UpdateBuffer,
)

T = TypeVar("T")
RELOAD_S = 5.0


class EngineParts(Struct, frozen=True):
    """What an `EngineSwitch` is built from; only `acquire` and `end_holder` may wait."""

    own: Callable[[], EngineClient]
    """Creates the client of an engine in this process."""
    attach: Callable[[], EngineClient]
    """Creates the client of the holder's engine."""
    stored: Callable[[Attachment], EngineClient]
    """Creates a client that shows what is stored while the holder does not understand."""
    acquire: Callable[[], object]
    """Acquires the lock; raises `StoreLocked`."""
    end_holder: Callable[[int], object]
    """Asks the holder to end if it has this pid, and waits for that."""


class EngineSwitch:
    """The `EngineClient` of a dashboard, which can change its engine while it is open."""

    def __init__(self, parts: EngineParts, *, refusal: StoreLocked | None = None) -> None:
        """`refusal`: another process is known to hold the lock."""
        self.on_command_done: Callable[[], object] = lambda: None
        self._parts = parts
        self._refusal = refusal
        self._is_own = refusal is None
        self._current = parts.own() if self._is_own else parts.attach()
        self._current.on_command_done = self._command_done
        self._attachment = Attachment()
        self._is_taking_over = self._is_stopping = False
        self._ended = threading.Event()

    def run(self, announce: Callable[[], object]) -> None:
        """Run one engine after the other in this thread until `stop()`.

        Raises `StoreLocked` if the holder cannot be reached at first.
        """
        try:
            while not self._is_stopping:
                self._run_one(announce)
                if not self._is_taking_over:
                    return
                self._take_over()
        finally:
            self._ended.set()

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""
        updates = self._current.drain()
        if self._is_own and updates.loaded is not None:
            updates.attachment = Attachment()
        self._attachment = updates.attachment or self._attachment
        return updates

    async def call(self, command: Command[T]) -> T:
        """Have `command` carried out and return its result; raises a `Pan123Error`."""
        return await self._current.call(command)

    def send(self, command: Command[Any]) -> None:
        """Have `command` carried out without waiting; do nothing unless an engine runs."""
        self._current.send(command)

    def stop(self, timeout_s: float) -> bool:
        """Leave from any thread; return whether `run()` ended within `timeout_s`."""
        self._is_stopping = True
        self._is_taking_over = False
        self._current.stop(0)
        return self._ended.wait(timeout_s)

    def save_now(self) -> None:
        """Save everything from this thread, where it is this process that saves."""
        self._current.save_now()

    def take_over(self) -> None:
        """Become the holder of the data, where the one before is lost or not understood."""
        if self._attachment.can_take_over and not self._is_stopping:
            self._is_taking_over = True
            self._current.stop(0)

    def _run_one(self, announce: Callable[[], object]) -> None:
        """Run the current engine, or the holder's where another process was quicker."""
        try:
            if self._is_own:
                self._parts.acquire()
        except StoreLocked as error:
            self._refusal = error
            self._use(self._parts.attach(), is_own=False)
        try:
            self._current.run(announce)
        except EngineIncompatible:
            holder = self._current.drain().attachment or self._attachment
            self._use(self._parts.stored(holder), is_own=False)
            self._current.run(announce)
        except EngineLost as error:
            if (refusal := self._refusal) is None:
                raise
            raise StoreLocked(str(refusal), pid=refusal.pid, is_silent=True) from error

    def _take_over(self) -> None:
        self._is_taking_over = False
        if self._attachment.state is AttachmentState.INCOMPATIBLE:
            self._parts.end_holder(self._attachment.pid)
        self._use(self._parts.own(), is_own=True)

    def _use(self, client: EngineClient, *, is_own: bool) -> None:
        client.on_command_done = self._command_done
        self._is_own, self._current = is_own, client

    def _command_done(self) -> None:
        self.on_command_done()


class StoredTasks:
    """The `EngineClient` of a screen that the holder does not understand: it changes nothing."""

    def __init__(
        self,
        holder: Attachment,
        *,
        load: Callable[[], TaskCollection],
        fingerprint: Callable[[], object],
        reload_s: float = RELOAD_S,
    ) -> None:
        """`load` reads the tasks again when `fingerprint` returns another value."""
        self.on_command_done: Callable[[], object] = lambda: None
        self._holder = holder
        self._load = load
        self._fingerprint = fingerprint
        self._reload_s = reload_s
        self._updates = UpdateBuffer()
        self._stopping = threading.Event()
        self._ended = threading.Event()

    def run(self, announce: Callable[[], object]) -> None:
        """Show what is stored until `stop()`; raises a `StoreError` if it cannot be read."""
        self._updates.announce = announce
        known: object = None
        try:
            while True:
                if (now := self._fingerprint()) != known:
                    known = now
                    self._publish(self._load())
                if self._stopping.wait(self._reload_s):
                    return
        finally:
            self._ended.set()

    def _publish(self, tasks: TaskCollection) -> None:
        def merge_into(pending: PendingUpdates) -> None:
            pending.loaded, pending.attachment = tasks, self._holder

        self._updates.merge(merge_into)

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""
        return self._updates.drain()

    async def call(self, command: Command[T]) -> T:
        """Raise `EngineIncompatible`."""
        raise EngineIncompatible(type(command).__name__)

    def send(self, command: Command[Any]) -> None:
        """Do nothing."""

    def stop(self, timeout_s: float) -> bool:
        """Leave from any thread; return whether `run()` ended within `timeout_s`."""
        self._stopping.set()
        return self._ended.wait(timeout_s)

    def save_now(self) -> None:
        """Do nothing: the holder saves."""

    def take_over(self) -> None:
        """Do nothing: this only shows what is stored."""
