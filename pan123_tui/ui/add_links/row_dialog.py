"""One row of the link tray: its whole link, and the name and folder for it alone."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.links.review import ReviewRow, RowEdit
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.form_fields import NO_FOLDERS, FolderField, FormField, KnownFolders
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.links import name_problem_text


class RowScreen(ModalScreen[RowEdit | None]):
    """Asks for the name and the folder of one link; gives what was chosen, or None."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("save"), id="row.save", tooltip=N_("Use this for the link")),
        Binding("escape", "cancel", N_("back"), id="row.cancel", tooltip=N_("Change nothing")),
    ]

    folder = query_one("#row-folder", FolderField)

    def __init__(self, row: ReviewRow, *, verdict: str, known: KnownFolders = NO_FOLDERS) -> None:
        """Take the row and, in words, what the review says about it."""
        super().__init__()
        self._row = row
        self._verdict = verdict
        self._known = known

    def compose(self) -> ComposeResult:
        row = self._row
        with VerticalGroup(id="row-box", classes="dialog") as box:
            box.border_title = _("This link")
            with VerticalScroll(id="row-body", can_focus=False):
                yield Static(sanitize(row.text), markup=False)
                yield Static(self._verdict, classes="dialog-detail", markup=False)
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
        if self.folder.has_error or self._field("name").has_error:
            self.app.bell()
        elif self.is_current:
            self.dismiss(RowEdit(name=self._chosen_name(), folder_id=self.folder.folder_id))

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)

    def _chosen_name(self) -> str | None:
        """Give the name that was typed; None: it was left alone, so a template still applies."""
        name = self._field("name").input.value
        return None if name == self._row.name and not self._row.has_own_name else name

    def _check(self) -> None:
        verdict = check_name(self._field("name").input.value)
        self._field("name").say(
            error="; ".join(name_problem_text(fault) for fault in verdict.errors),
            warning="; ".join(name_problem_text(fault) for fault in verdict.warnings),
        )
        self.folder.check()

    def _field(self, name: str) -> FormField:
        return self.query_one(f"#row-{name}", FormField)
