"""What the engine tells whoever listens: immutable values, safe to hand to another thread."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.folders import FolderCache
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection


class Connection(StrEnum):
    """How the line to the service is, as far as the last requests tell."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    TROUBLE = "trouble"
    """The service answers, but not as it should."""
    REFUSED = "refused"
    """The service refuses the account; nothing is sent until that is mended."""
    NO_ACCOUNT = "no_account"


class Account(Struct, frozen=True):
    """Whose cloud drive it is; sizes in bytes."""

    uid: int
    nickname: str
    space_used: int
    space_total: int


class Status(Struct, frozen=True):
    """Everything that the status bar shows and that no single task knows."""

    connection: Connection = Connection.UNKNOWN
    account: Account | None = None
    hold: Problem | None = None
    """Why the queue waits, when it does."""
    hold_since: float | None = None
    """Since when it waits (Unix seconds)."""
    hold_until: float | None = None
    """When it tries again (Unix seconds); None: when the user has acted."""
    last_error: Problem | None = None
    """The last thing that went wrong, until the same kind of request works again."""
    last_error_at: float | None = None
    store_problem: Problem | None = None
    """Set while nothing can be saved: the tasks live in memory only."""
    notice: Problem | None = None
    """Something that the user should know once, such as a store read from its backup."""
    create_interval_s: float = 1.0
    """Seconds between two submissions."""
    polls_per_s: float = 5.0
    """The progress reads that the budget allows."""
    budget_used: float = 0.0
    """The part of it in use lately, 0–1."""
    oldest_check_at: float | None = None
    """The least recent `checked_at` among the active tasks."""


class TasksChanged(Struct, frozen=True):
    """New values of the tasks that changed, and the ids of the removed ones."""

    tasks: tuple[Task, ...] = ()
    removed: tuple[int, ...] = ()


class TasksLoaded(Struct, frozen=True):
    """All tasks at the start of a run; told once, before anything else."""

    tasks: TaskCollection
    """Never changed: whoever changes it makes a copy."""


class TasksChecked(Struct, frozen=True):
    """Active tasks that were polled and had not changed: id → Unix seconds."""

    at: Mapping[int, float] = field(default_factory=dict)


class StatusChanged(Struct, frozen=True):
    """The status bar's content changed."""

    status: Status


class FoldersChanged(Struct, frozen=True):
    """Folders were seen or used, or they are another account's now."""

    book: FolderCache


EngineEvent = TasksChanged | TasksLoaded | TasksChecked | StatusChanged | FoldersChanged


class EventListener(Protocol):
    """Receives the engine's events on the engine's loop."""

    def on_event(self, event: EngineEvent, /) -> None:
        """Handle `event` without waiting for anything."""
