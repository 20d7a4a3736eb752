"""Carries out commands: the one place that knows what each of them does to the engine."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from msgspec import Struct

from pan123_tui.domain.commands import (
    AddTasks,
    AdoptTasks,
    Command,
    ConfirmTasks,
    CreateFolder,
    DownloadLink,
    EditTask,
    FindFolder,
    GetDownloadLinks,
    ListFolder,
    LookForFiles,
    PauseSending,
    PollNow,
    ReloadSettings,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
    SendNext,
    SetVisible,
    StopEngine,
    file_name,
)
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, RequestRejected
from pan123_tui.domain.task import Task
from pan123_tui.engine.accounts import is_of_another_account

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

T = TypeVar("T")


class Origin(Struct, frozen=True):
    """Where a command comes from."""

    screen_id: str = ""
    """Empty: it comes from no screen."""
    request_id: str = ""
    """Kept with the tasks that the command adds or queues again."""
    is_repeated: bool = False
    """Whether it may have been carried out before, perhaps by a former run of the engine."""


LOCAL = Origin()


async def execute(engine: "Engine", command: Command[T], origin: Origin = LOCAL) -> T:
    """Carry out `command` on the engine's loop and return its result; raises a `Pan123Error`."""
    return cast("T", await _HANDLERS[type(command)](engine, command, origin))


def _done_before(engine: "Engine", origin: Origin) -> tuple[Task, ...]:
    """Return the tasks that the same request has added or queued before."""
    if not origin.is_repeated:
        return ()
    return engine.task_service.find_by_request(origin.request_id)


async def _add(engine: "Engine", command: AddTasks, origin: Origin) -> tuple[Task, ...]:
    """Queue links and record their folders as recently used."""
    if added := _done_before(engine, origin):
        return added
    await engine.repository.check_store()
    downloads = command.select(engine.tasks)  # nothing can be added before the next line has run
    tasks = await engine.task_service.add(
        downloads, request_id=origin.request_id, batch=command.batch
    )
    for folder_id in dict.fromkeys(download.folder_id for download in downloads):
        if folder_id is not None:
            await engine.folders.use(folder_id)
    return tasks


async def _adopt(engine: "Engine", command: AdoptTasks, origin: Origin) -> tuple[Task, ...]:
    if adopted := _done_before(engine, origin):
        return adopted
    await engine.repository.check_store()
    return await engine.task_service.adopt(
        command.adoptions, request_id=origin.request_id, batch=command.batch
    )


async def _retry(engine: "Engine", command: RetryTasks, origin: Origin) -> tuple[Task, ...]:
    queued = _done_before(engine, origin)
    done = {task.id for task in queued}
    ids = command.ids
    if ids is None:
        ids = tuple(task.id for task in command.select(engine.tasks.values()))
    more = await engine.task_service.retry(
        [task_id for task_id in ids if task_id not in done],
        unconfirmed_too=command.unconfirmed_too,
        to=command.to,
        request_id=origin.request_id,
    )
    return (*queued, *more)


async def _confirm(engine: "Engine", command: ConfirmTasks, origin: Origin) -> tuple[Task, ...]:
    confirmed = _done_before(engine, origin)
    more = await engine.task_service.confirm(command.ids, request_id=origin.request_id)
    return (*confirmed, *more)


async def _edit(engine: "Engine", command: EditTask, origin: Origin) -> Task | None:
    if edited := _done_before(engine, origin):
        return edited[0]
    return await engine.task_service.edit(
        command.task_id, command.download, request_id=origin.request_id
    )


async def _links(engine: "Engine", ids: Iterable[int]) -> tuple[DownloadLink, ...]:
    """Fetch a link to the file of each task of `ids` that exists.

    A refusal that is not about one file ends the fetching: the others would be refused too.
    """
    known = map(engine.tasks.get, dict.fromkeys(ids))
    found: list[DownloadLink] = []
    refusal: Problem | None = None
    for task in (task for task in known if task is not None):
        url, problem = "", refusal
        if problem is None and is_of_another_account(task, engine.status.account):
            problem = Problem(ProblemKind.OTHER_ACCOUNT)
        if (file_id := task.file_id) is None:
            problem = problem or Problem(ProblemKind.FILE_UNKNOWN)
        elif problem is None:
            try:
                url = await _download_url(engine, file_id)
            except Pan123Error as error:
                problem = error.problem
                refusal = None if isinstance(error, RequestRejected) else problem
        found.append(DownloadLink(task.id, file_name(task), url, problem))
    return tuple(found)


async def _download_url(engine: "Engine", file_id: int) -> str:
    return await engine.session.call(lambda service: service.download_url(file_id))


async def _stop(engine: "Engine", _command: StopEngine, _origin: Origin) -> None:
    engine.stop()


_HANDLERS: Mapping[type[Command[Any]], Callable[["Engine", Any, Origin], Awaitable[object]]] = {
    AddTasks: _add,
    AdoptTasks: _adopt,
    RetryTasks: _retry,
    ConfirmTasks: _confirm,
    EditTask: _edit,
    RemoveTasks: lambda engine, it, _origin: engine.repository.remove(it.ids),
    RestoreTasks: lambda engine, it, _origin: engine.repository.restore(it.tasks),
    PauseSending: lambda engine, it, _origin: engine.repository.set_paused(it.is_paused),
    SendNext: lambda engine, it, _origin: engine.task_service.send_next(it.ids),
    LookForFiles: lambda engine, it, _origin: engine.watcher.look_now(it.ids, engine.task_service),
    GetDownloadLinks: lambda engine, it, _origin: _links(engine, it.ids),
    PollNow: lambda engine, _command, _origin: engine.poll_now(),
    SetVisible: lambda engine, it, origin: engine.set_visible(it.ids, screen_id=origin.screen_id),
    ListFolder: lambda engine, it, _origin: engine.folders.page(it.parent_id, after=it.after),
    FindFolder: lambda engine, it, _origin: engine.folders.find(it.folder_id),
    CreateFolder: lambda engine, it, _origin: engine.folders.make(it.name, it.parent_id),
    ReloadSettings: lambda engine, it, _origin: engine.reload_settings(
        connects_again=it.connects_again
    ),
    StopEngine: _stop,
}
