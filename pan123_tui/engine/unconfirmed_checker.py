"""Looks for the files of unconfirmed tasks, whose create may have taken effect or not."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from pan123_tui.domain.arrival_check import (
    assess_arrival,
    find_file,
    find_unconfirmed,
    is_lookable,
    next_look_at,
)
from pan123_tui.domain.errors import (
    FolderMissing,
    Pan123Error,
    Problem,
    ProblemKind,
    RequestRejected,
)
from pan123_tui.domain.events import (
    Account,
    EngineEvent,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.service_facts import find_fact
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.engine.folder_files import PAGE_INTERVAL_S, FolderFiles
from pan123_tui.engine.missing_tasks import is_of_another_account
from pan123_tui.engine.ports import SYSTEM_RUNTIME, Runtime, Session
from pan123_tui.engine.task_service import TaskService

RETRY_S = 300.0
"""Wait after a folder could not be read for a reason that passes."""
_NOT_THERE = find_fact(5066, "")
LOOK_TIMEOUT_S = 20.0
"""How long who asks waits for the result; the tasks show a later one."""


class UnconfirmedChecker:
    """Records what it finds, and leaves every decision to the user."""

    def __init__(
        self,
        session: Session,
        *,
        looks_by_itself: bool = True,
        page_interval_s: float = PAGE_INTERVAL_S,
        runtime: Runtime = SYSTEM_RUNTIME,
    ) -> None:
        self._files = FolderFiles(session, page_interval_s=page_interval_s)
        self._looks_by_itself = looks_by_itself
        self._runtime = runtime
        self._due: dict[int, float] = {}
        """When to look for the file of a task, by the monotonic clock."""
        self._asked: set[int] = set()
        """The tasks that the user wants to be looked for now."""
        self._answered: set[int] = set()
        """The tasks that were looked for since they were asked for."""
        self._account: Account | None = None
        self._is_account_new = False
        self._wake = asyncio.Event()
        self._looked = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Schedule the looks for unconfirmed tasks."""
        match event:
            case TasksLoaded(tasks):
                self._schedule(tasks.unfinished.values())
            case TasksChanged(tasks, removed):
                self._forget(removed)
                self._schedule(tasks)
            case StatusChanged(status):
                if status.account != self._account:
                    self._account, self._is_account_new = status.account, True
                    self._wake.set()

    async def look_now(self, ids: Collection[int], tasks: TaskService) -> tuple[Task, ...]:
        """Look for the files of unconfirmed tasks, and of successes without a file's id.

        Return those of them that were looked for in time, as they are then.
        """
        wanted = {i for i in ids if (task := tasks.tasks.get(i)) and is_lookable(task)}
        self._asked |= wanted
        self._answered -= wanted
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                while self._asked & wanted:
                    self._looked.clear()
                    await self._looked.wait()
        done = sorted(wanted & self._answered)
        return tuple(task for i in done if (task := tasks.tasks.get(i)) is not None)

    async def run(self, tasks: TaskService, /) -> None:
        """Look for what is due until cancelled."""
        while True:
            self._wake.clear()
            if self._is_account_new:
                self._is_account_new = False
                self._take_up_again(tasks)
            now = self._runtime.monotonic()
            if due := self._asked | {i for i, due_at in self._due.items() if due_at <= now}:
                await self._look(due, tasks)
                continue
            soonest = min(self._due.values(), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout(None if soonest is None else soonest - now):
                    await self._wake.wait()

    async def wait_idle(self) -> None:
        """Return at once: the next look may be days away."""

    def _schedule(self, tasks: Iterable[Task]) -> None:
        if not self._looks_by_itself:
            return
        for task in tasks:
            if (at := next_look_at(task)) is None:
                self._due.pop(task.id, None)
            elif task.id not in self._due:
                wait_s = max(0.0, at - self._runtime.clock())
                self._due[task.id] = self._runtime.monotonic() + wait_s
                self._wake.set()

    def _take_up_again(self, tasks: TaskService) -> None:
        """Look at once for the tasks of the account that is in use again."""
        for task in tasks.tasks.unfinished.values():
            problem = task.arrival.problem if task.arrival else None
            if problem and problem.kind is ProblemKind.OTHER_ACCOUNT and task.id in self._due:
                self._due[task.id] = self._runtime.monotonic()

    def _forget(self, ids: Iterable[int]) -> None:
        for task_id in ids:
            self._due.pop(task_id, None)
            self._asked.discard(task_id)
            self._answered.discard(task_id)
        self._looked.set()

    async def _look(self, ids: Iterable[int], tasks: TaskService) -> None:
        by_folder: defaultdict[int | None, list[Task]] = defaultdict(list)
        for task_id in ids:
            task = tasks.tasks.get(task_id)
            if task is None or not is_lookable(task):
                self._forget([task_id])
            elif task.account_uid is not None and self._account is None:
                self._postpone(task)
            elif is_of_another_account(task, self._account):
                await self._record_problem(tasks, task, Problem(ProblemKind.OTHER_ACCOUNT))
            else:
                by_folder[task.folder_id].append(task)
        for folder_id, wanted in by_folder.items():
            await self._look_into(folder_id, wanted, tasks)

    async def _look_into(
        self, folder_id: int | None, wanted: Sequence[Task], tasks: TaskService
    ) -> None:
        try:
            files = await self._files.files(folder_id)
        except (FolderMissing, RequestRejected) as error:
            problem = error.problem
            if find_fact(problem.code, problem.message) is _NOT_THERE:  # a folder is a file too
                problem = replace(problem, kind=ProblemKind.FOLDER_MISSING)
            for task in wanted:
                await self._record_problem(tasks, task, problem)
        except Pan123Error:
            for task in wanted:
                self._postpone(task)
        else:
            owners = _file_owners(tasks) if files else {}
            for task in wanted:
                await self._record(tasks, task, files, owners)

    def _postpone(self, task: Task) -> None:
        """Look again later: nothing can be known now."""
        self._forget([task.id])
        if self._looks_by_itself and next_look_at(task) is not None:
            self._due[task.id] = self._runtime.monotonic() + RETRY_S

    async def _record(
        self,
        tasks: TaskService,
        asked: Task,
        files: Sequence[FileEntry],
        owners: dict[int, int],
    ) -> None:
        """Record which of `files` is that of a task, and note it in `owners`."""
        self._due.pop(asked.id, None)  # the change schedules the next look
        task = tasks.tasks.get(asked.id)
        if task is not None and is_lookable(task):
            is_unconfirmed = task.state is TaskState.UNCONFIRMED
            free = [it for it in files if owners.get(it.id, task.id) == task.id]
            file = find_unconfirmed(task, free) if is_unconfirmed else find_file(task, free)
            if file is not None:
                owners[file.id] = task.id
            if file is not None or is_unconfirmed:
                arrival = assess_arrival(task, file, at=self._runtime.clock())
                file_id = file.id if file else task.file_id
                await tasks.update_facts(task.id, arrival=arrival, file_id=file_id)
        self._finish(asked)

    async def _record_problem(self, tasks: TaskService, asked: Task, problem: Problem) -> None:
        """Record why the folder cannot be looked into, unless the file was found before."""
        self._due.pop(asked.id, None)
        task = tasks.tasks.get(asked.id)
        if task is None or task.state is not TaskState.UNCONFIRMED:
            self._forget([asked.id])
            return
        if next_look_at(task) is not None:
            at = self._runtime.clock()
            check = ArrivalCheck(ArrivalStatus.NOT_FOUND, at, problem=problem)
            await tasks.update_facts(task.id, arrival=check)
        self._finish(task)

    def _finish(self, task: Task) -> None:
        if task.id in self._asked:
            self._asked.discard(task.id)
            self._answered.add(task.id)
        self._looked.set()


def _file_owners(tasks: TaskService) -> dict[int, int]:
    """Return the id of its task for each file that is known."""
    return {it.file_id: it.id for it in tasks.tasks.headers() if it.file_id is not None}
