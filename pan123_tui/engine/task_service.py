"""The task service: what the background workers know of the tasks, and do to them."""

from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import StatusPublisher


class TaskService:
    """Saves what a worker has learned of a task, and publishes what the user should know."""

    def __init__(self, repository: TaskRepository, poller: Poller, status: StatusPublisher) -> None:
        self.tasks = repository.tasks
        """All tasks by id, as they are now; for reading only."""
        self.repository = repository
        self._poller = poller
        self._status = status

    def set_notice(self, problem: Problem) -> None:
        """Publish a problem that the user should know about once."""
        self._status.update(notice=problem)

    async def update_facts(self, task_id: int, **facts: Any) -> None:
        """Set fields of a task that do not change its state, and poll it at once if active."""
        task = self.repository.get(task_id)
        if task is not None and (known := replace(task, **facts)) != task:
            await self.repository.commit(known)
        if task is not None and task.is_active:
            self._poller.prioritize([task_id])
