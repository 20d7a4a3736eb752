"""Fetches links to the files that arrived."""

from collections.abc import Callable, Iterable

from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, RequestRejected
from pan123_tui.domain.events import Account
from pan123_tui.domain.files import DownloadLink, file_name
from pan123_tui.domain.task import Task
from pan123_tui.engine.missing_tasks import is_of_another_account
from pan123_tui.engine.ports import Session
from pan123_tui.engine.task_service import TaskService


class Files:
    """Reaches the files of tasks."""

    def __init__(
        self, session: Session, tasks: TaskService, *, account: Callable[[], Account | None]
    ) -> None:
        """`account` returns the account in use, where known."""
        self._session = session
        self._tasks = tasks
        self._account = account

    async def links(self, ids: Iterable[int]) -> tuple[DownloadLink, ...]:
        """Fetch a link to the file of each task of `ids` that exists.

        A refusal that is not about one file ends the fetching: the others would be refused too.
        """
        found: list[DownloadLink] = []
        refusal: Problem | None = None
        for task in self._known(ids):
            url, problem = "", refusal or self._why_not(task)
            if problem is None:
                try:
                    url = await self._download_url(task.file_id or 0)
                except Pan123Error as error:
                    problem = error.problem
                    refusal = None if isinstance(error, RequestRejected) else problem
            found.append(DownloadLink(task.id, file_name(task), url, problem))
        return tuple(found)

    async def _download_url(self, file_id: int) -> str:
        return await self._session.call(lambda it: it.download_url(file_id))

    def _known(self, ids: Iterable[int]) -> list[Task]:
        known = (self._tasks.tasks.get(task_id) for task_id in dict.fromkeys(ids))
        return [task for task in known if task is not None]

    def _why_not(self, task: Task) -> Problem | None:
        """Return why the file of `task` cannot be linked to; None if it can."""
        if task.file_id is None:
            return Problem(ProblemKind.FILE_UNKNOWN)
        is_strange = is_of_another_account(task, self._account())
        return Problem(ProblemKind.OTHER_ACCOUNT) if is_strange else None
