"""The folders that links go to: one that is gone or not made yet delays only its own links."""

from collections.abc import Collection
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import (
    AccountBlocked,
    FolderMissing,
    Problem,
    ProblemKind,
    QuotaExhausted,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    TokenRefused,
)
from pan123_tui.domain.folders import ROOT_ID
from pan123_tui.domain.task import Task, TaskState, redirected
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import StatusPublisher

_NOT_OF_ITS_NAME = (
    *(AccountBlocked, FolderMissing, QuotaExhausted),
    *(RateLimited, ServiceUnavailable, TokenRefused),
)
"""Refusals that say nothing of a folder's name."""


class TargetFolders:
    """Makes the folders of batches, and publishes those that are gone until they are replaced."""

    def __init__(
        self,
        repository: TaskRepository,
        status: StatusPublisher,
        delays: LinkDelays,
        folders: Folders,
    ) -> None:
        self._folders = folders
        self._repository = repository
        self._status = status
        self._delays = delays
        self._replaced: dict[int, int | None] = {}
        """The folders that were replaced, for links that are queued for the old one later."""
        self._problems: dict[int, Problem] = {}
        """Why each missing folder is missing."""

    async def make(self, task: Task) -> None:
        """Make the folder of `task`, or find it, and send all its links there from now on.

        If the service refuses the folder, its links wait. Raises a `Pan123Error` where nothing is
        known of the folder, and `FolderMissing` for the one above.
        """
        place = task.folder_id, task.subfolder
        try:
            folder = await self._folders.find_or_make(task.subfolder, task.folder_id or ROOT_ID)
        except ServiceError as error:
            if isinstance(error, _NOT_OF_ITS_NAME):
                raise
            self._delays.delay_folder(*place)
            changes: dict[str, Any] = {
                "problem": replace(error.problem, kind=ProblemKind.FOLDER_NOT_MADE)
            }
        else:
            self._delays.forget_folder(*place)
            changes = {"problem": None, "folder_id": folder.id, "subfolder": ""}
        same = [it for it in self._queued() if (it.folder_id, it.subfolder) == place]
        if same:
            await self._repository.commit(*(replace(it, **changes) for it in same))

    async def hold(self, folder_id: int | None, problem: Problem) -> None:
        """Let all links for a folder wait, unless another folder was chosen for them."""
        if folder_id is None:
            self._delays.delay_folder(None)
        elif folder_id in self._replaced:
            await self.redirect(folder_id, self._replaced[folder_id])
        else:
            self._delays.delay_folder(folder_id)
            self._problems[folder_id] = problem
            self._folders.forget(folder_id)
            self._publish({*self._status.status.missing_folders, folder_id})
            await self.mark_links()

    async def release(self, folder_id: int | None) -> None:
        """Let the links for a folder go on, which exists, or exists again."""
        if folder_id is None:
            return
        self._folders.find_again(folder_id)
        if folder_id in self._status.status.missing_folders:
            self._publish({*self._status.status.missing_folders} - {folder_id})
            freed = [
                replace(task, problem=None)
                for task in self._queued()
                if task.folder_id == folder_id and _is_missing(task.problem)
            ]
            if freed:
                await self._repository.commit(*freed)

    async def redirect(self, folder_id: int, to: int | None) -> tuple[Task, ...]:
        """Queue the links for a folder for another one (None: the service's own)."""
        self._replaced[folder_id] = to
        self._replaced.pop(to or 0, None)
        self._delays.forget_folder(folder_id)
        self._publish({*self._status.status.missing_folders} - {folder_id})
        moved = redirected(self._queued(), folder_id, to=to)
        if moved:
            await self._repository.commit(*moved)
        return moved

    def forget_all(self) -> None:
        """Forget all folders, since another account may be in use from now on."""
        self._replaced.clear()
        self._publish(())

    def forget_unused(self, queued: Collection[Task]) -> None:
        """Forget the folders that no link is queued for any more."""
        if self._delays.has_any and not any(
            task.folder_id is None and _is_missing(task.problem) for task in queued
        ):
            self._delays.forget_folder(None)  # for none of them the reason could be said
        if missing := self._status.status.missing_folders:
            self._publish(set(missing) & {task.folder_id for task in queued})

    async def mark_links(self) -> None:
        """Say with each link why it waits, not only with the one that was refused."""
        missing = self._status.status.missing_folders
        marked = [
            replace(task, problem=self._problems[task.folder_id])
            for task in (self._queued() if missing else ())
            if task.folder_id in missing and not _is_missing(task.problem)
        ]
        if marked:
            await self._repository.commit(*marked)

    def _queued(self) -> list[Task]:
        return self._repository.find_by_state(TaskState.QUEUED)

    def _publish(self, folder_ids: Collection[int | None]) -> None:
        known = tuple(sorted(folder_id for folder_id in folder_ids if folder_id is not None))
        self._status.update(missing_folders=known)


def _is_missing(problem: Problem | None) -> bool:
    return problem is not None and problem.kind is ProblemKind.FOLDER_MISSING
