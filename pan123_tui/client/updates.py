"""What an engine has told a screen since it looked last, merged so that the latest value wins."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct, field

from pan123_tui import __version__
from pan123_tui.client.protocol import FrameInvalid, Hello, Update
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import (
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksChecked,
)
from pan123_tui.domain.folders import FolderCache
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection


class AttachmentState(StrEnum):
    """How a screen reaches its engine."""

    STARTING = "starting"
    """No engine has answered yet."""
    ATTACHED = "attached"
    LOST = "lost"
    """The connection broke, and a new one is tried."""
    SILENT = "silent"
    """The connection holds, but no answer comes: the engine's process may be stopped."""
    ENDED = "ended"
    """Somebody has ended the engine; the next command starts it again."""


class Attachment(Struct, frozen=True):
    """Which engine a screen is on, and whether that can be reached."""

    state: AttachmentState = AttachmentState.STARTING
    program: str = ""
    """The program that holds the data folder, or did last."""
    pid: int = 0
    since: float = 0.0
    """When its engine started (Unix seconds)."""
    version: str = ""
    trouble: Problem | None = None
    """Why no engine can be reached, or that it uses another account than this shell names."""

    @property
    def is_reachable(self) -> bool:
        """Whether commands are carried out and rows are up to date."""
        return self.state is AttachmentState.ATTACHED


REACHED = Attachment(AttachmentState.ATTACHED)


class PendingUpdates(Struct):
    """The engine's events since the last drain, merged so that the latest value wins."""

    loaded: TaskCollection | None = None
    """The first of all tasks."""
    tasks: dict[int, Task] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    checked: dict[int, float] = field(default_factory=dict)
    """Task id → time of a check that changed nothing else, in Unix seconds."""
    backlog: TaskCollection | None = None
    """More of `loaded`, that comes later: no news."""
    attachment: Attachment | None = None
    """Which engine this is, where that or its reach has changed."""
    is_complete: bool | None = None
    """Whether the engine has sent all its tasks by now."""
    status: Status | None = None
    folders: FolderCache | None = None

    def add(self, event: EngineEvent) -> None:
        """Merge `event`, but not `TasksLoaded`: the tasks come as a snapshot."""
        match event:
            case TasksChanged(tasks, removed):
                self.tasks.update((task.id, task) for task in tasks)
                self.removed.difference_update(task.id for task in tasks)
                self.removed.update(removed)
                for task_id in removed:
                    self.tasks.pop(task_id, None)
            case TasksChecked(at):
                self.checked.update(at)
            case StatusChanged(status):
                self.status = status
            case FoldersChanged(folders):
                self.folders = folders

    def merge(self, update: Update, *, is_trusted: bool) -> None:
        """Merge `update`; raises `FrameInvalid`, and changes nothing then.

        `is_trusted`: the engine is of this version, so its stored tasks need no check.
        """
        try:
            news = tuple(map(_decode, update.news))
            snapshot = list(map(_decode, update.snapshot))
            if not is_trusted:
                for document in update.archived.values():
                    _decode_document(document)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FrameInvalid(f"a task that cannot be read: {error}") from None
        self._merge_snapshot(snapshot, update.archived, is_first=update.is_first)
        self.is_complete = not update.remaining
        if news or update.removed:
            self.add(TasksChanged(news, update.removed))
        self.checked.update(update.checked)
        self.status = update.status or self.status
        self.folders = update.folders or self.folders

    def _merge_snapshot(
        self, tasks: list[Task], archived: Mapping[int, bytes], *, is_first: bool
    ) -> None:
        if is_first:
            self.loaded = TaskCollection(tasks, ArchivedTasks(archived))
            self.backlog = None
            self.tasks.clear()
            self.removed.clear()
            self.checked.clear()
        elif tasks or archived:
            more = self.loaded
            if more is None:
                more = self.backlog = self.backlog or TaskCollection()
            more.update(TaskCollection(tasks, ArchivedTasks(archived)))

    def replace_in(self, pending: "PendingUpdates") -> None:
        """Replace the tasks of `pending` by these, which are all tasks."""
        pending.loaded, pending.backlog = self.loaded, None
        pending.tasks, pending.removed, pending.checked = self.tasks, self.removed, self.checked
        pending.is_complete = self.is_complete
        pending.status = self.status or pending.status
        pending.folders = self.folders or pending.folders


class ReceivedUpdates:
    """The updates of an engine, with what is known of it.

    The tasks of a screen's first engine are published as they come. Those of a later one replace
    them at once, when they are complete: otherwise a screen would lose the marks of tasks that have
    not come yet.
    """

    def __init__(self) -> None:
        self.announce: Callable[[], object] = lambda: None
        """Called for the first update after each `drain()`."""
        self.attachment = Attachment()
        """What was published last."""
        self._pending = PendingUpdates()
        self._is_announced = False
        self._snapshot: PendingUpdates | None = None

    def drain(self) -> PendingUpdates:
        """Return and clear the pending updates."""
        pending, self._pending = self._pending, PendingUpdates()
        self._is_announced = False
        return pending

    def publish(self, attachment: Attachment) -> None:
        """Publish `attachment` where it has changed."""
        if attachment != self.attachment:
            self.attachment = self._pending.attachment = attachment
            self._announce()

    def take(self, update: Update, engine: Hello) -> bool:
        """Merge `update` of `engine`, and return whether the screen is up to date with it.

        Raises `FrameInvalid`, and changes nothing then.
        """
        is_trusted = engine.version == __version__
        if update.is_first:
            is_first_engine = self.attachment.state is AttachmentState.STARTING
            self._snapshot = None if is_first_engine else PendingUpdates()
        if self._snapshot is None:
            self._pending.merge(update, is_trusted=is_trusted)
        else:
            self._snapshot.merge(update, is_trusted=is_trusted)
            if update.remaining:
                return False
            self._snapshot.replace_in(self._pending)
            self._snapshot = None
        self._announce()
        return True

    def _announce(self) -> None:
        was_announced, self._is_announced = self._is_announced, True
        if not was_announced:
            self.announce()


_decode = msgspec.msgpack.Decoder(Task).decode
_decode_document = msgspec.json.Decoder(Task).decode
