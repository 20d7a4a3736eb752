"""The name of a new folder; it is made before the question goes away."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.folder import Folder
from pan123_tui.domain.naming import check_name
from pan123_tui.i18n import N_, _
from pan123_tui.ui.folder_desk import FolderDesk
from pan123_tui.ui.formatting import plain_content
from pan123_tui.ui.widgets.field import Field
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording import explain
from pan123_tui.wording_links import explain_name_fault


class NewFolderScreen(ModalScreen[Folder | None]):
    """Gives the folder that was made, or None; while it is refused, the name stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "make", N_("make"), id="new_folder.make"),
        Binding("escape", "cancel", N_("back"), id="new_folder.cancel"),
    ]

    field = query_one(Field)

    def __init__(self, desk: FolderDesk, parent: Folder) -> None:
        super().__init__()
        self._desk = desk
        self._within = parent
        self._is_making = False

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="new-folder-box", classes="dialog") as box:
            box.border_title = _("New folder")
            where = _("Name, in “{folder}”").format(folder=self._within.name or _("All folders"))
            yield Field(plain_content(where).plain, Input(compact=True))
            yield KeyBar()

    def on_input_changed(self) -> None:
        faults = check_name(self.field.input.value).errors
        self.field.say(error="; ".join(map(explain_name_fault, faults)))

    def on_input_submitted(self) -> None:
        self.action_make()

    def action_make(self) -> None:
        name = self.field.input.value.strip()
        if name and not self.field.has_error and not self._is_making:
            self._is_making = True
            self._try(name)

    @work(group="make-folder")
    async def _try(self, name: str) -> None:
        try:
            made = await self._desk.make(name, self._within.id)
        except Pan123Error as error:
            self.field.say(error=explain(error.problem).text)
        else:
            if self.is_current:
                self.dismiss(made)
        finally:
            self._is_making = False

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)
