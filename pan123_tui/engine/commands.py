"""Carries out commands: the one place that knows what each of them does to the engine."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pan123_tui.domain.commands import (
    AddTasks,
    Command,
    CreateFolder,
    EditTask,
    ListFolder,
    PollNow,
    ReloadSettings,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
    SetVisible,
)
from pan123_tui.domain.folders import Folder, FolderPage
from pan123_tui.domain.task import Task

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

T = TypeVar("T")


async def execute(engine: "Engine", command: Command[T]) -> T:
    """Carry out `command` on the engine's loop and return its result; raises a `Pan123Error`."""
    return cast("T", await _HANDLERS[type(command)](engine, command))


async def _add(engine: "Engine", command: AddTasks) -> tuple[Task, ...]:
    """Queue links and record their folders as recently used."""
    tasks = await engine.task_service.add(command.downloads)
    for folder_id in dict.fromkeys(download.folder_id for download in command.downloads):
        if folder_id is not None:
            await engine.folders.use(folder_id)
    return tasks


async def _retry(engine: "Engine", command: RetryTasks) -> tuple[Task, ...]:
    ids = command.ids
    if ids is None:
        ids = tuple(task.id for task in command.select(engine.tasks.values()))
    return await engine.task_service.retry(ids, unconfirmed_too=command.unconfirmed_too)


async def _edit(engine: "Engine", command: EditTask) -> Task | None:
    return await engine.task_service.edit(command.task_id, command.download)


async def _remove(engine: "Engine", command: RemoveTasks) -> tuple[Task, ...]:
    return await engine.task_service.remove(command.ids)


async def _restore(engine: "Engine", command: RestoreTasks) -> None:
    await engine.task_service.restore(command.tasks)


async def _poll(engine: "Engine", _command: PollNow) -> None:
    await engine.poll_now()


async def _set_visible(engine: "Engine", command: SetVisible) -> None:
    await engine.set_visible(command.ids)


async def _list_folder(engine: "Engine", command: ListFolder) -> FolderPage:
    return await engine.folders.page(command.parent_id, after=command.after)


async def _create_folder(engine: "Engine", command: CreateFolder) -> Folder:
    return await engine.folders.make(command.name, command.parent_id)


async def _reload(engine: "Engine", _command: ReloadSettings) -> None:
    await engine.reload_settings()


_HANDLERS: Mapping[type[Command[Any]], Callable[["Engine", Any], Awaitable[object]]] = {
    AddTasks: _add,
    RetryTasks: _retry,
    EditTask: _edit,
    RemoveTasks: _remove,
    RestoreTasks: _restore,
    PollNow: _poll,
    SetVisible: _set_visible,
    ListFolder: _list_folder,
    CreateFolder: _create_folder,
    ReloadSettings: _reload,
}
