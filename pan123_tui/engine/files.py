"""Fetches links to the files that arrived, renames and moves them, and checks what was done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Literal, Protocol

from msgspec.structs import replace

from pan123_tui.domain.errors import (
    InvalidResponse,
    Pan123Error,
    Problem,
    ProblemKind,
    RequestRejected,
    ResponseLost,
    ServiceUnavailable,
)
from pan123_tui.domain.events import Account
from pan123_tui.domain.files import MOVED_AT_ONCE, DownloadLink, FileChange, file_name
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.missing_tasks import is_of_another_account
from pan123_tui.engine.ports import CloudApi, Session

_UNKNOWN = Problem(ProblemKind.FILE_UNKNOWN)


class TaskFacts(Protocol):
    """The tasks, and a way to set what is known of them."""

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id."""

    async def update_facts(self, task_id: int, **facts: Any) -> None:
        """Set fields of a task that do not change its state."""


class Files:
    """Acts on the files of tasks; a change whose answer is lost is looked at, never repeated."""

    def __init__(
        self,
        session: Session,
        tasks: TaskFacts,
        *,
        account: Callable[[], Account | None] = lambda: None,
    ) -> None:
        """`account` returns the account in use, where known."""
        self._session = session
        self._tasks = tasks
        self._account = account

    async def links(self, ids: Iterable[int]) -> tuple[DownloadLink, ...]:
        """Fetch a link to the file of each of the tasks `ids` that there are.

        A refusal that is not about its file ends the fetching: it would meet the others too.
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

    async def rename(self, task_id: int, name: str) -> FileChange:
        """Rename the file of a task; raises `RequestRejected` for a name that cannot be used."""
        if not name or check_name(name).errors:
            raise RequestRejected("a name that the service does not take")
        task = self._tasks.tasks.get(task_id)
        if task is None or (problem := self._why_not(task)):
            return FileChange(task_id, is_done=False, problem=problem if task else _UNKNOWN)
        file_id = task.file_id or 0
        (change,) = await self._change(
            [task], lambda it: it.rename_file(file_id, name), "name", name
        )
        return change

    async def move(self, ids: Iterable[int], to: int) -> tuple[FileChange, ...]:
        """Move the files of the tasks `ids` that there are to the folder `to` (0: the root)."""
        tasks = self._known(ids)
        changes = [
            FileChange(task.id, is_done=False, problem=problem)
            for task in tasks
            if (problem := self._why_not(task))
        ]
        movable = [task for task in tasks if self._why_not(task) is None]
        for start in range(0, len(movable), MOVED_AT_ONCE):
            moved = movable[start : start + MOVED_AT_ONCE]
            changes += await self._move(moved, to)
        return tuple(sorted(changes, key=lambda change: change.task_id))

    async def _download_url(self, file_id: int) -> str:
        return await self._session.call(lambda it: it.download_url(file_id))

    async def _move(self, tasks: Sequence[Task], to: int) -> list[FileChange]:
        file_ids = [task.file_id or 0 for task in tasks]
        return await self._change(tasks, lambda it: it.move_files(file_ids, to), "parent_id", to)

    async def _change(
        self,
        tasks: Sequence[Task],
        call: Callable[[CloudApi], Awaitable[None]],
        field: Literal["name", "parent_id"],
        value: str | int,
    ) -> list[FileChange]:
        """Make `call`, which gives the files' `field` this value, and see what it has done."""
        problem: Problem | None = None
        try:
            await self._session.call(call)
        except Pan123Error as error:
            problem = error.problem
            if not _may_have_taken_effect(error):
                return [FileChange(it.id, is_done=False, problem=problem) for it in tasks]
        checks = (self._verify(task, field, value, problem) for task in tasks)
        return await asyncio.gather(*checks)  # a screen waits for an answer for a minute only

    async def _verify(
        self,
        task: Task,
        field: Literal["name", "parent_id"],
        value: str | int,
        problem: Problem | None,
    ) -> FileChange:
        """Ask what the file is now; without an answer believe that of the change, if any."""
        file = await self._detail(task.file_id or 0)
        is_done = None if problem else True
        if file is not None:
            is_done = getattr(file, field) == value
        if is_done or (file and problem is None):
            facts: dict[str, Any] = {}
            name = file.name if file else value
            if field == "parent_id":
                facts["folder_id"] = file.parent_id if file else value
                name = file.name if file else file_name(task)
            if name != file_name(task):
                facts["name"] = name
                facts["arrival"] = task.arrival and replace(task.arrival, name=str(name))
            await self._tasks.update_facts(task.id, **facts)
        return FileChange(task.id, is_done, file, None if is_done else problem)

    async def _detail(self, file_id: int) -> FileEntry | None:
        with suppress(Pan123Error):
            entry = await self._session.call(lambda it: it.file_detail(file_id))
            return entry if isinstance(entry, FileEntry) else None
        return None

    def _known(self, ids: Iterable[int]) -> list[Task]:
        known = (self._tasks.tasks.get(task_id) for task_id in dict.fromkeys(ids))
        return [task for task in known if task is not None]

    def _why_not(self, task: Task) -> Problem | None:
        """Return why the file of `task` cannot be acted on; None if it can."""
        if task.file_id is None:
            return _UNKNOWN
        is_strange = is_of_another_account(task, self._account())
        return Problem(ProblemKind.OTHER_ACCOUNT) if is_strange else None


def _may_have_taken_effect(error: Pan123Error) -> bool:
    if isinstance(error, InvalidResponse):
        return error.may_have_taken_effect
    return isinstance(error, ResponseLost | ServiceUnavailable)
