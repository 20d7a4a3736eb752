"""The commands on tasks with their questions."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from time import time
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from textual.app import App
from textual.message import Message

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.commands import (
    AddTasks,
    Command,
    EditTask,
    PollNow,
    RankTasks,
    RemoveTasks,
    RenameBatch,
    RestoreTasks,
    RetryTasks,
    SetVisible,
)
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.ui.dialogs.prompts import ConfirmScreen
from pan123_tui.ui.dialogs.unconfirmed import ask_send_again
from pan123_tui.ui.disabled_reasons import queued_reason, retry_reason
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.terminal.type_ahead import holding_keys
from pan123_tui.ui.textual_private import withdraw
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import edit_result, nothing_changed
from pan123_tui.wording.problems import explain_problem
from pan123_tui.wording.removal import already_removed, removal_detail, removal_question

CLEARABLE: Mapping[str, Callable[[Task], bool]] = {
    "succeeded": lambda task: task.state is TaskState.SUCCEEDED and not task.is_doubtful,
    "finished": lambda task: task.is_finished,
}
"""Which tasks `TaskActions.clear` removes, by its argument."""
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


class TaskActions:
    """Runs commands on tasks on the engine and asks the user where that is needed."""

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
        with holding_keys(self.has_acted):
            return await self._client.call(command)

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

    async def say_why_not(
        self,
        ids: Collection[int],
        otherwise: str,
        *,
        reason: Callable[[Sequence[Task]], str] = lambda _left: "",
    ) -> None:
        """Say why a command has changed none of `ids`: they are gone, or `reason` says why not."""
        await self.effects_shown()
        left = self.select(ids)
        text = reason(left) or otherwise if left else already_removed(len(ids))
        self._app.notify(text, markup=False)

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
    async def retry(
        self, ids: Iterable[int], *, of: int = 0, shown: Collection[int] | None = None
    ) -> None:
        """Queue failed and doubtful tasks again; ask before unconfirmed ones are sent twice.

        `of` is the number of marked tasks, from which the number of skipped ones is shown. Ask
        also if any of the tasks is not among those `shown`.
        """
        tasks = [task for task in self.select(ids) if task.is_retryable]
        if (hidden := count_hidden(tasks, shown)) and not await self._may_retry(tasks, hidden):
            return
        unconfirmed = [task for task in tasks if task.state is TaskState.UNCONFIRMED]
        if unconfirmed:
            unconfirmed = await ask_send_again(self._app, unconfirmed)
            others = [task for task in tasks if task.state is not TaskState.UNCONFIRMED]
            tasks = [*others, *unconfirmed]
        if not tasks:
            return
        task_ids = tuple(task.id for task in tasks)
        queued = await self._call(RetryTasks(task_ids, unconfirmed_too=bool(unconfirmed)))
        if not queued:  # another screen was quicker
            nothing = _("Nothing was left to queue again.")
            await self.say_why_not(task_ids, nothing, reason=retry_reason)
            return
        text = ngettext("{count} link queued again.", "{count} links queued again.", len(queued))
        self._app.notify(_with_skipped(text, len(queued), of), markup=False)

    async def retry_failed(self, *, shown: Collection[int] | None = None) -> None:
        """Queue all failed, rejected, missing and doubtful tasks again; ask about those hidden."""
        failed = [task.id for task in self._model.tasks.values() if task.has_failed]
        if failed:
            await self.retry(failed, shown=shown)
        else:
            self._app.notify(_("Nothing has failed."), markup=False)

    async def remove(self, ids: Iterable[int], *, shown: Collection[int] | None = None) -> None:
        """Remove tasks after a question that names the consequences, and those not `shown`."""
        if tasks := self.select(ids):
            await self._confirm_and_remove(tasks, hidden=count_hidden(tasks, shown))

    async def clear(self, what: str) -> None:
        """Remove all tasks that are `CLEARABLE[what]` after a question."""
        tasks = [task for task in self._model.tasks.values() if CLEARABLE[what](task)]
        if not tasks:
            self._app.notify(_("There is nothing to clear."), markup=False)
        else:
            await self._confirm_and_remove(tasks, what=what)

    @shows_errors
    async def undo(self) -> None:
        """Restore the tasks of the latest removal, or the order before the latest move."""
        async with self._removing:
            undo = self._latest_undo()
            if undo is None:
                self._app.notify(_("There is nothing to undo."), markup=False)
                return
            restored = await self._call(cast("Command[object]", undo))
            with suppress(ValueError):  # it goes where all its links were sent meanwhile
                self._undoable.remove(undo)
            withdraw(self._app, self._undo_text)
        if isinstance(undo, RankTasks):
            text = _("The links are back in their places.")
            if not restored:
                await self.say_why_not(undo.ranks, text, reason=queued_reason)
                return
        else:
            self._added |= {task.id for task in undo.tasks}
            count = len(undo.tasks)
            text = ngettext("{count} task is back.", "{count} tasks are back.", count)
            text = text.format(count=formats.number(count))
        self._app.notify(text, markup=False)

    def offer_undo(self, undo: RestoreTasks | RankTasks, text: str) -> None:
        """Offer in `text` that `undo` is carried out; it takes the place of the latest offer."""
        self._undoable.append(undo)
        withdraw(self._app, self._undo_text)
        self._undo_text = text
        self._app.notify(text, timeout=UNDO_TOAST_S, markup=False)

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
            self._app.notify(nothing_changed(), markup=False)
            return True
        with holding_keys(self.has_acted):  # all at once, so that they are saved together
            tasks = await asyncio.gather(*(call(EditTask(i, it)) for i, it in changed.items()))
        edited = {task.id for task in tasks if task is not None}
        await self.effects_shown()
        late = len(self.select(changed.keys() - edited))
        if late or len(edited) != 1:
            text = edit_result(len(edited & queued), len(edited - queued), late)
            text = text or already_removed(len(changed))
            self._app.notify(text, severity="warning" if late else "information", markup=False)
        return True

    @shows_errors
    async def rename_batch(self, name: str, label: str) -> bool:
        """Give a batch another label; return True once that is done."""
        tasks = await self._call(RenameBatch(name, label))
        if tasks:
            shown = sanitize(formats.batch_label(batch_name(tasks[0]), time()))
            counts = formats.count_tasks(len(tasks))
            text = _("Batch {name}: {counts}").format(name=shown, counts=counts)
        else:  # another screen was quicker
            text = _("This batch is gone, or has another name by now.")
        self._app.notify(text, markup=False)
        return bool(tasks)

    @shows_errors
    async def poll_now(self) -> None:
        """Poll all tasks now and end every pause."""
        await self._call(PollNow())

    def set_visible(self, ids: Collection[int]) -> None:
        """Poll the tasks on the screen more often."""
        self._client.send(SetVisible(tuple(ids)))

    async def _may_retry(self, tasks: Sequence[Task], hidden: int) -> bool:
        question = ngettext("Queue {count} link again?", "Queue {count} links again?", len(tasks))
        return await self._app.push_screen_wait(
            ConfirmScreen(
                question.format(count=formats.number(len(tasks))),
                yes=_("Retry"),
                no=_("Not now"),
                detail=join_sentences(*formats.hidden_text(hidden)),
            )
        )

    @shows_errors
    async def _confirm_and_remove(
        self, tasks: Sequence[Task], *, hidden: int = 0, what: str = ""
    ) -> None:
        question = removal_question(tasks, what)
        undo_key = self.keys["tasks.undo"]
        is_confirmed = await self._app.push_screen_wait(
            ConfirmScreen(
                question,
                yes=_("Remove"),
                no=_("Keep"),
                detail=removal_detail(tasks, undo_key=undo_key, hidden=hidden),
            )
        )
        if not is_confirmed:
            return
        task_ids = tuple(task.id for task in tasks)
        async with self._removing:
            removed = await self._call(RemoveTasks(task_ids))
        if not removed:
            text = _("A link that is being sent right now cannot be removed: wait a moment.")
            await self.say_why_not(task_ids, text)
            return
        text = ngettext(
            "{count} task removed. {key} brings it back until you leave.",
            "{count} tasks removed. {key} brings them back until you leave.",
            len(removed),
        )
        offer = _with_skipped(text, len(removed), len(task_ids), key=undo_key)
        self.offer_undo(RestoreTasks(removed), offer)


def count_hidden(tasks: Iterable[Task], shown: Collection[int] | None) -> int:
    """Return how many of `tasks` are not among the ids `shown`; None: all are."""
    return 0 if shown is None else len({task.id for task in tasks} - set(shown))


def _with_skipped(text: str, count: int, of: int, **values: str) -> str:
    """Format `text` for `count` tasks, and the number of marked tasks that were skipped."""
    done = text.format(count=formats.number(count), **values)
    if (skipped := of - count) <= 0:
        return done
    rest = ngettext(
        "{count} other was left as it is.", "{count} others were left as they are.", skipped
    )
    return join_sentences(done, rest.format(count=formats.number(skipped)))
