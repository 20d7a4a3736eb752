"""The bridge: the only crossing between the screen's event loop and the engine's."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field

from pan123_tui.domain.events import (
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksChecked,
    TasksLoaded,
)
from pan123_tui.domain.folders import FolderCache
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine


_log = logging.getLogger(__name__)
T = TypeVar("T")
EventListener = Callable[[EngineEvent], None]
EngineFactory = Callable[[EventListener], "Engine"]
"""Loads the tasks and makes the engine; called on the engine's thread."""


class PendingUpdates(Struct):
    """All that the engine told since the last time somebody asked, merged: the last word counts."""

    loaded: TaskCollection | None = None
    """All tasks at the start of the run, once."""
    tasks: dict[int, Task] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    checked: dict[int, float] = field(default_factory=dict)
    status: Status | None = None
    folders: FolderCache | None = None

    def add(self, event: EngineEvent) -> None:
        """Merge `event` into the news."""
        match event:
            case TasksChanged(tasks, removed):
                self.tasks.update((task.id, task) for task in tasks)
                self.removed.difference_update(task.id for task in tasks)
                self.removed.update(removed)
                for task_id in removed:
                    self.tasks.pop(task_id, None)
            case TasksLoaded(loaded):
                self.loaded = loaded
            case TasksChecked(at):
                self.checked.update(at)
            case StatusChanged(status):
                self.status = status
            case FoldersChanged(book):
                self.folders = book


class EngineBridge:
    """Commands go down and are awaited; news comes up merged, and never waits for the screen."""

    def __init__(self, open_engine: EngineFactory) -> None:
        self._open_engine = open_engine
        self._ready: Future[tuple[asyncio.AbstractEventLoop, Engine]] = Future()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._news = PendingUpdates()
        self._is_announced = False
        self._announce: Callable[[], object] = lambda: None
        self.on_command_done: Callable[[], object] = lambda: None
        """Called on the screen's loop when a command was carried out: its news is there."""

    def run(self, announce: Callable[[], object]) -> None:
        """Run the engine in this thread until `stop()`.

        `announce` is called from this thread when there is news and the last was collected.
        """
        self._announce = announce
        try:
            asyncio.run(self._run())
        except BaseException as error:
            _log.exception("the engine broke")
            if not self._ready.done():
                self._ready.set_exception(error)
            raise
        finally:
            self._ended.set()

    def drain(self) -> PendingUpdates:
        """Take the news."""
        with self._lock:
            news, self._news = self._news, PendingUpdates()
            self._is_announced = False
        return news

    async def call(self, command: Callable[["Engine"], Coroutine[Any, Any, T]]) -> T:
        """Carry out `command` on the engine's loop and give its result."""
        loop, engine = await asyncio.wrap_future(self._ready)
        answer = asyncio.run_coroutine_threadsafe(command(engine), loop)
        try:
            return await asyncio.wrap_future(answer)
        finally:
            self.on_command_done()

    def send(self, command: Callable[["Engine"], Coroutine[Any, Any, object]]) -> None:
        """Have `command` carried out without waiting; before the engine runs, do nothing."""
        if self._ready.done() and not self._ended.is_set() and self._ready.exception() is None:
            loop, engine = self._ready.result()
            asyncio.run_coroutine_threadsafe(command(engine), loop)

    def stop(self, timeout_s: float) -> bool:
        """Ask the engine to save and end, wait for it, and tell whether it has; any thread."""
        if self._ready.done() and self._ready.exception() is None and not self._ended.is_set():
            loop, engine = self._ready.result()
            loop.call_soon_threadsafe(engine.stop)
        return self._ended.wait(timeout_s)

    def save_now(self) -> None:
        """Write everything from this thread, when the engine did not end in time."""
        if self._ready.done() and self._ready.exception() is None:
            self._ready.result()[1].save_now()

    async def _run(self) -> None:
        engine = self._open_engine(self._listen)
        self._ready.set_result((asyncio.get_running_loop(), engine))
        await engine.run()

    def _listen(self, event: EngineEvent) -> None:
        with self._lock:
            self._news.add(event)
            was_announced, self._is_announced = self._is_announced, True
        if not was_announced:
            self._announce()
