"""The commands on tasks, with what is said of their results."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from textual.app import App
from textual.message import Message

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import Attachment, AttachmentState
from pan123_tui.domain.commands import (
    AddTasks,
    Command,
    ConfirmTasks,
    EditTask,
    PollNow,
    RankTasks,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
    SendNext,
    SetVisible,
)
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.terminal.type_ahead import holding_keys
from pan123_tui.ui.textual_private import withdraw
from pan123_tui.wording import formats
from pan123_tui.wording.problems import explain_problem
from pan123_tui.wording.results import (
    already_removed,
    confirmed_text,
    edit_result,
    hidden_text,
    moved_text,
    nothing_changed,
    removal_text,
    unmoved_text,
)

UNDO_TOAST_S = 12.0
"""How long the undo is offered; it works until the program ends."""
ERROR_S = 15.0
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass
class EditAsked(Message):
    """The user wants to change tasks, of which the list does not show `hidden`."""

    tasks: Sequence[Task]
    hidden: int = 0


class ShowsErrors(Protocol):
    """Has a way to show an error to the user."""

    @property
    def show_error(self) -> Callable[[Pan123Error], None]:
        """Shows why a command was not carried out."""


_S = TypeVar("_S", bound=ShowsErrors)


def shows_errors(
    action: Callable[Concatenate[_S, _P], Awaitable[_T]],
) -> Callable[Concatenate[_S, _P], Coroutine[Any, Any, _T | None]]:
    """Show the error of an action whose command the engine did not carry out; return None then."""

    @wraps(action)
    async def run(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        try:
            return await action(self, *args, **kwargs)
        except Pan123Error as error:
            self.show_error(error)
            return None

    return run


def lost_word(attachment: Attachment) -> str:
    """Return in a few words why the engine carries out no commands; it cannot be reached."""
    words = {
        AttachmentState.STARTING: _("engine starting"),
        AttachmentState.SILENT: _("engine does not answer"),
        AttachmentState.ENDED: _("engine ended"),
    }
    return words.get(attachment.state, _("engine lost"))


def unanswered_text(attachment: Attachment) -> str:
    """Return why the engine answers no command soon; empty if it may."""
    if attachment.is_reachable:
        return ""
    if attachment.trouble is not None:
        return explain_problem(attachment.trouble).text
    if attachment.state is AttachmentState.SILENT:
        return _("The engine does not answer: this is done once it does.")
    return ""


class TaskActions:
    """Runs commands on tasks on the engine and asks the user about unsure ones."""

    def __init__(
        self,
        app: App[Any],
        client: EngineClient,
        model: TaskModel,
        keys: KeyNames,
    ) -> None:
        self._app = app
        self.keys = keys
        """The names of the dashboard's keys by binding id."""
        self._client = client
        self._model = model
        self._undoable: list[RestoreTasks | RankTasks] = []
        self._undo_text = ""
        """The latest offer to undo something."""
        self._added: frozenset[int] = frozenset()
        self._removing = asyncio.Lock()
        """Held while a removal or its undo is on its way."""
        self.has_acted = asyncio.Event()
        """Set unless a command is being carried out: the next keys are meant for what it does."""
        self.has_acted.set()

    async def _call(self, command: Command[_T]) -> _T:
        if text := unanswered_text(self._model.attachment):
            self._say(text, severity="warning")
        with holding_keys(self.has_acted):
            return await self._client.call(command)

    def _say(self, text: str, *, severity: Any = "information") -> None:
        self._app.notify(text, severity=severity, markup=False)

    @property
    def can_undo(self) -> bool:
        """Whether removed tasks, or the order of the queue, can be restored."""
        return self._latest_undo() is not None or self._removing.locked()

    def _latest_undo(self) -> RestoreTasks | RankTasks | None:
        """Return what the undo key restores, without moves of links that are all sent."""
        while self._undoable:
            undo = self._undoable[-1]
            if not isinstance(undo, RankTasks) or any(map(self._is_queued, undo.ranks)):
                return undo
            self._undoable.pop()
        return None

    def _is_queued(self, task_id: int) -> bool:
        task = self._model.tasks.get(task_id)
        return task is not None and task.state is TaskState.QUEUED

    def select(self, ids: Iterable[int]) -> list[Task]:
        """Return the tasks with these `ids`."""
        tasks = (self._model.tasks.get(task_id) for task_id in ids)
        return [task for task in tasks if task is not None]

    async def effects_shown(self) -> None:
        """Wait until the model has taken the effects of the commands that were carried out."""
        shown = asyncio.Event()
        self._app.call_later(shown.set)
        await shown.wait()

    async def say_why_not(self, ids: Collection[int], otherwise: str) -> None:
        """Say why a command has changed none of `ids`: they are gone, or `otherwise`."""
        await self.effects_shown()
        self._say(otherwise if self.select(ids) else already_removed(len(ids)))

    async def add(self, command: AddTasks) -> tuple[Task, ...]:
        """Queue links and return their tasks, which are on disk then."""
        tasks = await self._call(command)
        self._added |= {task.id for task in tasks}
        return tasks

    def take_added(self) -> frozenset[int]:
        """Return the ids of the tasks that were added or brought back since the last call."""
        added, self._added = self._added, frozenset()
        return added

    def show_error(self, error: Pan123Error) -> None:
        """Show why a command was not carried out, and what to do."""
        text = explain_problem(error.problem).text
        self._app.notify(text, severity="error", timeout=ERROR_S, markup=False)

    @shows_errors
    async def retry(self, tasks: Sequence[Task], *, shown: Collection[int] | None = None) -> None:
        """Queue those of `tasks` again that can be; ask what became of the unsure ones.

        What is said counts those that are not among the ids `shown`.
        """
        again = [task for task in tasks if task.has_failed]
        if unsure := [task for task in tasks if task.is_unsure]:
            from pan123_tui.ui.dialogs.unconfirmed import ask_unsure  # noqa: PLC0415 - rarely used

            answer = await ask_unsure(self._app, unsure)
            again += answer.again
            await self._confirm(answer.arrived)
        if not again:
            return
        ids = tuple(task.id for task in again)
        is_unsure_too = any(task.is_unsure for task in again)
        queued = await self._call(RetryTasks(ids, unconfirmed_too=is_unsure_too))
        if not queued:  # another screen was quicker
            await self.say_why_not(ids, _("Nothing to retry."))
            return
        text = ngettext("{count} link queued again.", "{count} links queued again.", len(queued))
        hidden = hidden_text(count_hidden(queued, shown))
        self._say(join_sentences(_with_skipped(text, len(queued), len(tasks)), hidden))

    async def _confirm(self, arrived: Sequence[Task]) -> None:
        if not arrived:
            return
        ids = tuple(task.id for task in arrived)
        confirmed = await self._call(ConfirmTasks(ids))
        text = confirmed_text(len(confirmed))
        if confirmed:
            self._say(text)
        else:
            await self.say_why_not(ids, _("These tasks are no longer unsure."))

    async def retry_failed(
        self, matches: Callable[[Task], bool], *, shown: Collection[int] | None = None
    ) -> None:
        """Queue all tasks again that have failed, and that the search finds."""
        failed = [task for task in self._model.tasks.values() if task.has_failed]
        if found := list(filter(matches, failed)):
            await self.retry(found, shown=shown)
        else:
            self._say(_("The search finds nothing that failed."))

    @shows_errors
    async def remove(self, tasks: Sequence[Task], *, shown: Collection[int] | None = None) -> None:
        """Remove `tasks` and offer to bring them back; those not among the ids `shown` too."""
        ids = tuple(task.id for task in tasks)
        async with self._removing:
            removed = await self._call(RemoveTasks(ids))
        if not removed:
            text = _("A link that is being sent right now cannot be removed: wait a moment.")
            await self.say_why_not(ids, text)
            return
        text = removal_text(
            removed,
            undo_key=self.keys["tasks.undo"],
            hidden=count_hidden(removed, shown),
            sending=sum(task.state is TaskState.SUBMITTING for task in tasks),
        )
        self._offer_undo(RestoreTasks(removed), text)

    async def clear(self) -> None:
        """Remove all tasks that are done."""
        if done := [task for task in self._model.tasks.values() if is_done(task)]:
            await self.remove(done)
        else:
            self._say(_("There is nothing to clear."))

    @shows_errors
    async def undo(self) -> None:
        """Restore the tasks of the latest removal, or the order before the latest move."""
        async with self._removing:
            undo = self._latest_undo()
            if undo is None:
                self._say(_("There is nothing to undo."))
                return
            restored = await self._call(cast("Command[object]", undo))
            with suppress(ValueError):  # it goes where all its links were sent meanwhile
                self._undoable.remove(undo)
            withdraw(self._app, self._undo_text)
        if isinstance(undo, RankTasks):
            text = _("The links are back in their places.")
            if not restored:
                await self.say_why_not(undo.ranks, _("These links are sent already."))
                return
        else:
            self._added |= {task.id for task in undo.tasks}
            count = len(undo.tasks)
            text = ngettext("{count} task is back.", "{count} tasks are back.", count)
            text = text.format(count=formats.number(count))
        self._say(text)

    def _offer_undo(self, undo: RestoreTasks | RankTasks, text: str) -> None:
        """Offer in `text` that `undo` is carried out; it takes the place of the latest offer."""
        self._undoable.append(undo)
        withdraw(self._app, self._undo_text)
        self._undo_text = text
        self._app.notify(text, timeout=UNDO_TOAST_S, markup=False)

    @shows_errors
    async def send_next(self, queued: Sequence[Task]) -> None:
        """Move `queued` links to the front; the undo puts them back."""
        former = {task.id: task.rank for task in queued}
        moved = await self._call(SendNext(tuple(former)))
        if not moved:
            await self.effects_shown()
            already = unmoved_text(len(former))
            still_queued = any(map(self._is_queued, former))
            otherwise = already if still_queued else _("These links are sent already.")
            await self.say_why_not(tuple(former), otherwise)
            return
        undo = _("{key} undoes this.").format(key=self.keys["tasks.undo"])
        text = moved_text(formats.count_links(len(moved)))
        ranks = {task.id: former[task.id] for task in moved}
        self._offer_undo(RankTasks(ranks), join_sentences(text, undo))

    @shows_errors
    async def run(self, command: Command[_T]) -> _T:
        """Have `command` carried out and return its result; None after an error."""
        return await self._call(command)

    @shows_errors
    async def edit(self, requests: Mapping[int, DownloadRequest]) -> bool:
        """Change tasks, by id, to `requests` and queue them again; return True once decided."""
        call, known = self._client.call, self._model.tasks
        queued = {i for i in requests if i in known and known[i].state is TaskState.QUEUED}
        changed = {i: it for i, it in requests.items() if i not in queued or known[i].request != it}
        if not changed:
            self._say(nothing_changed())
            return True
        with holding_keys(self.has_acted):  # all at once, so that they are saved together
            tasks = await asyncio.gather(*(call(EditTask(i, it)) for i, it in changed.items()))
        edited = {task.id for task in tasks if task is not None}
        await self.effects_shown()
        late = len(self.select(changed.keys() - edited))
        if late or len(edited) != 1:
            text = edit_result(len(edited & queued), len(edited - queued), late)
            text = text or already_removed(len(changed))
            self._say(text, severity="warning" if late else "information")
        return True

    @shows_errors
    async def poll_now(self) -> None:
        """Poll all tasks now and end every pause."""
        await self._call(PollNow())

    def set_visible(self, ids: Collection[int]) -> None:
        """Poll the tasks on the screen more often."""
        self._client.send(SetVisible(tuple(ids)))


def is_done(task: Task) -> bool:
    """Return whether `task` has succeeded, and its file is not in doubt."""
    return task.state is TaskState.SUCCEEDED and not task.is_doubtful


def count_hidden(tasks: Iterable[Task], shown: Collection[int] | None) -> int:
    """Return how many of `tasks` are not among the ids `shown`; None: all are."""
    return 0 if shown is None else len({task.id for task in tasks} - set(shown))


def _with_skipped(text: str, count: int, of: int) -> str:
    """Format `text` for `count` tasks, and the number of marked tasks that were skipped."""
    done = text.format(count=formats.number(count))
    if (skipped := of - count) <= 0:
        return done
    rest = ngettext(
        "{count} other was left as it is.", "{count} others were left as they are.", skipped
    )
    return join_sentences(done, rest.format(count=formats.number(skipped)))
