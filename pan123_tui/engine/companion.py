"""A companion: a worker beside the outbox and the poller that hears what happens."""

from collections.abc import Callable, Sequence
from typing import Protocol

from pan123_tui.domain.events import EngineEvent
from pan123_tui.engine.task_service import TaskService

Listen = Callable[[EngineEvent], None]


class Companion(Protocol):
    """Lives on the engine's loop, from its start to its stop; changes no task by itself."""

    def hear(self, event: EngineEvent, /) -> None:
        """Take note of `event`, without waiting for anything."""

    async def run(self, tasks: TaskService, /) -> None:
        """Work until cancelled."""

    async def settled(self) -> None:
        """Return when nothing that was heard or found is left to do."""


def told(listen: Listen, companions: Sequence[Companion]) -> Listen:
    """Give what tells an event to `companions` and then to `listen`."""

    def tell(event: EngineEvent) -> None:
        for companion in companions:
            companion.hear(event)
        listen(event)

    return tell
