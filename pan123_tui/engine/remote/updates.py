"""Turns the updates from an engine's socket back into what a screen takes from any engine."""

from collections.abc import Mapping

import msgspec

from pan123_tui.domain.events import (
    FoldersChanged,
    StatusChanged,
    TasksChanged,
    TasksChecked,
)
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection
from pan123_tui.engine.client import PendingUpdates
from pan123_tui.engine.remote.protocol import FrameInvalid, Update

_decode = msgspec.msgpack.Decoder(Task).decode
_decode_document = msgspec.json.Decoder(Task).decode


def merge_update(pending: PendingUpdates, update: Update, *, is_trusted: bool) -> None:
    """Merge `update` into `pending`; raises `FrameInvalid`, and changes nothing then.

    `is_trusted`: the engine is of this version, so its stored tasks need no check.
    """
    try:
        news = tuple(map(_decode, update.news))
        snapshot = list(map(_decode, update.snapshot))
        if not is_trusted:
            for document in update.archived.values():
                _decode_document(document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FrameInvalid(f"a task that cannot be read: {error}") from None
    _merge_snapshot(pending, snapshot, update.archived, is_first=update.is_first)
    pending.is_complete = not update.remaining
    if news or update.removed:
        pending.add(TasksChanged(news, update.removed))
    if update.checked:
        pending.add(TasksChecked(update.checked))
    if update.status is not None:
        pending.add(StatusChanged(update.status))
    if update.folders is not None:
        pending.add(FoldersChanged(update.folders))


def _merge_snapshot(
    pending: PendingUpdates, tasks: list[Task], archived: Mapping[int, bytes], *, is_first: bool
) -> None:
    if is_first:
        pending.is_attached = True
        pending.loaded = TaskCollection(tasks, ArchivedTasks(archived))
        pending.backlog = None
        pending.tasks.clear()
        pending.removed.clear()
        pending.checked.clear()
    elif tasks or archived:
        more = pending.loaded
        if more is None:
            more = pending.backlog = pending.backlog or TaskCollection()
        more.update(TaskCollection(tasks, ArchivedTasks(archived)))
