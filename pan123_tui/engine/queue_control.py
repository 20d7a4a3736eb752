"""What the user does to the queue: pauses it, and moves its links."""

from collections.abc import Collection, Mapping

from pan123_tui.domain.send_queue import sent_next, with_ranks
from pan123_tui.domain.task import Task
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.repository import TaskRepository


class QueueControl:
    """Saves each wish of the user, then wakes the outbox; a repeated wish changes nothing."""

    def __init__(self, repository: TaskRepository, outbox: Outbox) -> None:
        self._repository = repository
        self._outbox = outbox

    async def set_paused(self, is_paused: bool) -> None:
        """Send nothing from now on, or go on; a link that is being sent is finished."""
        await self._repository.set_paused(is_paused)
        self._outbox.wake()

    async def send_next(self, ids: Collection[int]) -> tuple[Task, ...]:
        """Move the queued ones of `ids` to the front, and return those that moved."""
        return await self._commit(sent_next(self._unfinished, ids))

    async def set_ranks(self, ranks: Mapping[int, int]) -> tuple[Task, ...]:
        """Give queued links the ranks `ranks` (by id) and return those that had another one."""
        return await self._commit(with_ranks(self._unfinished, ranks))

    @property
    def _unfinished(self) -> Collection[Task]:
        return self._repository.tasks.unfinished.values()

    async def _commit(self, changed: tuple[Task, ...]) -> tuple[Task, ...]:
        if changed:
            await self._repository.commit(*changed)
            self._outbox.wake()
        return changed
