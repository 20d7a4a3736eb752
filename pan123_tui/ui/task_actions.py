"""Why an action on tasks cannot be done now, in one sentence; nothing is said where it can."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.message import Message

from pan123_tui.domain.task import (
    ACTIVE_STATES,
    FAILED_STATES,
    RETRYABLE_STATES,
    DownloadRequest,
    Task,
    TaskState,
)
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.dialogs.confirm import ConfirmScreen
from pan123_tui.ui.engine_bridge import EngineBridge
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.task_model import TaskModel
from pan123_tui.wording import formats

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine


CLEAR_STATES = {
    "succeeded": frozenset({TaskState.SUCCEEDED}),
    "finished": frozenset({TaskState.SUCCEEDED}) | FAILED_STATES,
}
"""What `clear()` can forget, by the word that the binding gives."""
EDITABLE_STATES = FAILED_STATES | {TaskState.QUEUED}
"""What is not on its way, so that it can become something else."""
UNDO_S = 12.0
"""How long the toast that offers the undo stays; the undo itself works for longer."""


@dataclass
class EditAsked(Message):
    """A task is to be given another link, name or folder."""

    task: Task


class TaskActions:
    """Knows the tasks through the mirror, acts through the bridge, asks through the app."""

    def __init__(
        self,
        app: App[Any],
        bridge: EngineBridge,
        model: TaskModel,
        keys: KeyNames,
    ) -> None:
        self._app = app
        self.keys = keys
        """The names of the dashboard's keys."""
        self._bridge = bridge
        self._model = model
        self._removed: list[tuple[Task, ...]] = []

    @property
    def can_undo(self) -> bool:
        """Whether something was removed that can come back."""
        return bool(self._removed)

    def select(self, ids: Iterable[int], states: Collection[TaskState]) -> list[Task]:
        """Give the tasks among `ids` that are in one of `states`."""
        tasks = (self._model.tasks.get(task_id) for task_id in ids)
        return [task for task in tasks if task is not None and task.state in states]

    async def add(self, drafts: Sequence[DownloadRequest]) -> tuple[Task, ...]:
        """Queue `drafts`; they are on disk when this returns."""
        return await self._bridge.call(partial(_add, drafts=drafts))

    def editable(self, task_id: int | None) -> Task | None:
        """Give the task, if it can be given another link, name or folder now."""
        return next(iter(self.select(() if task_id is None else (task_id,), EDITABLE_STATES)), None)

    async def retry(self, ids: Iterable[int], *, of: int = 0) -> None:
        """Queue failed tasks again; for unconfirmed ones, ask whether to risk a second download.

        `of` is how many were marked, to say how many of them were left out.
        """
        tasks = self.select(ids, RETRYABLE_STATES)
        unconfirmed = [task for task in tasks if task.state is TaskState.UNCONFIRMED]
        if unconfirmed and not await self._may_send_again(len(unconfirmed)):
            tasks = [task for task in tasks if task.state is not TaskState.UNCONFIRMED]
        if not tasks:
            return
        wanted = [task.id for task in tasks]
        queued = await self._bridge.call(
            lambda engine: engine.task_service.retry(wanted, unconfirmed_too=bool(unconfirmed))
        )
        text = ngettext("{count} link queued again.", "{count} links queued again.", len(queued))
        self._app.notify(_with_left_out(text, len(queued), of), markup=False)

    async def retry_failed(self) -> None:
        """Queue everything again that failed, was rejected, or is missing."""
        failed = [task.id for task in self._model.tasks.values() if task.state in FAILED_STATES]
        if failed:
            await self.retry(failed)
        else:
            self._app.notify(_("Nothing has failed."), markup=False)

    async def remove(self, ids: Collection[int]) -> None:
        """Forget tasks after a question that says what the service does meanwhile."""
        tasks = [self._model.tasks[task_id] for task_id in ids if task_id in self._model.tasks]
        if tasks and await self._may_remove(tasks):
            await self._forget([task.id for task in tasks])

    async def clear(self, what: str) -> None:
        """Forget all tasks of `CLEARABLE[what]`, after a question."""
        states = CLEAR_STATES[what]
        tasks = [task for task in self._model.tasks.values() if task.state in states]
        if not tasks:
            self._app.notify(_("There is nothing to clear."), markup=False)
        elif await self._may_remove(tasks):
            await self._forget([task.id for task in tasks])

    async def undo(self) -> None:
        """Take back the latest removal."""
        if not self._removed:
            self._app.notify(_("There is nothing to undo."), markup=False)
            return
        tasks = self._removed.pop()
        await self._bridge.call(lambda engine: engine.task_service.restore(tasks))
        self._say(
            ngettext("{count} task is back", "{count} tasks are back", len(tasks)), len(tasks)
        )

    async def edit(self, task_id: int, draft: DownloadRequest) -> None:
        """Give a task another link, name or folder, and queue it again."""
        edited = await self._bridge.call(lambda engine: engine.task_service.edit(task_id, draft))
        if edited is None:
            self._app.notify(
                _("This task is on its way already: it cannot be changed."),
                severity="warning",
                markup=False,
            )

    async def poll_now(self) -> None:
        """Ask for everything now, pauses or not."""
        await self._bridge.call(lambda engine: engine.poll_now())

    def set_visible(self, ids: Collection[int]) -> None:
        """Have what is on the screen polled more often."""
        self._bridge.send(lambda engine: engine.set_visible(ids))

    async def _forget(self, ids: Collection[int]) -> None:
        removed = await self._bridge.call(lambda engine: engine.task_service.remove(ids))
        if not removed:
            self._app.notify(
                _("A link that is being sent right now cannot be removed: wait a moment."),
                markup=False,
            )
            return
        self._removed.append(removed)
        text = ngettext(
            "{count} task removed. {key} brings it back until you leave.",
            "{count} tasks removed. {key} brings them back until you leave.",
            len(removed),
        )
        said = _with_left_out(text, len(removed), len(ids), key=self.keys["tasks.undo"])
        self._app.notify(said, timeout=UNDO_S, markup=False)

    async def _may_remove(self, tasks: Sequence[Task]) -> bool:
        question = ngettext("Remove {count} task?", "Remove {count} tasks?", len(tasks))
        return await self._app.push_screen_wait(
            ConfirmScreen(
                question.format(count=len(tasks)),
                yes=_("Remove"),
                no=_("Keep"),
                detail=_consequences(tasks, undo_key=self.keys["tasks.undo"]),
            )
        )

    async def _may_send_again(self, count: int) -> bool:
        question = ngettext(
            "Send {count} unconfirmed link again?", "Send {count} unconfirmed links again?", count
        )
        return await self._app.push_screen_wait(
            ConfirmScreen(
                question.format(count=count),
                yes=_("Send again"),
                no=_("Leave it"),
                detail=_(
                    "The first request may have reached the service although no answer came. "
                    "If it did, the file is downloaded twice. Look into the target folder first."
                ),
            )
        )

    def _say(self, text: str, count: int) -> None:
        self._app.notify(text.format(count=count), markup=False)


async def _add(engine: "Engine", *, drafts: Sequence[DownloadRequest]) -> tuple[Task, ...]:
    """Queue `drafts` and note their folders as those that are in use."""
    tasks = await engine.task_service.add(drafts)
    for folder_id in dict.fromkeys(draft.folder_id for draft in drafts):
        if folder_id is not None:
            await engine.folders.use(folder_id)
    return tasks


def _with_left_out(text: str, count: int, of: int, **more: str) -> str:
    """Say `text` of `count` tasks, and how many of those that were chosen could not be touched."""
    said = text.format(count=count, **more)
    if (left := of - count) <= 0:
        return said
    rest = ngettext(
        "{count} other was left as it is.", "{count} others were left as they are.", left
    )
    return f"{said} {rest.format(count=left)}"


def _consequences(tasks: Sequence[Task], *, undo_key: str) -> str:
    lines = [_("They are only forgotten here; files on the drive stay.")]
    if active := sum(task.is_active for task in tasks):
        text = ngettext(
            "The service goes on with {count} running download: it cannot be cancelled.",
            "The service goes on with {count} running downloads: they cannot be cancelled.",
            active,
        )
        lines.append(text.format(count=active))
    if queued := sum(task.state is TaskState.QUEUED for task in tasks):
        text = ngettext(
            "{count} link was not sent yet and will not be.",
            "{count} links were not sent yet and will not be.",
            queued,
        )
        lines.append(text.format(count=queued))
    lines.append(_("{key} undoes this.").format(key=undo_key))
    return "\n".join(lines)


_S = TaskState
_AT_WORK = N_("The service is still at work on this task: only what has failed is retried.")
_NO_RETRY: Mapping[TaskState, str] = {
    _S.QUEUED: N_("This link is queued already and is sent as soon as it may be."),
    _S.SUBMITTING: N_("This link is being sent right now."),
    _S.RUNNING: _AT_WORK,
    _S.RETRYING: _AT_WORK,
    _S.SUCCEEDED: N_("This task has succeeded: there is nothing to retry."),
}
_SENT = N_("The service has this link: only what is queued or has failed can be edited.")
_NO_EDIT: Mapping[TaskState, str] = {
    _S.SUBMITTING: N_("This link is being sent right now: it cannot be edited."),
    _S.UNCONFIRMED: N_("The service may have this link: send it again or forget it first."),
    _S.RUNNING: _SENT,
    _S.RETRYING: _SENT,
    _S.SUCCEEDED: N_("This task has succeeded: there is nothing to edit."),
}


def no_task_reason() -> str:
    """Say that there is nothing to act on."""
    return _("There is no task here.")


def selection_reason(chosen: Sequence[Task]) -> str:
    """Say that no task is marked or under the cursor."""
    return "" if chosen else no_task_reason()


def retry_reason(chosen: Sequence[Task]) -> str:
    """Say why none of the `chosen` tasks can be retried."""
    if any(task.state in RETRYABLE_STATES for task in chosen):
        return ""
    if len(chosen) > 1:
        text = _("None of the {count} marked tasks has failed: there is nothing to retry.")
        return text.format(count=formats.number(len(chosen)))
    return _(_NO_RETRY[chosen[0].state]) if chosen else no_task_reason()


def edit_reason(task: Task | None) -> str:
    """Say why `task`, the one under the cursor, cannot be edited."""
    if task is None:
        return no_task_reason()
    return "" if task.state in EDITABLE_STATES else _(_NO_EDIT[task.state])


def retry_failed_reason(tallies: Mapping[TaskState, int]) -> str:
    """Say that nothing has failed."""
    return "" if _has(tallies, FAILED_STATES) else _("Nothing has failed.")


def clear_reason(tallies: Mapping[TaskState, int], what: str) -> str:
    """Say that nothing of `CLEARABLE[what]` is there."""
    return "" if _has(tallies, CLEAR_STATES[what]) else _("There is nothing to clear.")


def poll_reason(tallies: Mapping[TaskState, int]) -> str:
    """Say that nothing runs that could be asked for."""
    if _has(tallies, ACTIVE_STATES):
        return ""
    return _("Nothing is running: there is nothing to ask for.")


def _has(tallies: Mapping[TaskState, int], states: Collection[TaskState]) -> bool:
    return any(tallies.get(state) for state in states)
