"""Commands on files, carried out by the running program, else in this process."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from pan123_tui.bootstrap import (
    ONE_SHOT_HOLDER,
    AppContext,
    acquire_lock,
    client_factory,
    is_listening,
    load_tasks,
)
from pan123_tui.cli.output import print_problem
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.commands import (
    Command,
    GetDownloadLinks,
    LookForFiles,
    MoveFiles,
    RenameFile,
)
from pan123_tui.domain.errors import Pan123Error, StoreLocked
from pan123_tui.domain.events import Status, StatusChanged
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection

if TYPE_CHECKING:
    from pan123_tui.engine.ports import Session
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.store.task_store import TaskStore

Call = Callable[[Command[Any]], Any]
"""Has a command on files carried out and returns its result; raises a `Pan123Error`."""


@contextmanager
def file_engine(context: AppContext, *, changes: bool = False) -> Iterator[Call]:
    """Have the running program carry out commands, else do so here; raises a `Pan123Error`.

    Only with `changes` the data folder is locked meanwhile.
    """
    context.paths.ensure_directories()
    lock: AbstractContextManager[StoreLock | None] = nullcontext()
    is_elsewhere = is_listening(context)
    if changes and not is_elsewhere:
        try:
            lock = acquire_lock(context, program=ONE_SHOT_HOLDER)
        except StoreLocked:  # it does not listen yet
            is_elsewhere = True
    if is_elsewhere:
        from pan123_tui.cli.remote import RemoteEngine

        with RemoteEngine(context) as engine:
            yield engine.call
        return
    with lock as held:
        if not changes:
            yield partial(_carry_out, context, _StoredTasks(load_tasks(context)))
            return
        from pan123_tui.store.task_store import TaskStore

        store = TaskStore.open(context.paths.data_dir, lock=held)
        try:
            yield partial(_carry_out, context, _StoredTasks(store.tasks, store))
        finally:
            store.close()


def look_for_files(context: AppContext, tasks: Sequence[Task]) -> list[Task]:
    """Look now for those files of `tasks` that were not found yet; return the tasks as known."""
    ids = tuple(task.id for task in tasks if not was_found(task))
    looked: tuple[Task, ...] = ()
    if ids:
        try:
            with file_engine(context, changes=True) as call:
                looked = call(LookForFiles(ids))
        except Pan123Error as error:
            print_problem(error.problem)
    now = {task.id: task for task in looked}
    return [now.get(task.id, task) for task in tasks]


class _StoredTasks:
    """The tasks on disk; without a `store` what becomes known is forgotten again."""

    def __init__(self, tasks: TaskCollection, store: "TaskStore | None" = None) -> None:
        self.tasks = tasks
        self._store = store

    async def update_facts(self, task_id: int, **facts: Any) -> None:
        """Set fields of a task, and save it."""
        task = replace(self.tasks[task_id], **facts)
        if self._store is None:
            self.tasks.put(task)
        else:
            self._store.put((task,))
            self._store.save_now()


def _carry_out(context: AppContext, tasks: _StoredTasks, command: Command[Any]) -> Any:
    from pan123_tui.engine.files import Files
    from pan123_tui.engine.ports import Session

    async def run() -> Any:
        session = Session(client_factory(context))
        await session.open()
        files = Files(session, tasks)
        try:
            match command:
                case LookForFiles(ids):
                    return await _look(session, tasks, ids)
                case GetDownloadLinks(ids):
                    return await files.links(ids)
                case RenameFile(task_id, name):
                    return await files.rename(task_id, name)
                case MoveFiles(ids, to):
                    return await files.move(ids, to)
        finally:
            await session.close()

    return asyncio.run(run())


async def _look(session: "Session", tasks: _StoredTasks, ids: tuple[int, ...]) -> tuple[Task, ...]:
    from pan123_tui.domain.arrival_check import is_lookable
    from pan123_tui.engine.unconfirmed_checker import UnconfirmedChecker

    if not any(task and is_lookable(task) for task in map(tasks.tasks.get, ids)):
        return ()
    checker = UnconfirmedChecker(session, looks_by_itself=False)
    with suppress(Pan123Error):  # without an account nothing is found
        account = await session.service.user_info()
        checker.on_event(StatusChanged(Status(account=account)))
    work = asyncio.create_task(checker.run(tasks))
    try:
        return await checker.look_now(ids, tasks)
    finally:
        work.cancel()
