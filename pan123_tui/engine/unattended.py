"""Carries out a request on the tasks themselves, while no engine runs."""

from collections.abc import Callable

from pan123_tui.domain.task import FAILED_STATES, RETRYABLE_STATES, new_task, requeued
from pan123_tui.engine.requests import (
    AddRequest,
    RemoveRequest,
    Request,
    RetryRequest,
    new_request_id,
)
from pan123_tui.store.tasks import TaskStore


def carry_out(store: TaskStore, request: Request, *, clock: Callable[[], float]) -> str:
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
            _retry(store, request, request_id, at=clock())
        case RemoveRequest(ids):
            store.remove(ids)
    store.save_now()
    return request_id


def _retry(store: TaskStore, request: RetryRequest, request_id: str, *, at: float) -> None:
    states = RETRYABLE_STATES if request.unconfirmed_too else FAILED_STATES
    wanted = None if request.ids is None else frozenset(request.ids)
    store.put(
        [
            requeued(task, at=at, request_id=request_id)
            for task in store.tasks.values()
            if task.state in states and (wanted is None or task.id in wanted)
        ]
    )
