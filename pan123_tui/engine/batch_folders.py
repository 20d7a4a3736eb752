"""Folders for batches: each is made when its first link is to be sent."""

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
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.repository import TaskRepository

_NOT_OF_ITS_NAME = (
    *(AccountBlocked, FolderMissing, QuotaExhausted),
    *(RateLimited, ServiceUnavailable, TokenRefused),
)
"""Refusals that say nothing of a folder's name."""


class BatchFolders:
    """Makes folders below the chosen ones, each once; a link whose folder is not made waits."""

    def __init__(self, repository: TaskRepository, folders: Folders, delays: LinkDelays) -> None:
        self._repository = repository
        self._folders = folders
        self._delays = delays

    async def make(self, task: Task) -> None:
        """Make the folder of `task`, or find it, and send all its links there from now on.

        One that the service refuses lets its links wait, and no others. Raises a `Pan123Error`
        where nothing is known of the folder, and `FolderMissing` for the one above.
        """
        try:
            folder = await self._folders.find_or_make(task.subfolder, task.folder_id or ROOT_ID)
        except ServiceError as error:
            if isinstance(error, _NOT_OF_ITS_NAME):
                raise
            why = replace(error.problem, kind=ProblemKind.FOLDER_NOT_MADE)
            self._delays.delay_folder(task.folder_id, task.subfolder)
            await self._commit(task, problem=why)
        else:
            self._delays.forget_folder(task.folder_id, task.subfolder)
            await self._commit(task, folder_id=folder.id, subfolder="")

    async def _commit(self, first: Task, problem: Problem | None = None, **place: object) -> None:
        """Change all queued links that go to the folder of `first`."""
        queued = self._repository.find_by_state(TaskState.QUEUED)
        wanted = first.folder_id, first.subfolder
        same = [task for task in queued if (task.folder_id, task.subfolder) == wanted]
        if same:
            await self._repository.commit(
                *(replace(task, problem=problem, **place) for task in same)
            )
