"""The ids of requests, the check of what they ask for, and applying them while no engine runs."""

import secrets
import time
from collections.abc import Callable

from pan123_tui.domain.arrival_check import confirm
from pan123_tui.domain.commands import (
    AddTasks,
    ConfirmTasks,
    HoldTasks,
    MoveTasks,
    PauseSending,
    RedirectFolder,
    RemoveTasks,
    RetryTasks,
)
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.send_queue import held, moved, new_tasks
from pan123_tui.domain.task import (
    DownloadRequest,
    Task,
    TaskState,
    redirected,
    reset_for_retry,
)
from pan123_tui.store.task_store import TaskStore

ID_CHARS = 33
"""Length of a request's id."""


Request = (
    AddTasks
    | RetryTasks
    | ConfirmTasks
    | RemoveTasks
    | RedirectFolder
    | PauseSending
    | MoveTasks
    | HoldTasks
)


def new_request_id() -> str:
    """Return a unique id that sorts by time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(6)}"


def check_download(download: DownloadRequest) -> None:
    """Raise `ValueError` with the reason if `download` cannot be queued."""
    if reason := check_url(download.url):
        raise ValueError(f"a link that cannot be queued: {reason}")
    if download.callback_url and (reason := check_url(download.callback_url)):
        raise ValueError(f"a callback URL that cannot be used: {reason}")
    if download.folder_id is not None and download.folder_id < 1:
        raise ValueError("a folder id is a positive whole number")


def apply_request(
    store: TaskStore, request: Request, *, clock: Callable[[], float]
) -> tuple[Task, ...]:
    """Apply `request` to the tasks of `store`, save them, and return those that it concerned.

    The caller holds the lock. Raises `StoreUnwritable`.
    """
    request_id, at = new_request_id(), clock()
    unfinished = store.tasks.unfinished.values()
    tasks: tuple[Task, ...] = ()
    match request:
        case AddTasks(batch=batch):
            downloads = request.select(store.tasks)
            ids = store.new_ids(len(downloads))
            tasks = new_tasks(downloads, ids, unfinished, at=at, request_id=request_id, batch=batch)
        case RetryTasks():
            chosen = request.select(store.tasks.values())
            tasks = tuple(reset_for_retry(task, at=at, request_id=request_id) for task in chosen)
        case ConfirmTasks(ids):
            known = [task for i in dict.fromkeys(ids) if (task := store.tasks.get(i))]
            unconfirmed = [task for task in known if task.state is TaskState.UNCONFIRMED]
            tasks = tuple(confirm(task, at=at, request_id=request_id) for task in unconfirmed)
        case RemoveTasks(ids):
            tasks = store.remove(ids)
        case RedirectFolder(folder_id, to):
            tasks = redirected(unfinished, folder_id, to=to)
        case PauseSending(is_paused):
            store.set_paused(is_paused)
        case MoveTasks(ids, to_front):
            tasks = moved(unfinished, ids, to_front=to_front)
        case HoldTasks(ids, is_held):
            tasks = held(unfinished, ids, is_held=is_held)
    if not isinstance(request, RemoveTasks):
        store.put(tasks)
    store.save_now()
    return tasks
