"""The dialog that renames the file of a task, or moves those of several."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from msgspec import Struct
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from pan123_tui.domain.files import file_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_, _, join_sentences, ngettext
from pan123_tui.ui.dialogs.edit_link import LinkDialog
from pan123_tui.ui.widgets.form_fields import FolderField, KnownFolders, NameField
from pan123_tui.wording.formats import number


class FileEdit(Struct, frozen=True):
    """What is to be changed of files on the drive."""

    name: str = ""
    """Empty: not the name."""
    folder_id: int | None = None
    """None: not the folder."""


class FileScreen(LinkDialog[FileEdit | None]):
    """Edits the name and the folder of one file, or only the folder of several."""

    NAME = "file"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", N_("change"), id="file.save", tooltip=N_("Change it on the drive")
        ),
        Binding("ctrl+o", "browse", N_("choose folder"), id="file.browse"),
        Binding("escape", "cancel", N_("back"), id="file.cancel", tooltip=N_("Change nothing")),
    ]

    def __init__(
        self, tasks: Sequence[Task], *, known: KnownFolders, warnings: Sequence[str] = ()
    ) -> None:
        """`tasks` are those whose files are known; `warnings` are sentences about them."""
        super().__init__()
        self._tasks = tasks
        self._warnings = warnings
        self._known = known

    def heading(self) -> str:
        count = len(self._tasks)
        if count == 1:
            return _("Rename or move the file")
        text = ngettext("Move {count} file", "Move {count} files", count)
        return text.format(count=number(count))

    def fields(self) -> Iterator[Widget]:
        task, *others = self._tasks
        if others:
            folder_id = None
        else:
            folder_id = task.folder_id
            name = file_name(task)
            yield NameField(name, placeholder=sanitize(name), id="file-name", is_sent=False)
        yield FolderField(
            folder_id, known=self._known, placeholder=_("where it is"), id="file-folder"
        )
        yield Static(
            join_sentences(*self._warnings, _("The drive changes at once; there is no undo.")),
            classes="dialog-detail",
            markup=False,
        )

    @property
    def is_changed(self) -> bool:
        return self.result() != FileEdit()

    def result(self) -> FileEdit:
        """Return what differs from what is known of the file."""
        task, *others = self._tasks
        folder_id = self.folder.folder_id
        if others:
            return FileEdit(folder_id=folder_id)
        name = self.name_field.input.value
        return FileEdit(
            "" if name == file_name(task) else name,
            None if folder_id == task.folder_id else folder_id,
        )
