"""What a user interface knows of the engine: commands down, merged updates up."""

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from msgspec import Struct, field

from pan123_tui.domain.commands import Command
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

T = TypeVar("T")


class AttachmentState(StrEnum):
    """How a screen reaches its engine."""

    OWN = "own"
    """The engine is in this process."""
    ATTACHED = "attached"
    LOST = "lost"
    """The connection broke, and a new one is tried."""
    FULL = "full"
    """The engine has no place for another screen, and is tried again."""
    SILENT = "silent"
    """The connection holds, but no answer comes: the engine's process may be stopped."""
    INCOMPATIBLE = "incompatible"
    """The engine does not understand this screen, which shows what is stored."""


class Attachment(Struct, frozen=True):
    """Which engine a screen is on, and whether that can be reached."""

    state: AttachmentState = AttachmentState.OWN
    program: str = ""
    """The program that holds the data folder, or did last."""
    pid: int = 0
    since: float = 0.0
    """When its engine started (Unix seconds)."""
    version: str = ""
    can_take_over: bool = False
    """Whether this process may become the holder if the user wishes."""

    @property
    def is_own(self) -> bool:
        """Whether the engine is in this process."""
        return self.state is AttachmentState.OWN

    @property
    def is_reachable(self) -> bool:
        """Whether commands are carried out and rows are up to date."""
        return self.state in (AttachmentState.OWN, AttachmentState.ATTACHED)


class PendingUpdates(Struct):
    """The engine's events since the last drain, merged so that the latest value wins."""

    loaded: TaskCollection | None = None
    """All tasks at the start of the run."""
    tasks: dict[int, Task] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    checked: dict[int, float] = field(default_factory=dict)
    """Task id → time of a check that changed nothing else, in Unix seconds."""
    backlog: TaskCollection | None = None
    """More of `loaded`, that comes later: no news."""
    attachment: Attachment | None = None
    """Which engine this is, where that or its reach has changed."""
    is_complete: bool | None = None
    """Whether an engine in another process has sent all its tasks by now."""
    status: Status | None = None
    folders: FolderCache | None = None

    def add(self, event: EngineEvent) -> None:
        """Merge `event`."""
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
            case FoldersChanged(folders):
                self.folders = folders

    def replace_in(self, pending: "PendingUpdates") -> None:
        """Replace the tasks of `pending` by these, which are all tasks."""
        pending.loaded, pending.backlog = self.loaded, None
        pending.tasks, pending.removed, pending.checked = self.tasks, self.removed, self.checked
        pending.status = self.status or pending.status
        pending.folders = self.folders or pending.folders


class UpdateBuffer:
    """Merges updates on one thread until another one takes them."""

    def __init__(self) -> None:
        self.announce: Callable[[], object] = lambda: None
        """Called for the first update after each `drain()`."""
        self._lock = threading.Lock()
        self._pending = PendingUpdates()
        self._is_announced = False

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""
        with self._lock:
            pending, self._pending = self._pending, PendingUpdates()
            self._is_announced = False
        return pending

    def merge(self, merge_into: Callable[[PendingUpdates], object]) -> None:
        """Have the pending updates changed, and announce them once until they are drained."""
        with self._lock:
            merge_into(self._pending)
            was_announced, self._is_announced = self._is_announced, True
        if not was_announced:
            self.announce()


class EngineClient(Protocol):
    """An engine, wherever it runs; the user interface knows nothing else of it.

    Every method but `run()` may be called on the screen's loop; none waits for the engine there.
    """

    on_command_done: Callable[[], object]
    """Called on the screen's loop after a command, when its updates are pending."""

    def run(self, announce: Callable[[], object]) -> None:
        """Serve in this thread until `stop()`; raises a `Pan123Error` if there is no engine.

        `announce` is called on this thread for the first update after each `drain()`.
        """

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""

    async def call(self, command: Command[T]) -> T:
        """Have `command` carried out and return its result; raises a `Pan123Error`."""

    def send(self, command: Command[Any]) -> None:
        """Have `command` carried out without waiting; do nothing unless the engine runs."""

    def stop(self, timeout_s: float) -> bool:
        """Leave from any thread; return whether `run()` ended within `timeout_s`."""

    def save_now(self) -> None:
        """Save everything from this thread, where it is this process that saves."""

    def take_over(self) -> None:
        """Become the holder of the data where `Attachment.can_take_over`; do nothing otherwise."""
