"""The dialog for a folder that is gone: choose another for its links, or make it again."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.getters import query_one
from textual.widgets import Input, Static

from pan123_tui.domain.commands import RetryTasks
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.folders.drive_folders import DriveFolders
from pan123_tui.ui.folders.field import FolderField
from pan123_tui.ui.widgets.form_fields import focus_first_error
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_block
from pan123_tui.wording import formats
from pan123_tui.wording.problems import explain_problem


class ReplaceFolderScreen(Dialog[None]):
    """Asks for another folder for all links to a missing one, which is made again if it stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "redirect", N_("send there"), id="replace.save"),
        Binding("escape", "cancel", N_("back"), id="replace.cancel"),
    ]

    field = query_one(FolderField)

    def __init__(self, folders: DriveFolders, folder_id: int, ids: Sequence[int]) -> None:
        """`ids` are the tasks that wait for the folder with the id `folder_id`."""
        super().__init__()
        self._folders = folders
        self._folder_id = folder_id
        self._ids = tuple(ids)

    def compose(self) -> ComposeResult:
        name = self._folders.name(self._folder_id)
        gone = formats.missing_folders_text([self._folder_id], {self._folder_id: name})
        links = _("{links} to send").format(links=formats.count_links(len(self._ids)))
        with VerticalGroup(classes="dialog") as box:
            box.border_title = _("Replace a missing folder")
            yield Static(plain_block(f"{gone}\n{links}"))
            yield FolderField(None, folders=self._folders)
            yield KeyBar()

    def on_mount(self) -> None:
        if path := self._folders.path(self._folder_id):
            self.field.input.value = path
            again = _("It will be made again, unless you choose another one.")
            self.field.refuse(again, may_be_made=True)

    @on(Input.Submitted)
    @work(group="redirect", exclusive=True)
    async def action_redirect(self) -> None:
        """Queue the links for the folder, once it was found or made."""
        if await focus_first_error(self):
            return
        try:
            to = self.field.folder_id or 0
            moved = await self._folders.call(RetryTasks(self._ids, to=to))
        except Pan123Error as error:
            self.field.say(error=explain_problem(error.problem).text)
            return
        count = len(moved)
        text = ngettext("{count} link queued again.", "{count} links queued again.", count)
        # If none is left, another screen was quicker.
        self.notify(text if moved else _("No link is queued for this folder."), markup=False)
        self.close()
