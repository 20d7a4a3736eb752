"""Keys that act on the marked tasks, or on the one under the cursor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from textual import work
from textual.binding import Binding
from textual.message import Message

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.i18n import N_, _
from pan123_tui.ui import disabled_reasons
from pan123_tui.ui.dashboard.clipboard_actions import ClipboardActions, HasClipboard
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.task_actions import EditAsked, TaskActions, count_hidden
from pan123_tui.ui.theme import UiOptions
from pan123_tui.wording import formats

TASK_BINDINGS = (
    Binding("r", "retry", N_("retry"), id="tasks.retry"),
    Binding("R", "retry_failed", N_("retry all failed"), id="tasks.retry_failed", show=False),
    Binding(
        "e",
        "edit",
        N_("edit"),
        id="tasks.edit",
        tooltip=N_("Edit the link, name or folder, then queue it again"),
    ),
    Binding(
        "F",
        "failures",
        N_("failures"),
        id="tasks.failures",
        tooltip=N_("What failed, by host: see why, test the link, retry"),
    ),
    Binding("d,delete", "remove", N_("remove"), id="tasks.remove"),
    Binding("u", "undo", N_("undo"), id="tasks.undo"),
    Binding(
        "c",
        "clear('succeeded')",
        N_("clear succeeded"),
        id="tasks.clear_succeeded",
        show=False,
    ),
    Binding(
        "C",
        "clear('finished')",
        N_("clear all finished"),
        id="tasks.clear_finished",
        show=False,
    ),
    Binding(
        "m",
        "redirect",
        N_("replace missing folder"),
        id="tasks.redirect",
        tooltip=N_("Send the links whose folder is gone elsewhere, or make it again"),
    ),
    Binding(
        "f5",
        "poll_now",
        N_("check now"),
        id="tasks.poll",
        tooltip=N_("Check and send now; look for the file of an unconfirmed task"),
        show=False,
    ),
)

FIRST_KEYS = (
    *(
        "tasks.confirm",
        "marks.range",
        "links.add",
        "tasks.retry",
        "tasks.edit",
        "tasks.remove",
        "tasks.undo",
        "table.select",
    ),
    *("tasks.redirect", "queue.front", "marks.toggle"),
    *("view.search", "queue.pause", "view.filter", "view.sort", "links.watch"),
)
"""The most useful keys, for a key bar where not all fit."""


def _is_queued(task: Task) -> bool:
    return task.state is TaskState.QUEUED


_COUNTED_BY_KEY: Mapping[str, Callable[[Task], bool]] = {
    "tasks.retry": attrgetter("is_retryable"),
    "tasks.edit": attrgetter("is_editable"),
    "tasks.confirm": lambda task: task.state is TaskState.UNCONFIRMED,
    "tasks.remove": lambda _task: True,
    "links.copy": lambda _task: True,
    "queue.front": _is_queued,
}
"""Which of the marked tasks a key acts on; the key bar shows their number."""


class TaskKeys(ClipboardActions):
    """A screen whose keys call the task actions; subclasses have the table."""

    _chosen: tuple[object, tuple[Task, ...]] = (None, ())
    """What the chosen tasks depend on, and these."""

    @dataclass
    class RedirectAsked(Message):
        """The links for a missing folder should go elsewhere."""

        folder_id: int

    class FailuresAsked(Message):
        """The failures should be shown."""

    def __init__(
        self, owner: HasClipboard, actions: TaskActions, model: TaskModel, options: UiOptions
    ) -> None:
        super().__init__(owner)
        self._actions = actions
        self._model = model
        self._options = options

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        raise NotImplementedError

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter is in use."""
        raise NotImplementedError

    def reasons(self) -> dict[str, Callable[..., str]]:
        """Return, by action, what says why it is disabled; empty text if it is not."""
        return {
            "retry": lambda: disabled_reasons.retry_reason(self._chosen_tasks()),
            "edit": lambda: disabled_reasons.edit_reason(self._chosen_tasks()),
            "remove": lambda: disabled_reasons.selection_reason(self._chosen_tasks()),
            "copy_links": lambda: disabled_reasons.selection_reason(self._chosen_tasks()),
            "retry_failed": lambda: disabled_reasons.retry_failed_reason(self._model),
            "failures": lambda: disabled_reasons.retry_failed_reason(self._model),
            "copy_failed": lambda: disabled_reasons.retry_failed_reason(self._model),
            "clear": lambda what: disabled_reasons.clear_reason(self._model, what),
            "redirect": lambda: "" if self._missing_folder else _("No folder is missing."),
            "undo": lambda: "" if self._actions.can_undo else _("There is nothing to undo."),
            "watch_clipboard": lambda: self.watch_disabled_reason,
        }

    def requests_to_copy(self) -> list[DownloadRequest]:
        return [task.request for task in self._take_tasks() if task.has_link]

    def failed_links(self) -> list[str]:
        tasks = self._model.tasks.values()
        return [task.request.url for task in tasks if task.has_failed and task.has_link]

    def _chosen_tasks(self) -> tuple[Task, ...]:
        """Return the marked tasks, oldest first, else the one under the cursor.

        They are kept until they change: every key that is shown asks, and ended tasks are encoded.
        """
        cursor = self.table.cursor_task_id
        ids = self.table.marked or frozenset(() if cursor is None else (cursor,))
        depends_on = self._model.revision, ids
        if self._chosen[0] != depends_on:
            self._chosen = depends_on, tuple(self._actions.select(sorted(ids)))
        return self._chosen[1]

    def _take_tasks(self) -> tuple[Task, ...]:
        """Return the chosen tasks for a command, which ends an open range at the cursor."""
        self.table.close_range()
        return self._chosen_tasks()

    def short_descriptions(self) -> dict[str, Callable[[], str | None]]:
        """Return, by id, what a key does now, for the key bar; None where it does not apply."""
        return {
            "marks.range": lambda: _("mark up to here") if self.table.is_range_open else None,
            "tasks.redirect": lambda: "" if self._missing_folder_here else None,
        }

    def _describe_key(self, binding: Binding) -> str | None:
        """Return what a key does to how many of the marked tasks; None to leave it out."""
        describe = self.short_descriptions().get(binding.id or "")
        text = describe() if describe else ""
        is_counted = _COUNTED_BY_KEY.get(binding.id or "")
        if text is None or is_counted is None or not self.table.marked:
            return text
        count = formats.number(sum(map(is_counted, self._chosen_tasks())))
        return _("{action} {count}").format(action=text or _(binding.description), count=count)

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        chosen = [task.id for task in self._take_tasks()]
        await self._actions.retry(chosen, of=len(self.table.marked), shown=self.table.order)

    @work(group="dialog", exclusive=True)
    async def action_retry_failed(self) -> None:
        shown = self.table.order if self.is_narrowed else None
        await self._actions.retry_failed(shown=shown)

    def action_edit(self) -> None:
        if tasks := [task for task in self._take_tasks() if task.is_editable]:
            hidden = count_hidden(tasks, self.table.order)
            self.post_message(EditAsked(tasks, hidden))

    @property
    def _missing_folder_here(self) -> int | None:
        """The folder of the task under the cursor, if it is missing."""
        task = self._model.tasks.get(self.table.cursor_task_id or 0)
        folder_id = task.folder_id if task else None
        return folder_id if folder_id in self._model.status.missing_folders else None

    @property
    def _missing_folder(self) -> int | None:
        """The missing folder of the task under the cursor, else the first one."""
        missing = self._model.status.missing_folders
        return next(filter(None, (self._missing_folder_here, *missing)), None)

    def action_redirect(self) -> None:
        if (folder_id := self._missing_folder) is not None:
            self.post_message(self.RedirectAsked(folder_id))

    def action_failures(self) -> None:
        self.post_message(self.FailuresAsked())

    @work(group="dialog", exclusive=True)
    async def action_remove(self) -> None:
        chosen = [task.id for task in self._take_tasks()]
        await self._actions.remove(chosen, shown=self.table.order)

    @work(group="dialog", exclusive=True)
    async def action_clear(self, what: str) -> None:
        await self._actions.clear(what)
