"""The field for a folder: its id is typed or chosen, and its name is said as far as it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.events import Click
from textual.message import Message
from textual.widgets import Input, Static

from pan123_tui.domain.fields import FieldFault, read_folder
from pan123_tui.domain.folder import Folder
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.field import Field
from pan123_tui.wording_links import explain_field_fault


class KnownFolders(Protocol):
    """What knows folders by name, such as the mirror."""

    @property
    def folder_names(self) -> Mapping[int, str]:
        """The names of the folders that are known so far, by id."""


class _NoFolders:
    folder_names: Mapping[int, str] = {}


NO_FOLDERS: KnownFolders = _NoFolders()


class FolderField(Field):
    """Says when a folder is to be chosen from the account's; the application answers `take()`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "browse", N_("choose folder"), id="folders.browse"),
    ]

    @dataclass
    class BrowseAsked(Message):
        """A folder is to be chosen for `field`."""

        field: "FolderField"

    def __init__(
        self,
        folder_id: int | None,
        *,
        known: KnownFolders = NO_FOLDERS,
        label: str = "",
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        value = str(folder_id) if folder_id else ""
        field = Input(value, placeholder=placeholder, compact=True)
        super().__init__(label or _("Folder id"), field, id=id)
        self._known = known
        self._taken: Folder | None = None
        """What was chosen last: its name may not have come round yet."""

    @property
    def folder_id(self) -> int | None:
        """The folder that is typed; None: nothing, or nothing that can be used."""
        folder = read_folder(self.input.value)
        return None if isinstance(folder, FieldFault) else folder

    def compose(self) -> ComposeResult:
        label, *rest = super().compose()
        with HorizontalGroup():
            yield label
            yield FolderButton(_("choose"), classes="field-action", markup=False)
        yield from rest

    def on_mount(self) -> None:
        self.check()

    @on(Input.Changed)
    def check(self) -> None:
        """Say what is wrong with the id, or how the folder is called."""
        folder = read_folder(self.input.value)
        if isinstance(folder, FieldFault):
            self.say(error=explain_field_fault(folder))
        else:
            name = self._name_of(folder) if folder else ""
            self.say(hint=name and f"→ {visible(name)}")

    def take(self, folder: Folder | None) -> None:
        """Name `folder`; None: none, so that the service takes its own."""
        self._taken = folder
        self.input.value = str(folder.id) if folder else ""
        self.input.focus()
        self.check()

    def _name_of(self, folder_id: int) -> str:
        if self._taken is not None and self._taken.id == folder_id:
            return self._taken.name
        return self._known.folder_names.get(folder_id, "")

    @on(Click, ".field-action")
    def action_browse(self) -> None:
        """Have a folder chosen."""
        self.post_message(self.BrowseAsked(self))


class FolderButton(Static):
    """What the mouse presses instead of the key."""
