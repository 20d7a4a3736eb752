"""Keys for the files that arrived, and for the unconfirmed tasks whose files perhaps did."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from textual import work
from textual.binding import Binding

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.arrival_check import is_lookable
from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui import disabled_reasons
from pan123_tui.ui.dashboard.clipboard_actions import HasClipboard
from pan123_tui.ui.dashboard.task_keys import TaskKeys
from pan123_tui.ui.task_actions import TaskActions
from pan123_tui.ui.textual_private import withdraw
from pan123_tui.ui.theme import UiOptions
from pan123_tui.wording.queue import poll_text

if TYPE_CHECKING:
    from pan123_tui.ui.file_actions import FileActions

ARRIVAL_BINDINGS = (
    Binding(
        "i",
        "confirm",
        N_("it arrived"),
        id="tasks.confirm",
        tooltip=N_("Mark unconfirmed tasks as succeeded: their files arrived"),
    ),
    Binding(
        "L",
        "copy_download_links",
        N_("copy download links"),
        id="files.link",
        tooltip=N_("Copy a link to the file on the drive, which works for a while"),
        show=False,
    ),
    Binding(
        "o",
        "open_folder",
        N_("web site"),
        id="files.open",
        tooltip=N_("Open 123pan's web site, and name the folder there"),
        show=False,
    ),
)


class HasFiles(HasClipboard, Protocol):
    """The application, which makes the file actions when they are first used."""

    @property
    def file_actions(self) -> "FileActions":
        """The actions on files."""


class ArrivalKeys(TaskKeys):
    """A screen whose keys act on files."""

    def __init__(
        self,
        owner: HasFiles,
        actions: TaskActions,
        model: TaskModel,
        options: UiOptions,
        *,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(owner, actions, model, options)
        self._file_owner = owner
        self._clock = clock

    def reasons(self) -> dict[str, Callable[..., str]]:
        poll_key = self._actions.keys["tasks.poll"]
        return super().reasons() | {
            "confirm": lambda: disabled_reasons.confirm_reason(self._chosen_tasks()),
            "copy_download_links": lambda: disabled_reasons.file_reason(
                self._chosen_tasks(), poll_key=poll_key
            ),
            "open_folder": lambda: "" if self.table.total else disabled_reasons.no_task_reason(),
            "poll_now": self._poll_reason,
        }

    def _lookable(self) -> list[Task]:
        return list(filter(is_lookable, self._chosen_tasks()))

    def _poll_reason(self) -> str:
        return "" if self._lookable() else disabled_reasons.poll_reason(self._model.counts)

    @work(group="poll now", exclusive=True)
    async def action_poll_now(self) -> None:
        if lookable := self._lookable():
            self.table.close_range()
        checking = poll_text(self._model.status, now=self._clock())
        text = _("Looking into the folder…") if lookable else checking
        self.notify(text, markup=False)
        await self._actions.poll_now()
        if lookable:
            await self._file_owner.file_actions.look(lookable)
            withdraw(self.app, text)

    @work(group="dialog", exclusive=True)
    async def action_confirm(self) -> None:
        chosen, shown = self._take_tasks(), self.table.order
        await self._file_owner.file_actions.confirm(chosen, shown=shown)

    @work(group="copy", exclusive=True)
    async def action_copy_download_links(self) -> None:
        await self._file_owner.file_actions.copy_links(self._take_tasks(), self._clipboard.copy)

    @work(group="copy", exclusive=True)
    async def action_open_folder(self) -> None:
        if task := self._model.tasks.get(self.table.cursor_task_id or 0):
            await self._file_owner.file_actions.open_folder(task, self._clipboard.copy)
