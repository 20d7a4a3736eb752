"""The events of the engine: immutable values that may cross threads."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.task import Task


class Connection(StrEnum):
    """That to the service, according to the latest requests."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    TROUBLE = "trouble"
    """The service answers, but not properly."""
    REFUSED = "refused"
    NO_ACCOUNT = "no_account"


ACCOUNT_PROBLEMS = frozenset({ProblemKind.TOKEN_REFUSED, ProblemKind.LOGIN_REFUSED})
ACCOUNT_CONNECTIONS = frozenset({Connection.NO_ACCOUNT, Connection.REFUSED})
"""Connections that only a change of account ends."""


class Account(Struct, frozen=True):
    """The account of the cloud drive; sizes in bytes."""

    uid: int
    nickname: str
    space_used: int
    space_total: int
    package_until: float | None = None
    """When the developer package ends (Unix seconds), if the service says so."""


class Status(Struct, frozen=True):
    connection: Connection = Connection.UNKNOWN
    account: Account | None = None
    hold: Problem | None = None
    hold_until: float | None = None
    """When the queue continues (Unix seconds, as all times here); None: once a download ends."""
    is_paused: bool = False
    """Whether the user has paused sending; running tasks are polled all the same."""
    refuses_names: bool = False
    """Whether links with a name wait, as the service has refused such a name."""
    missing_folders: tuple[int, ...] = ()
    last_error: Problem | None = None
    """The latest error, until a request of the same kind succeeds."""
    last_error_at: float | None = None
    store_problem: Problem | None = None
    """Set while nothing can be saved and the tasks are in memory only."""
    notice: Problem | None = None
    """What the user should be told once, such as a store restored from its backup."""
    create_interval_s: float = 1.0
    polls_per_s: float = 5.0
    looks_for_files: bool = True
    """Whether the engine looks for the file of a success without being asked."""
    settings_revision: int = 0
    listens_at: str = ""
    """The address that takes links from other programs; empty: none does."""

    @property
    def entrance_problem(self) -> Problem | None:
        """Why no links from other programs are taken, if that is the latest notice."""
        is_told = self.notice and self.notice.kind is ProblemKind.ARIA2_UNUSABLE
        return self.notice if is_told else None

    @property
    def account_variable(self) -> str:
        """The engine's environment variable whose account is refused; empty: none is."""
        known = [it for it in (self.hold, self.last_error) if it and it.kind in ACCOUNT_PROBLEMS]
        return next((it.variable for it in known if it.variable), "")


class TasksChanged(Struct, frozen=True):
    """Tasks were added or changed (their new values), or removed (their last ones, by id)."""

    tasks: tuple[Task, ...] = ()
    removed: Mapping[int, Task] = {}


class TasksLoaded(Struct, frozen=True):
    """All tasks at the start; published once, before any other event."""

    tasks: tuple[Task, ...]


class TasksChecked(Struct, frozen=True):
    """Active tasks were polled and are unchanged: id → Unix seconds."""

    at: Mapping[int, float] = field(default_factory=dict)


class StatusChanged(Struct, frozen=True):
    status: Status


class FoldersChanged(Struct, frozen=True):
    folders: FolderTree


EngineEvent = TasksChanged | TasksLoaded | TasksChecked | StatusChanged | FoldersChanged


class EventListener(Protocol):
    def on_event(self, event: EngineEvent, /) -> None:
        """Note what has happened, on the engine's loop; must not wait for anything."""
