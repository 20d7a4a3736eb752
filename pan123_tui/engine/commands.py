"""Carries out commands: the one place that knows what each of them does to the engine."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.arrival_check import confirm
from pan123_tui.domain.batches import folder_name
from pan123_tui.domain.commands import (
    AddTasks,
    AdoptTasks,
    Command,
    ConfirmTasks,
    DownloadLink,
    EditTask,
    FindFolder,
    FindSent,
    ForgetSent,
    GetDownloadLinks,
    LookForFiles,
    PauseSending,
    PollNow,
    ProbeLink,
    ReloadSettings,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
    SendNext,
    SetVisible,
    StopEngine,
    file_name,
)
from pan123_tui.domain.errors import LinkKnown, Pan123Error, Problem, ProblemKind, RequestRejected
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS
from pan123_tui.domain.links.review import known_links
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.send_queue import adopted_task, sent_next
from pan123_tui.domain.task import Task, TaskState, new_task, reset_for_retry
from pan123_tui.engine.accounts import is_of_another_account
from pan123_tui.engine.engine import Engine
from pan123_tui.store.sent_links import SentLinks


def _known(engine: Engine, ids: Iterable[int]) -> list[Task]:
    found = map(engine.tasks.get, dict.fromkeys(ids))
    return [task for task in found if task is not None]


async def _commit(engine: Engine, tasks: Iterable[Task]) -> tuple[Task, ...]:
    changed = tuple(tasks)
    await engine.repository.commit(*changed)
    return changed


async def _add(engine: Engine, command: AddTasks) -> tuple[Task, ...]:
    """Queue links in their order, and record their folders as recently used."""
    await engine.repository.check_store()
    sent = await engine.repository.with_sent(lambda links: links.find(command.new_keys))
    wanted, at = command.select(engine.tasks, sent), engine.clock()
    rule = engine.settings.defaults.batch_folders

    def fields(url: str) -> Mapping[str, Any]:
        batch = command.batches.get(url, command.batch)
        folders = command.subfolder, folder_name(rule, batch, at)
        return {"batch": clean_label(batch), "subfolder": "/".join(filter(None, folders))}

    tasks = tuple(
        new_task(it, task_id=task_id, at=at, source=command.source, **fields(it.url))
        for it, task_id in zip(wanted, engine.repository.new_ids(len(wanted)), strict=True)
    )
    await engine.repository.commit(*tasks)
    for folder_id in dict.fromkeys(request.folder_id for request in wanted):
        if folder_id is not None:
            engine.folders.use(folder_id)
    return tasks


async def _adopt(engine: Engine, command: AdoptTasks) -> tuple[Task, ...]:
    """Watch tasks that others created at the service, except those already known."""
    await engine.repository.check_store()
    known = {task_id for task in engine.tasks.values() for task_id in task.task_ids}
    unique = {it.task_id: it for it in command.adoptions}
    new = [it for task_id, it in unique.items() if task_id not in known]
    at, label = engine.clock(), clean_label(command.batch)
    added = zip(new, engine.repository.new_ids(len(new)), strict=True)
    tasks = (adopted_task(it, task_id=task_id, at=at, batch=label) for it, task_id in added)
    return await _commit(engine, tasks)


async def _retry(engine: Engine, command: RetryTasks) -> tuple[Task, ...]:
    at, to, wanted = engine.clock(), command.to, command.select(engine.tasks.values())
    if to is not None:
        wanted = [replace(it, folder_id=to or None, problem=None) for it in wanted]
    states = (it if it.state is TaskState.QUEUED else reset_for_retry(it, at=at) for it in wanted)
    return await _commit(engine, states)


async def _confirm(engine: Engine, command: ConfirmTasks) -> tuple[Task, ...]:
    at, known = engine.clock(), _known(engine, command.ids)
    return await _commit(engine, (confirm(task, at=at) for task in known if task.is_unsure))


async def _edit(engine: Engine, command: EditTask) -> Task | None:
    """Change link, name, folder and callback of an editable task, and queue it."""
    task, request = engine.tasks.get(command.task_id), command.download
    if task is None or not task.is_editable:
        return None
    key = duplicate_key(request.url)
    if key != duplicate_key(task.url) and key in known_links(engine.tasks.values()):
        raise LinkKnown
    is_replaced = task.folder_id in engine.status.missing_folders
    edited = replace(
        task,
        url=request.url,
        name=request.name,
        folder_id=request.folder_id,
        subfolder=task.subfolder if is_replaced or request.folder_id == task.folder_id else "",
        callback_url=request.callback_url,
        problem=None,
    )
    if edited.state is not TaskState.QUEUED:
        edited = reset_for_retry(edited, at=engine.clock())
    await engine.repository.commit(edited)
    return edited


async def _links(engine: Engine, ids: Iterable[int]) -> tuple[DownloadLink, ...]:
    """Fetch a link to the file of each existing task in `ids`.

    A refusal that is not about one file ends the fetching, since the others would be refused too.
    """
    found: list[DownloadLink] = []
    refusal: Problem | None = None
    for task in _known(engine, ids):
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


async def _download_url(engine: Engine, file_id: int) -> str:
    return await engine.session.call(lambda service: service.download_url(file_id))


async def _reload(engine: Engine, _command: ReloadSettings) -> str | None:
    """Have the screens load the settings that are saved now, and the engine use them.

    Returns the variable that overrides the saved account. Raises `SettingsInvalid`.
    """
    engine.announce_settings()
    try:
        saved = engine.load_saved()
    except Pan123Error as error:  # it goes on as before
        engine.events.update(notice=error.problem)
        raise
    is_refused = engine.status.connection in ACCOUNT_CONNECTIONS  # the same one may work now
    if is_refused or not saved.works_as(engine.config):
        engine.change_to(saved)
    return saved.login_variable or None


async def _stop(engine: Engine, _command: StopEngine) -> None:
    engine.stop()


Handler = Callable[[Engine, Any], Coroutine[Any, Any, Any]]
HANDLERS: Mapping[type[Command[Any]], Handler] = {
    AddTasks: _add,
    AdoptTasks: _adopt,
    RetryTasks: _retry,
    ConfirmTasks: _confirm,
    EditTask: _edit,
    RemoveTasks: lambda engine, it: engine.repository.remove(it.ids),
    RestoreTasks: lambda engine, it: engine.repository.restore(it.select(engine.tasks)),
    PauseSending: lambda engine, it: engine.repository.set_paused(it.is_paused),
    SendNext: lambda engine, it: _commit(
        engine, sent_next(engine.tasks.unfinished.values(), it.ids)
    ),
    LookForFiles: lambda engine, it: engine.watcher.look_now(it.ids),
    GetDownloadLinks: lambda engine, it: _links(engine, it.ids),
    PollNow: lambda engine, _command: engine.poll_now(),
    SetVisible: lambda engine, it: engine.set_visible(it.ids, screen_id=it.screen_id),
    ProbeLink: lambda engine, it: engine.probe(it.url),
    FindSent: lambda engine, it: engine.repository.with_sent(lambda links: links.find(it.keys)),
    ForgetSent: lambda engine, _command: engine.repository.with_sent(SentLinks.forget),
    FindFolder: lambda engine, it: engine.folders.find(it.target, makes_missing=it.makes_missing),
    ReloadSettings: _reload,
    StopEngine: _stop,
}
"""What carries out a command on the engine's loop: returns its result or raises a `Pan123Error`."""
