"""The folders that links go to: a folder that is gone or not made yet delays only its links."""

from collections.abc import Collection, Iterable
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import (
    GENERAL_REFUSALS,
    FolderMissing,
    Problem,
    ProblemKind,
    ServiceError,
)
from pan123_tui.domain.folders import ROOT_ID
from pan123_tui.domain.task import Task
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import EventPublisher


class TargetFolders:
    """Makes the folders of batches, and publishes those that are gone until they are replaced."""

    def __init__(
        self,
        repository: TaskRepository,
        status: EventPublisher,
        delays: LinkDelays,
        folders: Folders,
    ) -> None:
        self._folders = folders
        self._repository = repository
        self._status = status
        self._delays = delays
        self._problems: dict[int, Problem] = {}
        """Why each missing folder is missing."""

    async def make(self, task: Task) -> None:
        """Make the folder of `task`, or find it, and send all its links there from now on.

        If the service refuses the folder, its links wait. Raises a `Pan123Error` if the folder's
        fate is unknown, and `FolderMissing` for the folder above it.
        """
        place = task.folder_id, task.subfolder
        try:
            folder = await self._folders.find_or_make(task.subfolder, task.folder_id or ROOT_ID)
        except ServiceError as error:
            is_above_gone = isinstance(error, FolderMissing) and task.folder_id is not None
            if is_above_gone or isinstance(error, GENERAL_REFUSALS):
                raise
            self._delays.delay_folder(*place)
            changes: dict[str, Any] = {
                "problem": replace(error.problem, kind=ProblemKind.FOLDER_NOT_MADE)
            }
        else:
            self._delays.forget_folder(*place)
            changes = {"problem": None, "folder_id": folder.id, "subfolder": ""}
        same = (it for it in self._repository.queued if (it.folder_id, it.subfolder) == place)
        await self._repository.commit(*(replace(it, **changes) for it in same))

    async def hold(self, folder_id: int | None, problem: Problem) -> None:
        """Let all links for a folder wait until another one is chosen for them."""
        self._delays.delay_folder(folder_id)
        if folder_id is not None:
            self._problems[folder_id] = problem
            self._folders.note(folder_id, is_gone=True)
            self._publish({*self._status.status.missing_folders, folder_id})
            await self.mark(self._repository.queued)

    async def release(self, folder_id: int | None) -> None:
        """Let the links for a folder that exists, or exists again, go on."""
        if folder_id is None:
            return
        self._folders.note(folder_id, is_gone=False)
        if folder_id in self._status.status.missing_folders:
            self._publish({*self._status.status.missing_folders} - {folder_id})
            freed = [
                it
                for it in self._repository.queued
                if it.folder_id == folder_id and _is_missing(it)
            ]
            await self._repository.commit(*(replace(task, problem=None) for task in freed))

    def forget_all(self) -> None:
        """Forget all folders, since from now on another account may be in use."""
        self._publish(())

    async def mark(self, queued: Collection[Task]) -> None:
        """Note with each link why it waits, and forget folders for which no link is queued."""
        if self._delays.has_any and not any(
            task.folder_id is None and _is_missing(task) for task in queued
        ):
            self._delays.forget_folder(None)  # the reason could not be shown with any of them
        if not (missing := self._status.status.missing_folders):
            return
        self._publish(set(missing) & {task.folder_id for task in queued})
        unmarked = [it for it in queued if it.folder_id in missing and not _is_missing(it)]
        await self._repository.commit(
            *(replace(it, problem=self._problems[it.folder_id or 0]) for it in unmarked)
        )

    def _publish(self, folder_ids: Iterable[int | None]) -> None:
        known = tuple(sorted(folder_id for folder_id in folder_ids if folder_id is not None))
        self._status.update(missing_folders=known)


def _is_missing(task: Task) -> bool:
    return task.problem is not None and task.problem.kind is ProblemKind.FOLDER_MISSING
