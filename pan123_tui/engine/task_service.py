"""The task service: what can be done to tasks, for commands and the workers."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.arrival_check import confirm
from pan123_tui.domain.batches import FolderRule, folder_name
from pan123_tui.domain.commands import RetryTasks
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.send_queue import (
    Adoption,
    adopted_task,
    last_rank,
    retry_by_itself,
    sent_next,
    without_plan,
)
from pan123_tui.domain.task import (
    DownloadRequest,
    Task,
    TaskState,
    new_task,
    requests_of,
    reset_for_retry,
)
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import StatusPublisher


class TaskService:
    """Saves each change of tasks; outbox and poller hear of it as everybody does.

    A change that the disk refuses is kept in memory, and the status says so.
    """

    folder_rule = FolderRule.NONE
    """Which folders the links that are added from now on go to."""

    def __init__(
        self,
        repository: TaskRepository,
        poller: Poller,
        *,
        status: StatusPublisher,
        clock: Callable[[], float],
    ) -> None:
        self.tasks = repository.tasks
        """All tasks by id, as they are now; for reading only."""
        self.repository = repository
        self._poller = poller
        self._status = status
        self._clock = clock

    def set_notice(self, problem: Problem) -> None:
        """Publish a problem that the user should know about once."""
        self._status.update(notice=problem)

    async def add(
        self, requests: Iterable[DownloadRequest], *, request_id: str = "", batch: str = ""
    ) -> tuple[Task, ...]:
        """Queue `requests` in their order, as a batch of that label, and return their tasks."""
        wanted, at = list(requests), self._clock()
        rank = last_rank(self.tasks.unfinished.values())
        subfolder = folder_name(self.folder_rule, batch, at)
        tasks = tuple(
            new_task(
                request,
                task_id=task_id,
                at=at,
                request_id=request_id,
                batch=clean_label(batch),
                rank=rank,
                subfolder=subfolder,
            )
            for request, task_id in zip(wanted, self.repository.new_ids(len(wanted)), strict=True)
        )
        await self.repository.commit(*tasks)
        return tasks

    async def adopt(
        self, adoptions: Iterable[Adoption], *, request_id: str = "", batch: str = ""
    ) -> tuple[Task, ...]:
        """Watch what others created at the service, except what is known; return the tasks."""
        known = {task_id for task in self.tasks.values() for task_id in task.task_ids}
        unique = {it.task_id: it for it in adoptions}
        new = [it for task_id, it in unique.items() if task_id not in known]
        at, label = self._clock(), clean_label(batch)
        tasks = tuple(
            adopted_task(it, task_id=task_id, at=at, request_id=request_id, batch=label)
            for it, task_id in zip(new, self.repository.new_ids(len(new)), strict=True)
        )
        await self.repository.commit(*tasks)
        return tasks

    async def retry(
        self,
        ids: Iterable[int],
        *,
        unconfirmed_too: bool = False,
        to: int | None = None,
        request_id: str = "",
    ) -> tuple[Task, ...]:
        """Queue what has failed, is doubtful or, if `unconfirmed_too`, unsure again.

        They go to the folder `to`, queued ones too (0: the service's own); None: as before.
        """
        command = RetryTasks(unconfirmed_too=unconfirmed_too, to=to)
        moved = {} if to is None else {"folder_id": to or None, "problem": None}
        at, queued = self._clock(), list[Task]()
        for task in map(self.repository.get, ids):
            if task is None or not command.fits(task):
                continue
            wanted = replace(task, **moved)
            if task.state is TaskState.QUEUED:
                queued.append(replace(wanted, request_id=requests_of(task, request_id)))
            else:
                queued.append(reset_for_retry(wanted, at=at, request_id=request_id))
        await self.repository.commit(*queued)
        return tuple(queued)

    async def retry_by_itself(self, ids: Iterable[int]) -> None:
        """Queue those of `ids` again whose retry is planned; the user has not asked for it."""
        at = self._clock()
        await self.repository.commit(*(retry_by_itself(it, at=at) for it in self._planned(ids)))

    async def drop_retries(self, ids: Iterable[int]) -> None:
        """Retry those of `ids` by themselves no more."""
        await self.repository.commit(*map(without_plan, self._planned(ids)))

    def _planned(self, ids: Iterable[int]) -> list[Task]:
        known = map(self.repository.get, ids)
        return [task for task in known if task is not None and task.retry_at is not None]

    async def confirm(self, ids: Iterable[int], *, request_id: str = "") -> tuple[Task, ...]:
        """Mark unsure tasks as succeeded, by the user's word, and return them."""
        known = [task for task in map(self.repository.get, dict.fromkeys(ids)) if task]
        chosen = [task for task in known if task.is_unsure]
        at = self._clock()
        confirmed = tuple(confirm(task, at=at, request_id=request_id) for task in chosen)
        await self.repository.commit(*confirmed)
        return confirmed

    def find_by_request(self, request_id: str) -> tuple[Task, ...]:
        """Return the tasks that a request has added or queued, oldest first."""
        headers = self.tasks.headers()
        ids = sorted(it.id for it in headers if request_id in it.request_id.split())
        return tuple(self.tasks[task_id] for task_id in ids)

    async def edit(
        self, task_id: int, request: DownloadRequest, *, request_id: str = ""
    ) -> Task | None:
        """Change link, name, folder and callback of an editable task, and queue it.

        Return None, and change nothing, if there is no such task.
        """
        task = self.repository.get(task_id)
        if task is None or not task.is_editable:
            return None
        edited = replace(
            task,
            url=request.url,
            name=request.name,
            folder_id=request.folder_id,
            subfolder=task.subfolder if request.folder_id == task.folder_id else "",
            callback_url=request.callback_url,
            request_id=requests_of(task, request_id),
            problem=None,
        )
        if edited.state is not TaskState.QUEUED:
            edited = reset_for_retry(edited, at=self._clock(), request_id=request_id)
        await self.repository.commit(edited)
        return edited

    async def send_next(self, ids: Collection[int]) -> tuple[Task, ...]:
        """Move the queued ones of `ids` to the front, and return those that moved."""
        moved = sent_next(self.tasks.unfinished.values(), ids)
        await self.repository.commit(*moved)
        return moved

    async def update_facts(self, task_id: int, **facts: Any) -> None:
        """Set fields of a task that do not change its state, and poll it at once if active."""
        task = self.repository.get(task_id)
        if task is not None and (known := replace(task, **facts)) != task:
            await self.repository.commit(known)
        if task is not None and task.is_active:
            self._poller.prioritize([task_id])
