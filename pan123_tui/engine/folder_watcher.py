"""The folder watcher: looks into folders for the files of succeeded and of unconfirmed tasks."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import (
    DEFAULT_FOLDER,
    assess_arrival,
    find_file,
    find_unconfirmed,
    is_check_pending,
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
from pan123_tui.domain.folders import MAX_PAGES, ROOT_ID, FileEntry, FolderPage
from pan123_tui.domain.service_facts import find_fact
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.engine.missing_tasks import is_of_another_account
from pan123_tui.engine.ports import BackgroundWorker, CloudApi, Runtime, Session
from pan123_tui.engine.task_service import TaskService

ARRIVAL_DELAYS_S = (2.0, 20.0, 120.0)
"""Waits before each look for a file, which may appear a little after the success."""
RETRY_S = 300.0
"""Wait before the next look for an unconfirmed task where nothing could be known."""
PAGE_INTERVAL_S = 0.4
LOOK_TIMEOUT_S = 20.0
"""How long who asks waits for the result; the tasks show a later one."""
BATCH_SIZE = 100
"""Archived tasks examined before the event loop runs something else."""
_NOT_THERE = find_fact(5066, "")


class _Look(Struct):
    """The next look for the file of a task."""

    due_at: float
    """By the monotonic clock."""
    is_arrival: bool
    tries: int = 0


class FolderWatcher(BackgroundWorker):
    """Lists a folder once for all the tasks that wait for a file in it.

    It records what it finds, and leaves every decision about an unconfirmed task to the user.
    """

    def __init__(self, session: Session, *, looks_by_itself: bool, runtime: Runtime) -> None:
        self._files = _FolderFiles(session)
        self._looks_by_itself = looks_by_itself
        self._runtime = runtime
        self._looks: dict[int, _Look] = {}
        """By the task's id."""
        self._former: Iterator[Task] | None = None
        """Archived tasks of former runs that were not examined yet."""
        self._asked: set[int] = set()
        """The tasks that the user wants to be looked for now."""
        self._answered: set[int] = set()
        """The tasks that were looked for since they were asked for."""
        self._account: Account | None = None
        self._is_account_new = False
        self._wake = asyncio.Event()
        self._looked = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Plan a look for each new success, and for each unconfirmed task."""
        match event:
            case TasksLoaded(tasks):
                self._plan(tasks.unfinished.values())
                if self._looks_by_itself:
                    self._former = iter(tasks.archived.values())
                    self._wake.set()
            case TasksChanged(tasks, removed):
                self._forget(removed)
                self._plan(tasks)
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

    async def wait_idle(self) -> None:
        """Wait until each success was looked for at least once, or turned out to have to wait."""
        while self._former or any(it.is_arrival and not it.tries for it in self._looks.values()):
            self._looked.clear()
            await self._looked.wait()

    async def run(self, tasks: TaskService, /) -> None:
        """Look for what is due until cancelled."""
        while True:
            self._wake.clear()
            await self._plan_former()
            if self._is_account_new:
                self._is_account_new = False
                self._take_up_again(tasks)
            now = self._runtime.monotonic()
            if due := self._asked | {i for i, look in self._looks.items() if look.due_at <= now}:
                await self._look(due, tasks)
                continue
            soonest = min((look.due_at for look in self._looks.values()), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout(None if soonest is None else soonest - now):
                    await self._wake.wait()

    def _plan(self, tasks: Iterable[Task]) -> None:
        """Note when each of `tasks` is looked for by itself, unless that is known already."""
        if not self._looks_by_itself:
            return
        now = self._runtime.clock()
        for task in tasks:
            is_arrival = is_check_pending(task, now=now)
            at = now + ARRIVAL_DELAYS_S[0] if is_arrival else next_look_at(task)
            look = self._looks.get(task.id)
            if at is None:
                self._looks.pop(task.id, None)
            elif look is None or look.is_arrival is not is_arrival:
                due_at = self._runtime.monotonic() + max(0.0, at - now)
                self._looks[task.id] = _Look(due_at, is_arrival)
                self._wake.set()
        self._looked.set()

    async def _plan_former(self) -> None:
        while self._former is not None:
            batch = tuple(islice(self._former, BATCH_SIZE))
            self._former = self._former if batch else None
            self._plan(batch)
            await asyncio.sleep(0)

    def _take_up_again(self, tasks: TaskService) -> None:
        """Look at once for the unconfirmed tasks of the account that is in use again."""
        for task in tasks.tasks.unfinished.values():
            problem = task.arrival.problem if task.arrival else None
            if problem and problem.kind is ProblemKind.OTHER_ACCOUNT and task.id in self._looks:
                self._looks[task.id].due_at = self._runtime.monotonic()

    def _forget(self, ids: Iterable[int]) -> None:
        for task_id in ids:
            self._looks.pop(task_id, None)
            self._asked.discard(task_id)
            self._answered.discard(task_id)
        self._looked.set()

    async def _look(self, ids: Iterable[int], tasks: TaskService) -> None:
        by_folder: defaultdict[int | None, list[Task]] = defaultdict(list)
        for task_id in ids:
            task = tasks.tasks.get(task_id)
            if task is None or not (self._is_arrival(task) or is_lookable(task)):
                self._forget([task_id])
            elif task.account_uid is not None and self._account is None:
                self._postpone(task)
            elif is_of_another_account(task, self._account):  # which may have a file of its name
                await self._record_problem(tasks, task, Problem(ProblemKind.OTHER_ACCOUNT))
            else:
                by_folder[task.folder_id].append(task)
        for folder_id, wanted in by_folder.items():
            await self._look_into(folder_id, wanted, tasks)

    async def _look_into(
        self, folder_id: int | None, wanted: Sequence[Task], tasks: TaskService
    ) -> None:
        account = self._account
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
                if account == self._account:
                    await self._record(tasks, task, files, owners)
                else:
                    self._postpone(task)

    async def _record(
        self,
        tasks: TaskService,
        asked: Task,
        files: Sequence[FileEntry],
        owners: dict[int, int],
    ) -> None:
        """Record which of `files` is that of a task, and note it in `owners`."""
        task = tasks.tasks.get(asked.id)
        if task is None or task.state is not asked.state:  # removed or retried meanwhile
            self._asked.discard(asked.id)
            self._looked.set()
            return
        is_arrival = self._is_arrival(task)
        file = self._file_of(task, files, owners)
        if file is not None:
            owners[file.id] = task.id
        elif is_arrival and self._looks[task.id].tries + 1 < len(ARRIVAL_DELAYS_S):
            self._postpone(task)
            return
        self._looks.pop(task.id, None)  # the change plans the next look
        if file is not None or is_arrival or task.state is TaskState.UNCONFIRMED:
            arrival = assess_arrival(task, file, at=self._runtime.clock())
            file_id = file.id if file else task.file_id
            await tasks.update_facts(task.id, arrival=arrival, file_id=file_id)
        self._finish(task)

    async def _record_problem(self, tasks: TaskService, asked: Task, problem: Problem) -> None:
        """Record why the folder cannot be looked into, unless the file was found before."""
        task = tasks.tasks.get(asked.id)
        if task is None or task.state is not TaskState.UNCONFIRMED:
            self._postpone(asked)
            return
        self._looks.pop(task.id, None)
        if next_look_at(task) is not None:
            at = self._runtime.clock()
            check = ArrivalCheck(ArrivalStatus.NOT_FOUND, at, problem=problem)
            await tasks.update_facts(task.id, arrival=check)
        self._finish(task)

    def _postpone(self, task: Task) -> None:
        """Look again later: the file is not there yet, or nothing can be known now."""
        look = self._looks.pop(task.id, None)
        self._forget([task.id])
        if look is not None:
            look.tries = min(look.tries + 1, len(ARRIVAL_DELAYS_S) - 1)
            wait_s = ARRIVAL_DELAYS_S[look.tries] if look.is_arrival else RETRY_S
            look.due_at = self._runtime.monotonic() + wait_s
            self._looks[task.id] = look

    def _finish(self, task: Task) -> None:
        if task.id in self._asked:
            self._asked.discard(task.id)
            self._answered.add(task.id)
        self._looked.set()

    def _file_of(
        self, task: Task, files: Sequence[FileEntry], owners: dict[int, int]
    ) -> FileEntry | None:
        """Return the file of `task`; in doubt none that another task is known to have brought."""
        if self._is_arrival(task):
            return find_file(task, files)
        free = [it for it in files if owners.get(it.id, task.id) == task.id]
        is_unconfirmed = task.state is TaskState.UNCONFIRMED
        return find_unconfirmed(task, free) if is_unconfirmed else find_file(task, free)

    def _is_arrival(self, task: Task) -> bool:
        """Return whether the task is looked for by itself since it has succeeded."""
        look = self._looks.get(task.id)
        return look is not None and look.is_arrival


def _file_owners(tasks: TaskService) -> dict[int, int]:
    """Return the id of its task for each file that is known."""
    return {it.file_id: it.id for it in tasks.tasks.headers() if it.file_id is not None}


class _FolderFiles:
    """Lists the files of a whole folder, page by page within the rate."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._default_folder: int | None = None
        self._found_by: CloudApi | None = None
        """The client of the account whose folder that is."""

    async def files(self, folder_id: int | None) -> list[FileEntry]:
        """Return the files of a folder (None: the service's own); raises a `Pan123Error`."""
        if folder_id is None:
            folder_id = await self._own_folder()
        pages = [] if folder_id is None else await self._pages(folder_id)
        return [file for page in pages for file in page.files]

    async def _own_folder(self) -> int | None:
        """Return the id of the service's own folder, None if there is none yet."""
        service = self._session.service
        if self._default_folder is None or self._found_by is not service:
            folders = [it for page in await self._pages(ROOT_ID) for it in page.folders]
            found = (it.id for it in folders if it.name == DEFAULT_FOLDER)
            self._default_folder, self._found_by = next(found, None), service
        return self._default_folder

    async def _pages(self, folder_id: int) -> list[FolderPage]:
        pages: list[FolderPage] = []
        last_id: int | None = 0
        while last_id is not None and len(pages) < MAX_PAGES:
            page = await self._session.service.list_folder(folder_id, last_id)
            pages.append(page)
            last_id = page.next_id
            await asyncio.sleep(PAGE_INTERVAL_S if last_id is not None else 0)
        return pages
