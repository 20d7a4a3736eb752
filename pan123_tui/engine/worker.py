"""The engine's port inward: what its workers and the server of its screens see of it."""

from abc import abstractmethod
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from pan123_tui.domain.commands import Command
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import EngineEvent, EventListener, Status
from pan123_tui.domain.folders import FolderCache
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.repository import TaskRepository

T = TypeVar("T")


class Origin(Struct, frozen=True):
    """Where a command comes from."""

    screen_id: str = ""
    """Empty: the command comes from no screen."""
    request_id: str = ""
    """Kept with the tasks that the command adds or queues again."""
    is_repeated: bool = False
    """Whether it may already have been carried out, perhaps by an earlier run of the engine."""


LOCAL = Origin()


class EnginePort(Protocol):
    """The engine as its workers and the server of its screens see it."""

    tasks: TaskCollection
    """All tasks by id, as they are now; for reading only."""
    repository: TaskRepository

    @property
    def status(self) -> Status: ...
    @property
    def folder_cache(self) -> FolderCache: ...
    @property
    def is_stopping(self) -> bool: ...
    async def execute(self, command: Command[T], origin: Origin = LOCAL, /) -> T: ...
    async def update_facts(self, task_id: int, /, **facts: Any) -> None: ...
    def set_notice(self, problem: Problem, /) -> None: ...


class BackgroundWorker(EventListener):
    """Runs on the engine's loop while the engine does."""

    def on_event(self, event: EngineEvent, /) -> None:
        """Note what has happened, if it matters here."""

    @abstractmethod
    async def run(self, engine: EnginePort, /) -> None:
        """Work until cancelled."""

    async def wait_idle(self) -> None:
        """Wait until all work known so far is done, if the engine should not end before that."""
