"""Carries out commands: the one place that knows what each of them does to the engine."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from msgspec import Struct

from pan123_tui.domain.commands import (
    AddTasks,
    AdoptTasks,
    Command,
    ConfirmTasks,
    CreateFolder,
    EditTask,
    FindFolder,
    GetDownloadLinks,
    ListFolder,
    LookForFiles,
    MakeFolderAgain,
    PauseSending,
    PollNow,
    RankTasks,
    RedirectFolder,
    ReloadSettings,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
    SendNext,
    SetVisible,
    StopEngine,
)
from pan123_tui.domain.files import DownloadLink
from pan123_tui.domain.folders import Folder, FolderPage
from pan123_tui.domain.task import Task

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
    await engine.task_service.check_store()
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
    await engine.task_service.check_store()
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


async def _look(engine: "Engine", command: LookForFiles, _origin: Origin) -> tuple[Task, ...]:
    return await engine.unconfirmed.look_now(command.ids, engine.task_service)


async def _edit(engine: "Engine", command: EditTask, origin: Origin) -> Task | None:
    if edited := _done_before(engine, origin):
        return edited[0]
    return await engine.task_service.edit(
        command.task_id, command.download, request_id=origin.request_id
    )


async def _remove(engine: "Engine", command: RemoveTasks, _origin: Origin) -> tuple[Task, ...]:
    return await engine.task_service.remove(command.ids)


async def _restore(engine: "Engine", command: RestoreTasks, _origin: Origin) -> None:
    await engine.task_service.restore(command.tasks)


async def _pause(engine: "Engine", command: PauseSending, _origin: Origin) -> None:
    await engine.queue.set_paused(command.is_paused)


async def _send_next(engine: "Engine", command: SendNext, _origin: Origin) -> tuple[Task, ...]:
    return await engine.queue.send_next(command.ids)


async def _rank(engine: "Engine", command: RankTasks, _origin: Origin) -> tuple[Task, ...]:
    return await engine.queue.set_ranks(command.ranks)


async def _poll(engine: "Engine", _command: PollNow, _origin: Origin) -> None:
    await engine.poll_now()


async def _set_visible(engine: "Engine", command: SetVisible, origin: Origin) -> None:
    await engine.set_visible(command.ids, screen_id=origin.screen_id)


async def _list_folder(engine: "Engine", command: ListFolder, _origin: Origin) -> FolderPage:
    return await engine.folders.page(command.parent_id, after=command.after)


async def _find_folder(engine: "Engine", command: FindFolder, _origin: Origin) -> Folder | None:
    return await engine.folders.find(command.folder_id)


async def _create_folder(engine: "Engine", command: CreateFolder, _origin: Origin) -> Folder:
    return await engine.folders.make(command.name, command.parent_id)


async def _make_again(engine: "Engine", command: MakeFolderAgain, _origin: Origin) -> Folder | None:
    return await engine.folders.make_again(command.folder_id)


async def _redirect(engine: "Engine", command: RedirectFolder, _origin: Origin) -> tuple[Task, ...]:
    return await engine.task_service.redirect(command.folder_id, command.to)


async def _links(
    engine: "Engine", command: GetDownloadLinks, _origin: Origin
) -> tuple[DownloadLink, ...]:
    return await engine.files.links(command.ids)


async def _reload(engine: "Engine", command: ReloadSettings, _origin: Origin) -> str | None:
    return await engine.reload_settings(connects_again=command.connects_again)


async def _stop(engine: "Engine", _command: StopEngine, _origin: Origin) -> None:
    engine.stop()


_HANDLERS: Mapping[type[Command[Any]], Callable[["Engine", Any, Origin], Awaitable[object]]] = {
    AddTasks: _add,
    AdoptTasks: _adopt,
    RetryTasks: _retry,
    ConfirmTasks: _confirm,
    LookForFiles: _look,
    EditTask: _edit,
    RemoveTasks: _remove,
    RestoreTasks: _restore,
    PauseSending: _pause,
    SendNext: _send_next,
    RankTasks: _rank,
    PollNow: _poll,
    SetVisible: _set_visible,
    ListFolder: _list_folder,
    FindFolder: _find_folder,
    CreateFolder: _create_folder,
    MakeFolderAgain: _make_again,
    RedirectFolder: _redirect,
    GetDownloadLinks: _links,
    ReloadSettings: _reload,
    StopEngine: _stop,
}
