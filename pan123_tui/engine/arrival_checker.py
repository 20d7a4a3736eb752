"""The arrival check: looks into the target folder after a success, without hurry."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from msgspec import Struct

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER, assess_arrival, find_file
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.folders import ROOT_ID, FileEntry, FolderPage
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.ports import SYSTEM_RUNTIME, CloudApi, Runtime, Session
from pan123_tui.engine.task_service import TaskService

CHECK_DELAYS_S = (2.0, 20.0, 120.0)
"""When to look after a success, and again: a file may show in its folder a little later."""
PAGE_INTERVAL_S = 0.4
MAX_PAGES = 300
"""A folder is read no further: 30,000 entries."""
MAX_AGE_S = 86_400.0
"""After a restart, successes older than this are not looked for."""
NOTICED_AT_ONCE = 100
"""Of thousands of former tasks; between them the engine does other things."""


class _PendingCheck(Struct):
    folder_id: int | None
    due_at: float
    looks: int = 0


class ArrivalChecker:
    """Lists a folder once for all the tasks that wait for it; progress has rates of its own."""

    def __init__(
        self,
        session: Session,
        *,
        looks_s: Sequence[float] = CHECK_DELAYS_S,
        page_interval_s: float = PAGE_INTERVAL_S,
        runtime: Runtime = SYSTEM_RUNTIME,
    ) -> None:
        self._session = session
        self._looks_s = looks_s
        self._page_interval_s = page_interval_s
        self._runtime = runtime
        self._waiting: dict[int, _PendingCheck] = {}
        self._default_folder: int | None = None
        self._former: Iterator[Task] | None = None
        """The tasks of former runs that were not noticed yet: nothing waits for them."""
        self._news = asyncio.Event()
        self._looked = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Notice the successes that nobody has looked for."""
        match event:
            case TasksLoaded(tasks):
                self._former = iter(tasks.archived.values())
                self._news.set()
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._waiting.pop(task_id, None)
                self._notice(tasks)
                self._looked.set()

    async def _notice_former(self) -> None:
        while self._former is not None:
            some = tuple(islice(self._former, NOTICED_AT_ONCE))
            self._notice(some)
            if not some:
                self._former = None
                self._looked.set()
            await asyncio.sleep(0)

    def _notice(self, tasks: Iterable[Task]) -> None:
        oldest = self._runtime.clock() - MAX_AGE_S
        for task in tasks:
            if task.state is not TaskState.SUCCEEDED or task.arrival is not None:
                self._waiting.pop(task.id, None)
            elif task.id not in self._waiting and (task.finished_at or 0) > oldest:
                due_at = self._runtime.monotonic() + self._looks_s[0]
                self._waiting[task.id] = _PendingCheck(task.folder_id, due_at)
                self._news.set()

    async def wait_idle(self) -> None:
        """Return when each success was looked for at least once."""
        while self._former or any(wait.looks == 0 for wait in self._waiting.values()):
            self._looked.clear()
            await self._looked.wait()

    async def run(self, tasks: TaskService, /) -> None:
        """Look for what is due, for ever."""
        while True:
            self._news.clear()
            await self._notice_former()
            now = self._runtime.monotonic()
            due = [task_id for task_id, wait in self._waiting.items() if wait.due_at <= now]
            if due:
                await self._look_for(due, tasks)
                continue
            soonest = min((wait.due_at for wait in self._waiting.values()), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout(None if soonest is None else soonest - now):
                    await self._news.wait()

    async def _look_for(self, task_ids: Iterable[int], tasks: TaskService) -> None:
        by_folder: defaultdict[int | None, list[int]] = defaultdict(list)
        for task_id in task_ids:
            by_folder[self._waiting[task_id].folder_id].append(task_id)
        for folder_id, wanted in by_folder.items():
            try:
                files = await self._files_of(folder_id, self._session.service)
            except Pan123Error:
                self._postpone(wanted)
            else:
                await self._tell(tasks, wanted, files)

    async def _tell(
        self, tasks: TaskService, wanted: Iterable[int], files: Sequence[FileEntry]
    ) -> None:
        for task_id in wanted:
            wait, task = self._waiting.get(task_id), tasks.tasks.get(task_id)
            if wait is None or task is None:  # removed, or retried, in the meantime
                continue
            file = find_file(task, files)
            if file is None and wait.looks + 1 < len(self._looks_s):
                self._postpone([task_id])
                continue
            arrival = assess_arrival(task, file, at=self._runtime.clock())
            file_id = task.file_id or (file.id if file else None)
            await tasks.update_facts(task.id, arrival=arrival, file_id=file_id)
            self._waiting.pop(task.id, None)
            self._looked.set()

    def _postpone(self, task_ids: Iterable[int]) -> None:
        """Look later: the file is not there yet, or the folder could not be read."""
        for task_id in task_ids:
            if wait := self._waiting.get(task_id):
                wait.looks = min(wait.looks + 1, len(self._looks_s) - 1)
                wait.due_at = self._runtime.monotonic() + self._looks_s[wait.looks]
        self._looked.set()

    async def _files_of(self, folder_id: int | None, service: CloudApi) -> list[FileEntry]:
        if folder_id is None:
            folder_id = await self._find_default_folder(service)
            if folder_id is None:
                return []
        return [file for page in await self._pages(service, folder_id) for file in page.files]

    async def _find_default_folder(self, service: CloudApi) -> int | None:
        if self._default_folder is None:
            for page in await self._pages(service, ROOT_ID):
                for folder in page.folders:
                    if folder.name == DEFAULT_FOLDER:
                        self._default_folder = folder.id
        return self._default_folder

    async def _pages(self, service: CloudApi, folder_id: int) -> list[FolderPage]:
        pages: list[FolderPage] = []
        last_id: int | None = 0
        while last_id is not None and len(pages) < MAX_PAGES:
            page = await service.list_folder(folder_id, last_id)
            pages.append(page)
            last_id = page.next_id
            await asyncio.sleep(self._page_interval_s if last_id is not None else 0)
        return pages
