"""Carries out a request on the tasks themselves, while no engine runs."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from pan123_tui.config.private_files import write_private
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.task import (
    FAILED_STATES,
    RETRYABLE_STATES,
    DownloadRequest,
    new_task,
    reset_for_retry,
)
from pan123_tui.store.task_store import TaskStore

INBOX = "inbox"
TAKEN = "taken"
"""The folder in the inbox for what is being carried out."""
REQUEST_SUFFIX = ".json"
ID_CHARS = 33
"""How long a request's id is."""


class AddRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="add", forbid_unknown_fields=True
):
    """Queue links."""

    drafts: tuple[DownloadRequest, ...]


class RetryRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="retry", forbid_unknown_fields=True
):
    """Queue tasks again."""

    ids: tuple[int, ...] | None = None
    """None: all that failed."""
    unconfirmed_too: bool = False


class RemoveRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="remove", forbid_unknown_fields=True
):
    """Forget tasks."""

    ids: tuple[int, ...]


Request = AddRequest | RetryRequest | RemoveRequest

_decode = msgspec.json.Decoder(Request).decode


def write_request(data_dir: Path, request: Request) -> str:
    """Put `request` into the inbox of `data_dir` and give its id; on disk when this returns.

    Raises `OSError` where that cannot be done, and `ValueError` for text that JSON cannot hold.
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
    """Tell whether a dropped request is still to be carried out, or its outcome to be saved."""
    name = f"{request_id}{REQUEST_SUFFIX}"
    inbox = data_dir / INBOX
    return (inbox / name).exists() or (inbox / TAKEN / name).exists()


def new_request_id() -> str:
    """Give an id that sorts by time and that no other request has."""
    return f"{time.time_ns():020d}-{secrets.token_hex(6)}"


def read_request(content: bytes) -> Request:
    """Understand the content of a request's file; raises `ValueError` with the reason."""
    request: Request = _decode(content)
    if isinstance(request, AddRequest):
        for draft in request.drafts:
            _check(draft)
    return request


def _check(draft: DownloadRequest) -> None:
    if reason := check_url(draft.url):
        raise ValueError(f"a link that cannot be queued: {reason}")
    if draft.callback_url and (reason := check_url(draft.callback_url)):
        raise ValueError(f"a callback URL that cannot be used: {reason}")
    if draft.folder_id is not None and draft.folder_id < 1:
        raise ValueError("a folder id is a positive whole number")


def apply_request(store: TaskStore, request: Request, *, clock: Callable[[], float]) -> str:
    """Do what `request` asks for and give its id; on disk when this returns.

    The caller holds the lock. Raises `StoreUnwritable`.
    """
    request_id = new_request_id()
    match request:
        case AddRequest(drafts):
            ids = store.new_ids(len(drafts))
            store.put(
                new_task(draft, task_id=task_id, at=clock(), request_id=request_id)
                for task_id, draft in zip(ids, drafts, strict=True)
            )
        case RetryRequest():
            _apply_retry(store, request, request_id, at=clock())
        case RemoveRequest(ids):
            store.remove(ids)
    store.save_now()
    return request_id


def _apply_retry(store: TaskStore, request: RetryRequest, request_id: str, *, at: float) -> None:
    states = RETRYABLE_STATES if request.unconfirmed_too else FAILED_STATES
    wanted = None if request.ids is None else frozenset(request.ids)
    store.put(
        [
            reset_for_retry(task, at=at, request_id=request_id)
            for task in store.tasks.values()
            if task.state in states and (wanted is None or task.id in wanted)
        ]
    )
