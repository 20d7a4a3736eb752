"""The task service: the use cases of tasks, for the screen, other programs and the workers."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import (
    FAILED_STATES,
    RETRYABLE_STATES,
    DownloadRequest,
    Task,
    TaskState,
    reset_for_retry,
)
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import StatusPublisher


class TaskService:
    """Changes tasks on disk, then wakes the outbox and the poller where they run already."""

    def __init__(
        self, repository: TaskRepository, *, board: StatusPublisher, clock: Callable[[], float]
    ) -> None:
        self._repository = repository
        self._status = board
        self._clock = clock
        self._outbox: Outbox | None = None
        self._poller: Poller | None = None

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id, as they are now."""
        return self._repository.tasks

    @property
    def is_saved(self) -> bool:
        """Whether every change so far is on disk."""
        return self._status.status.store_problem is None

    def start(self, outbox: Outbox, poller: Poller) -> None:
        """Wake `outbox` and `poller` from now on, and have the active tasks watched."""
        self._outbox, self._poller = outbox, poller
        self._watch(self.tasks.unfinished.values())

    def set_notice(self, problem: Problem) -> None:
        """Have the user told once of something that works less well."""
        self._status.update(notice=problem)

    async def add(
        self, drafts: Iterable[DownloadRequest], *, request_id: str = ""
    ) -> tuple[Task, ...]:
        """Queue `drafts`; they are on disk when this returns (or the board warns)."""
        tasks = await self._repository.add(drafts, request_id=request_id)
        self._wake_outbox()
        return tasks

    async def retry(
        self, ids: Iterable[int], *, unconfirmed_too: bool = False, request_id: str = ""
    ) -> tuple[Task, ...]:
        """Queue failed, rejected and missing tasks again; unconfirmed ones only when told so."""
        states = RETRYABLE_STATES if unconfirmed_too else FAILED_STATES
        chosen = [t for t in map(self._repository.get, ids) if t is not None and t.state in states]
        at = self._clock()
        queued = tuple(reset_for_retry(task, at=at, request_id=request_id) for task in chosen)
        if queued:
            await self._repository.commit(*queued)
            self._wake_outbox()
        return queued

    async def edit(self, task_id: int, draft: DownloadRequest) -> Task | None:
        """Give a task that is not on its way another link, name or folder, and queue it."""
        task = self._repository.get(task_id)
        if task is None or task.state not in FAILED_STATES | {TaskState.QUEUED}:
            return None
        edited = replace(
            task,
            url=draft.url,
            name=draft.name,
            folder_id=draft.folder_id,
            callback_url=draft.callback_url,
        )
        if edited.state is not TaskState.QUEUED:
            edited = reset_for_retry(edited, at=self._clock())
        await self._repository.commit(edited)
        self._wake_outbox()
        return edited

    async def remove(self, ids: Collection[int]) -> tuple[Task, ...]:
        """Forget tasks here (the service goes on); return the forgotten ones for `restore()`."""
        removed = await self._repository.remove(ids)
        if self._poller is not None:
            self._poller.forget([task.id for task in removed])
        return removed

    async def restore(self, tasks: Sequence[Task]) -> None:
        """Take back what `remove()` returned."""
        await self._repository.restore(tasks)
        self._watch(tasks)
        self._wake_outbox()

    async def update_facts(self, task_id: int, **facts: Any) -> None:
        """Take `facts` about a task that do not move it, and ask at once how it is."""
        task = self._repository.get(task_id)
        if task is not None and (known := replace(task, **facts)) != task:
            await self._repository.commit(known)
        if task is not None and task.is_active and self._poller is not None:
            self._poller.prioritize([task_id])

    def _watch(self, tasks: Iterable[Task]) -> None:
        if self._poller is not None:
            for task in tasks:
                if task.is_active:
                    self._poller.watch(task)

    def _wake_outbox(self) -> None:
        if self._outbox is not None:
            self._outbox.wake()
