"""The requests of other processes: their files in the inbox, and applying them offline."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.commands import AddTasks, RedirectFolder, RemoveTasks, RetryTasks
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.task import DownloadRequest, new_task, redirected, reset_for_retry
from pan123_tui.store.task_store import TaskStore

INBOX = "inbox"
TAKEN = "taken"
"""Folder in the inbox for claimed requests."""
REQUEST_SUFFIX = ".json"
ID_CHARS = 33
"""Length of a request's id."""


Request = AddTasks | RetryTasks | RemoveTasks | RedirectFolder

_decode = msgspec.json.Decoder(Request).decode


def write_request(data_dir: Path, request: Request) -> str:
    """Save `request` in the inbox of `data_dir` and return its id.

    Raises `OSError` if it cannot be written, and `ValueError` for text that JSON cannot hold.
    """
    request_id = new_request_id()
    path = data_dir / INBOX / f"{request_id}{REQUEST_SUFFIX}"
    try:
        content = msgspec.json.encode(request)
    except UnicodeEncodeError as error:
        raise ValueError(str(error)) from None
    write_private(path, content)
    return request_id


def is_waiting(data_dir: Path, request_id: str) -> bool:
    """Return whether a request in the inbox is not applied or its outcome not saved yet."""
    name = f"{request_id}{REQUEST_SUFFIX}"
    inbox = data_dir / INBOX
    return (inbox / name).exists() or (inbox / TAKEN / name).exists()


def new_request_id() -> str:
    """Return a unique id that sorts by time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(6)}"


def read_request(content: bytes) -> Request:
    """Parse the content of a request's file; raises `ValueError` with the reason."""
    request: Request = _decode(content)
    if isinstance(request, AddTasks):
        for download in request.downloads:
            check_download(download)
    return request


def check_download(download: DownloadRequest) -> None:
    """Raise `ValueError` with the reason if `download` cannot be queued."""
    if reason := check_url(download.url):
        raise ValueError(f"a link that cannot be queued: {reason}")
    if download.callback_url and (reason := check_url(download.callback_url)):
        raise ValueError(f"a callback URL that cannot be used: {reason}")
    if download.folder_id is not None and download.folder_id < 1:
        raise ValueError("a folder id is a positive whole number")


def apply_request(store: TaskStore, request: Request, *, clock: Callable[[], float]) -> str:
    """Apply `request` to the tasks of `store`, save them, and return the request's id.

    The caller holds the lock. Raises `StoreUnwritable`.
    """
    request_id = new_request_id()
    match request:
        case AddTasks(downloads):
            ids = store.new_ids(len(downloads))
            store.put(
                new_task(download, task_id=task_id, at=clock(), request_id=request_id)
                for task_id, download in zip(ids, downloads, strict=True)
            )
        case RetryTasks():
            at, chosen = clock(), request.select(store.tasks.values())
            store.put([reset_for_retry(task, at=at, request_id=request_id) for task in chosen])
        case RemoveTasks(ids):
            store.remove(ids)
        case RedirectFolder(folder_id, to):
            store.put(redirected(store.tasks.unfinished.values(), folder_id, to=to))
    store.save_now()
    return request_id
