"""Turns the updates from an engine's socket back into what a screen takes from any engine."""

from collections.abc import Mapping
from functools import partial

import msgspec

from pan123_tui import __version__
from pan123_tui.domain.events import (
    FoldersChanged,
    StatusChanged,
    TasksChanged,
    TasksChecked,
)
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection, decode_task
from pan123_tui.engine.client import Attachment, AttachmentState, PendingUpdates, UpdateBuffer
from pan123_tui.engine.remote.protocol import FrameInvalid, Hello, Update

_decode = msgspec.msgpack.Decoder(Task).decode


class ReceivedUpdates(UpdateBuffer):
    """The updates of an engine, with what is known of it.

    The tasks of a screen's first engine are published as they come. Those of a later one replace
    them at once, when they are complete: a screen would lose the marks of what is still to come.
    """

    def __init__(self) -> None:
        super().__init__()
        self._attachment: Attachment | None = None
        self._snapshot: PendingUpdates | None = None

    @property
    def state(self) -> AttachmentState | None:
        """What was published last, None before the first update."""
        return self._attachment.state if self._attachment else None

    def publish(self, attachment: Attachment) -> None:
        """Publish `attachment` where it has changed."""
        if attachment != self._attachment:
            self._attachment = attachment
            self.merge(partial(_set_attachment, attachment=attachment))

    def take(self, update: Update, engine: Hello) -> None:
        """Merge `update` of `engine`; raises `FrameInvalid`, and changes nothing then."""
        is_trusted = engine.version == __version__
        if update.is_first:
            self._snapshot = None if self._attachment is None else PendingUpdates()
        if self._snapshot is None:
            self.merge(partial(merge_update, update=update, is_trusted=is_trusted))
        else:
            merge_update(self._snapshot, update, is_trusted=is_trusted)
            if update.remaining:
                return
            self.merge(self._snapshot.replace_in)
            self._snapshot = None
        self.publish(attachment_to(engine, AttachmentState.ATTACHED))


def attachment_to(
    engine: Hello, state: AttachmentState, *, can_take_over: bool = False
) -> Attachment:
    """Return the attachment to the engine that has said hello."""
    return Attachment(
        state, engine.program, engine.pid, engine.started_at, engine.version, can_take_over
    )


def _set_attachment(pending: PendingUpdates, *, attachment: Attachment) -> None:
    pending.attachment = attachment


def merge_update(pending: PendingUpdates, update: Update, *, is_trusted: bool) -> None:
    """Merge `update` into `pending`; raises `FrameInvalid`, and changes nothing then.

    `is_trusted`: the engine is of this version, so its stored tasks need no check.
    """
    try:
        news = tuple(map(_decode, update.news))
        snapshot = list(map(_decode, update.snapshot))
        if not is_trusted:
            for document in update.archived.values():
                decode_task(document)
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
