"""The requests of other processes: their files in the inbox, and applying them offline."""

import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.task import (
    DownloadRequest,
    Task,
    new_task,
    reset_for_retry,
)
from pan123_tui.store.task_store import TaskStore

INBOX = "inbox"
TAKEN = "taken"
"""Folder in the inbox for claimed requests."""
REQUEST_SUFFIX = ".json"
ID_CHARS = 33
"""Length of a request's id."""


class _Request(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True):
    """Stored as JSON; `do` names the kind of the request."""


class AddRequest(_Request, frozen=True, tag="add", rename={"downloads": "drafts"}):
    """Queue links."""

    downloads: tuple[DownloadRequest, ...]


class RetryRequest(_Request, frozen=True, tag="retry"):
    """Queue tasks again."""

    ids: tuple[int, ...] | None = None
    """None: all that failed."""
    unconfirmed_too: bool = False

    def select(self, tasks: Iterable[Task]) -> list[Task]:
        """Return those of `tasks` that are to be queued again."""
        wanted = None if self.ids is None else frozenset(self.ids)
        named = (task for task in tasks if wanted is None or task.id in wanted)
        return [t for t in named if t.has_failed or (self.unconfirmed_too and t.is_retryable)]


class RemoveRequest(_Request, frozen=True, tag="remove"):
    """Remove tasks."""

    ids: tuple[int, ...]


Request = AddRequest | RetryRequest | RemoveRequest

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
    if isinstance(request, AddRequest):
        for download in request.downloads:
            _validate(download)
    return request


def _validate(download: DownloadRequest) -> None:
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
        case AddRequest(downloads):
            ids = store.new_ids(len(downloads))
            store.put(
                new_task(download, task_id=task_id, at=clock(), request_id=request_id)
                for task_id, download in zip(ids, downloads, strict=True)
            )
        case RetryRequest():
            at, chosen = clock(), request.select(store.tasks.values())
            store.put([reset_for_retry(task, at=at, request_id=request_id) for task in chosen])
        case RemoveRequest(ids):
            store.remove(ids)
    store.save_now()
    return request_id
