"""The folder watcher: looks into folders for the files of succeeded and of unsure tasks."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import (
    DEFAULT_FOLDER,
    assess_arrival,
    find_file,
    find_unsure,
    is_check_pending,
    is_lookable,
    next_look_at,
    was_found,
)
from pan123_tui.domain.errors import (
    FolderMissing,
    Pan123Error,
    Problem,
    ProblemKind,
    RequestRejected,
)
from pan123_tui.domain.events import (
    Connection,
    EngineEvent,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import ROOT_ID, FileEntry
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.ports import BackgroundWorker, wait_at_most
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker, attempt

ARRIVAL_DELAYS_S = (2.0, 20.0, 120.0)
"""Waits before each look for a file, which may appear some time after the success."""
RETRY_S = 300.0
"""Wait before a later look after one that could tell nothing."""
LOOK_TIMEOUT_S = 20.0
"""How long a caller waits for the result; if it comes later, the tasks show it."""
_WITHOUT_A_REASON = (Connection.UNKNOWN, Connection.ONLINE)


class _Look(Struct):
    """The next look for the file of a task."""

    due_at: float
    """When it is due, by the monotonic clock."""
    is_arrival: bool
    waits: int = 0
    """How often it was put off."""
    tries: int = 0
    """How often the folder was read without the file being there."""


class FolderWatcher(BackgroundWorker):
    """Lists a folder once for all tasks that wait for a file in it.

    It records what it finds, but leaves every decision on an unsure task to the user.
    """

    looks_by_itself = False
    """Whether it looks without being asked; once this has changed, it gets the tasks again."""

    def __init__(
        self, repository: TaskRepository, breaker: CircuitBreaker, folders: Folders
    ) -> None:
        self._repository, self._folders = repository, folders
        self._status, self._runtime = breaker.status, breaker.runtime
        self._looks: dict[int, _Look] = {}
        """By the task's id."""
        self._uid: int | None = None
        """The account in use, if known."""
        self._has_connected = asyncio.Event()
        """Whether the account is known, or why it is not."""
        self._recording = asyncio.Lock()
        """Held while recording, so that the owner of each file is known."""
        self._wake = asyncio.Event()
        self._looked = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Plan a look for each new success, and for each unconfirmed task."""
        match event:
            case TasksLoaded(loaded):
                self._looks.clear()
                self._plan(loaded)
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._looks.pop(task_id, None)
                self._plan(tasks)
            case StatusChanged(status):
                uid = status.account.uid if status.account else None
                if uid != self._uid:
                    for look in self._looks.values():  # nobody could look for some of them
                        look.due_at = self._runtime.monotonic()
                        look.waits = look.tries = 0
                    self._wake.set()
                self._uid = uid
                if status.account or status.connection not in _WITHOUT_A_REASON:
                    self._has_connected.set()
                else:
                    self._has_connected.clear()

    async def look_now(self, ids: Iterable[int]) -> tuple[Task, ...]:
        """Look for the files of unsure tasks, and of successes without a file's id.

        Return the tasks that were looked for in time, as they are by then.
        """
        until = asyncio.get_running_loop().time() + LOOK_TIMEOUT_S
        await wait_at_most(LOOK_TIMEOUT_S, self._has_connected)  # it may just have started
        known = map(self._repository.tasks.get, dict.fromkeys(ids))
        wanted = [task for task in known if task is not None and is_lookable(task)]
        looked = await self._look(wanted, until=until)
        latest = map(self._repository.tasks.get, sorted(looked))
        return tuple(task for task in latest if task is not None)

    async def wait_idle(self) -> None:
        """Wait until each success has been looked for at least once, or has been put off."""
        while True:
            async with self._recording:  # what was found has been recorded, and so published
                if not any(look.is_arrival and not look.waits for look in self._looks.values()):
                    return
                self._looked.clear()
            await self._looked.wait()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            now = self._runtime.monotonic()
            due = [task_id for task_id, look in self._looks.items() if look.due_at <= now]
            if due:
                tasks = self._repository.tasks
                known = {i: task for i in due if (task := tasks.get(i)) is not None}
                for task_id in set(due) - known.keys():
                    del self._looks[task_id]
                await self._look(known.values())
                continue
            soonest = min((look.due_at for look in self._looks.values()), default=None)
            await wait_at_most(None if soonest is None else soonest - now, self._wake)

    def _plan(self, tasks: Iterable[Task]) -> None:
        """Note when each of `tasks` is to be looked for, unless that is planned already."""
        now = self._runtime.clock()
        for task in tasks if self.looks_by_itself else ():
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

    async def _look(self, wanted: Iterable[Task], *, until: float | None = None) -> set[int]:
        """Look for the files of `wanted`, folder by folder, while the account is the same.

        Return the tasks for which the result is known by `until` (the loop's time).
        """
        by_folder: defaultdict[int | None, list[Task]] = defaultdict(list)
        uid, looked = self._uid, set[int]()
        for task in wanted:
            if task.account_uid in (None, uid):  # another account may have a file of its name
                by_folder[task.folder_id].append(task)
            elif uid is None:
                self._put_off(task)
            elif await self._record_problem(task, Problem(ProblemKind.OTHER_ACCOUNT)):
                looked.add(task.id)
        for folder_id, waiting in by_folder.items():
            if uid != self._uid:  # so that all are due again
                break
            if problem := await attempt(self._look_into(folder_id, waiting, looked, until=until)):
                for task in waiting:
                    self._put_off(task)
                self._status.update(notice=problem)
        return looked

    async def _look_into(
        self, folder_id: int | None, waiting: list[Task], looked: set[int], *, until: float | None
    ) -> None:
        """Look for the files of `waiting` in their folder, and add their ids to `looked`."""
        uid, found = self._uid, None
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                found = await self._list(folder_id)
        if uid != self._uid:
            return
        async with self._recording:
            known = self._repository.tasks.values() if found else ()
            owners = {it.file_id: it.id for it in known if it.file_id is not None}
            looked |= {task.id for task in waiting if await self._record(task, found, owners)}

    async def _list(self, folder_id: int | None) -> Sequence[FileEntry] | Problem | None:
        """Return the files of a folder, or why it cannot be searched; None: not known now."""
        try:
            if folder_id is None:
                default, _others = await self._folders.look_for(DEFAULT_FOLDER, ROOT_ID)
                if default is None:
                    return ()
                folder_id = default.id
            return [file async for page in self._folders.pages(folder_id) for file in page.files]
        except (FolderMissing, RequestRejected) as error:
            return error.problem
        except Pan123Error:
            return None

    async def _record(
        self,
        asked: Task,
        found: Sequence[FileEntry] | Problem | None,
        owners: dict[int, int],
    ) -> bool:
        """Record which of the files `found` belongs to a task, and note it in `owners`.

        Return False if nothing can be said about the task now.
        """
        task = self._repository.tasks.get(asked.id)
        if task is None or task.state is not asked.state or found is None:
            self._put_off(asked)
            return False
        if isinstance(found, Problem):
            return await self._record_problem(task, found)
        look = self._looks.get(task.id)
        is_arrival = look is not None and look.is_arrival
        # In doubt, none that is known to come from another task.
        free = [it for it in found if is_arrival or owners.get(it.id, task.id) == task.id]
        file = find_unsure(task, free) if task.is_unsure else find_file(task, free)
        if file is not None:
            owners[file.id] = task.id
        elif look and is_arrival and look.tries + 1 < len(ARRIVAL_DELAYS_S):
            look.tries += 1
            self._put_off(task)
            return True
        self._looks.pop(task.id, None)  # the change plans the next look
        if file is not None or task.task_id is not None or task.is_unsure:
            arrival = assess_arrival(task, file, at=self._runtime.clock())
            file_id = file.id if file else task.file_id
            await self._repository.commit(replace(task, arrival=arrival, file_id=file_id))
        self._looked.set()
        return True

    async def _record_problem(self, task: Task, problem: Problem) -> bool:
        """Record why the folder cannot be searched, unless the file was found before.

        Return False if this says nothing about the task, whose file may be there.
        """
        now, at = self._repository.tasks.get(task.id), self._runtime.clock()
        is_gone = problem.kind is ProblemKind.FOLDER_MISSING
        if now is not None and now.has_suspect_file and now.arrival and is_gone:
            self._looks.pop(task.id, None)  # nor is the file of a task that is done there
            await self._repository.commit(replace(now, arrival=replace(now.arrival, at=at)))
            return True
        if now is None or not now.is_unsure:
            self._put_off(task)
            return False
        self._looks.pop(task.id, None)
        if not was_found(now):
            check = ArrivalCheck(ArrivalStatus.NOT_FOUND, at, problem=problem)
            await self._repository.commit(replace(now, arrival=check))
        return True

    def _put_off(self, task: Task) -> None:
        if look := self._looks.get(task.id):
            look.waits = min(look.waits + 1, len(ARRIVAL_DELAYS_S) - 1)
            wait_s = ARRIVAL_DELAYS_S[look.waits] if look.is_arrival else RETRY_S
            look.due_at = self._runtime.monotonic() + wait_s
            self._looked.set()
