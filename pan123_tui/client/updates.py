"""What an engine has told a screen since its last drain, merged so that the latest value wins."""

from enum import StrEnum

from msgspec import Struct, field

from pan123_tui.client.protocol import Update
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection


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
    """Which engine a screen is connected to, and whether it can be reached."""

    state: AttachmentState = AttachmentState.CONNECTING
    program: str = ""
    """The program that holds the data folder, or held it last."""
    pid: int = 0
    trouble: Problem | None = None
    """Why no engine can be reached, or that the account is not the one this shell names."""

    @property
    def is_reachable(self) -> bool:
        """Whether commands are carried out and rows are up to date."""
        return self.state is AttachmentState.ATTACHED


class PendingUpdates(Struct):
    """The engine's updates since the last drain, merged so that the latest value wins."""

    loaded: TaskCollection | None = None
    """Tasks that are no news: a part of those that the engine has at first."""
    is_first: bool = False
    """Whether `loaded` is the first part, which makes all former tasks void."""
    tasks: dict[int, Task] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    checked: dict[int, float] = field(default_factory=dict)
    """Task id → time of a check that changed nothing else, in Unix seconds."""
    attachment: Attachment | None = None
    """Which engine this is, if that or its reachability has changed."""
    is_complete: bool | None = None
    """Whether the engine has sent all its tasks by now."""
    status: Status | None = None
    folders: FolderTree | None = None

    def merge(self, update: Update) -> None:
        if update.is_first or (self.loaded is None and update.snapshot):
            self.loaded = TaskCollection()
        if self.loaded is not None:
            self.loaded.update(update.snapshot)
        self.is_first |= update.is_first
        self.is_complete = not update.remaining
        self.tasks.update((task.id, task) for task in update.news)
        self.removed.difference_update(task.id for task in update.news)
        self.removed.update(update.removed)
        for task_id in update.removed:
            self.tasks.pop(task_id, None)
        self.checked.update(update.checked)
        self.status = update.status or self.status
        self.folders = update.folders or self.folders
