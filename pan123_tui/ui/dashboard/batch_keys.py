"""Keys that act on the batch of the task under the cursor."""

from collections.abc import Callable
from time import localtime, strftime

from msgspec.structs import replace
from textual import work
from textual.binding import Binding
from textual.getters import query_one

from pan123_tui.domain.batches import batch_labels, batch_name, count_batches
from pan123_tui.domain.filter_words import batch_term
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.i18n import N_
from pan123_tui.ui import disabled_reasons
from pan123_tui.ui.dashboard.task_keys import TaskKeys
from pan123_tui.ui.dashboard.task_panel import TaskPanel

BATCH_BINDINGS = (
    Binding(
        "b",
        "show_batch",
        N_("only this batch"),
        id="tasks.show_batch",
        tooltip=N_("Show only the batch of this task, or everything again"),
        show=False,
    ),
    Binding(
        "B",
        "rename_batch",
        N_("name the batch"),
        id="tasks.rename_batch",
        tooltip=N_("Name the batch of this task: what was added together"),
        show=False,
    ),
)


class BatchKeys(TaskKeys):
    """A screen whose keys show and rename batches."""

    panel = query_one(TaskPanel)

    def reasons(self) -> dict[str, Callable[..., str]]:
        return super().reasons() | {
            "show_batch": lambda: "" if self._shows_batch else self._no_task_reason,
            "rename_batch": lambda: self._no_task_reason,
        }

    @property
    def _no_task_reason(self) -> str:
        return "" if self.table.total else disabled_reasons.no_task_reason()

    @property
    def _shows_batch(self) -> bool:
        """Whether the search selects whole batches and nothing else."""
        from pan123_tui.domain.filter import parse  # noqa: PLC0415 - nothing is searched at first

        line = self.panel.list_state.query.search
        return bool(line) and parse(line).is_of_batches

    def action_show_batch(self) -> None:
        """Search for the batch of the task under the cursor, or clear that search."""
        if self._shows_batch:
            self.panel.update_query(search="")
        elif task := self._model.tasks.get(self.table.cursor_task_id or 0):
            self.panel.update_query(search=batch_term(batch_name(task)))

    @work(group="dialog", exclusive=True)
    async def action_rename_batch(self) -> None:
        """Ask for the name of the batch of the task under the cursor."""
        from pan123_tui.ui.dialogs.batch_name import BatchNameScreen  # noqa: PLC0415 - rarely used

        task = self._model.tasks.get(self.table.cursor_task_id or 0)
        if task is None:
            return
        name, tasks = batch_name(task), self._model.tasks
        label = await self.app.push_screen_wait(
            BatchNameScreen(
                clean_label(task.batch),
                time=strftime("%Y-%m-%d %H:%M", localtime(task.created_at)),
                count=count_batches(tasks, (name,))[name].total,
                others=set(batch_labels(tasks)) - {name},
            )
        )
        if label is None or label == task.batch:
            return
        is_shown = self.panel.list_state.query.search == batch_term(name)
        if await self._actions.rename_batch(name, label) and is_shown:
            renamed = batch_name(replace(task, batch=label))
            self.panel.update_query(search=batch_term(renamed))
