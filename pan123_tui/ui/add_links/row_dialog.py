"""Dialog that shows one reviewed link and edits its name and folder."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.widgets import Input, Static

from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.links.review import ReviewRow, RowEdit
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.form_fields import NO_FOLDERS, FolderField, FormField, KnownFolders
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.links import name_problem_text


class RowScreen(Dialog[RowEdit | None]):
    """Returns the name and folder for one link, or None if cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("save"), id="row.save", tooltip=N_("Use this for the link")),
        Binding("escape", "cancel", N_("back"), id="row.cancel", tooltip=N_("Change nothing")),
    ]

    name_field = query_one("#row-name", FormField)
    folder = query_one("#row-folder", FolderField)

    def __init__(self, row: ReviewRow, *, status: str, known: KnownFolders = NO_FOLDERS) -> None:
        """`status` is the text of the row's review status."""
        super().__init__()
        self._row = row
        self._status = status
        self._known = known

    def compose(self) -> ComposeResult:
        row = self._row
        with VerticalGroup(id="row-box", classes="dialog") as box:
            box.border_title = _("This link")
            with VerticalScroll(id="row-body", can_focus=False):
                for url in (row.shorter_url, row.longer_url) if row.longer_url else (row.text,):
                    yield Static(sanitize(url), markup=False)
                yield Static(self._status, classes="dialog-detail", markup=False)
                yield FormField(
                    _("File name"),
                    Input(row.name, placeholder=sanitize(row.guessed_name), compact=True),
                    id="row-name",
                )
                yield FolderField(
                    row.folder_id,
                    known=self._known,
                    placeholder=_("as for all"),
                    id="row-folder",
                )
            yield KeyBar()

    def on_mount(self) -> None:
        self._check()

    def on_input_changed(self) -> None:
        self._check()

    def on_input_submitted(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        self._check()
        if self.folder.has_error or self.name_field.has_error:
            self.app.bell()
        else:
            self.close(RowEdit(name=self._chosen_name(), folder_id=self.folder.folder_id))

    def _chosen_name(self) -> str | None:
        """Return the name, or None if it is unchanged, so that a template still applies."""
        name = self.name_field.input.value
        return None if name == self._row.name and not self._row.has_own_name else name

    def _check(self) -> None:
        problems = check_name(self.name_field.input.value)
        self.name_field.say(
            error="; ".join(map(name_problem_text, problems.errors)),
            warning="; ".join(map(name_problem_text, problems.warnings)),
        )
        self.folder.check()
