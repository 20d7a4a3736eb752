"""The arrival check: looks for the file of a succeeded task in its target folder."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from msgspec import Struct

from pan123_tui.domain.arrival_check import assess_arrival, find_file, is_check_pending
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import EngineEvent, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.task import Task
from pan123_tui.engine.folder_files import PAGE_INTERVAL_S, FolderFiles
from pan123_tui.engine.ports import SYSTEM_RUNTIME, Runtime, Session
from pan123_tui.engine.task_service import TaskService

CHECK_DELAYS_S = (2.0, 20.0, 120.0)
"""Waits before each look for a file, which may appear a little after the success."""
BATCH_SIZE = 100
"""Archived tasks examined before the event loop runs something else."""


class _PendingCheck(Struct):
    folder_id: int | None
    due_at: float
    tries: int = 0


class ArrivalChecker:
    """Lists a folder once for all the tasks that wait for a file in it."""

    def __init__(
        self,
        session: Session,
        *,
        delays_s: Sequence[float] = CHECK_DELAYS_S,
        page_interval_s: float = PAGE_INTERVAL_S,
        runtime: Runtime = SYSTEM_RUNTIME,
    ) -> None:
        self._files = FolderFiles(session, page_interval_s=page_interval_s)
        self._delays_s = delays_s
        self._runtime = runtime
        self._pending: dict[int, _PendingCheck] = {}
        self._former: Iterator[Task] | None = None
        """Archived tasks of former runs that were not examined yet."""
        self._account_uid: int | None = None
        """The account in use; None: it is not known now."""
        self._wake = asyncio.Event()
        self._checked = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Schedule a check for each new success."""
        match event:
            case TasksLoaded(tasks):
                self._former = iter(tasks.archived.values())
                self._wake.set()
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._pending.pop(task_id, None)
                self._schedule(tasks)
                self._checked.set()
            case StatusChanged(status):
                self._account_uid = status.account.uid if status.account else None

    async def _schedule_former(self) -> None:
        while self._former is not None:
            batch = tuple(islice(self._former, BATCH_SIZE))
            self._schedule(batch)
            if not batch:
                self._former = None
                self._checked.set()
            await asyncio.sleep(0)

    def _schedule(self, tasks: Iterable[Task]) -> None:
        now = self._runtime.clock()
        for task in tasks:
            if not is_check_pending(task, now=now):
                self._pending.pop(task.id, None)
            elif task.id not in self._pending:
                due_at = self._runtime.monotonic() + self._delays_s[0]
                self._pending[task.id] = _PendingCheck(task.folder_id, due_at)
                self._wake.set()

    async def wait_idle(self) -> None:
        """Wait until each success was checked at least once, or turned out to have to wait."""
        while self._former or any(check.tries == 0 for check in self._pending.values()):
            self._checked.clear()
            await self._checked.wait()

    async def run(self, tasks: TaskService, /) -> None:
        """Check what is due until cancelled."""
        while True:
            self._wake.clear()
            await self._schedule_former()
            now = self._runtime.monotonic()
            due = [task_id for task_id, check in self._pending.items() if check.due_at <= now]
            if due:
                await self._check(due, tasks)
                continue
            soonest = min((check.due_at for check in self._pending.values()), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout(None if soonest is None else soonest - now):
                    await self._wake.wait()

    async def _check(self, task_ids: Iterable[int], tasks: TaskService) -> None:
        by_folder: defaultdict[int | None, list[int]] = defaultdict(list)
        for task_id in task_ids:
            task = tasks.tasks.get(task_id)
            if task is None or task.account_uid in (None, self._account_uid):
                by_folder[self._pending[task_id].folder_id].append(task_id)
            else:  # another account, or a yet unknown one, may have another file of its name
                self._postpone([task_id])
        for folder_id, wanted in by_folder.items():
            account_uid = self._account_uid
            try:
                files = await self._files.files(folder_id)
            except Pan123Error:
                self._postpone(wanted)
            else:
                if account_uid == self._account_uid:
                    await self._record_arrivals(tasks, wanted, files)
                else:
                    self._postpone(wanted)

    async def _record_arrivals(
        self, tasks: TaskService, wanted: Iterable[int], files: Sequence[FileEntry]
    ) -> None:
        for task_id in wanted:
            check, task = self._pending.get(task_id), tasks.tasks.get(task_id)
            if check is None or task is None:  # removed or retried meanwhile
                continue
            file = find_file(task, files)
            if file is None and check.tries + 1 < len(self._delays_s):
                self._postpone([task_id])
                continue
            arrival = assess_arrival(task, file, at=self._runtime.clock())
            file_id = task.file_id or (file.id if file else None)
            await tasks.update_facts(task.id, arrival=arrival, file_id=file_id)
            self._pending.pop(task.id, None)
            self._checked.set()

    def _postpone(self, task_ids: Iterable[int]) -> None:
        """Look again later: the file is not there yet, or the folder could not be read."""
        for task_id in task_ids:
            if check := self._pending.get(task_id):
                check.tries = min(check.tries + 1, len(self._delays_s) - 1)
                check.due_at = self._runtime.monotonic() + self._delays_s[check.tries]
        self._checked.set()
