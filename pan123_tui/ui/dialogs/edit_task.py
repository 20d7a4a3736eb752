"""Editing a task that is not on its way: its link, name, folder and callback."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.links.file_names import check_name, guess_name
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.form_fields import (
    NO_FOLDERS,
    FolderField,
    FormField,
    KnownFolders,
    LinkInput,
)
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.links import name_problem_text, rejection_text


class EditScreen(ModalScreen[DownloadRequest | None]):
    """Asks what a task shall be when it is queued again; gives that, or None."""

    AUTO_FOCUS = "#edit-link Input"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", N_("queue"), id="edit.save", tooltip=N_("Queue it with these changes")
        ),
        Binding("escape", "cancel", N_("back"), id="edit.cancel", tooltip=N_("Change nothing")),
    ]

    folder = query_one("#edit-folder", FolderField)

    def __init__(self, draft: DownloadRequest, *, known: KnownFolders = NO_FOLDERS) -> None:
        """Take what the task is now."""
        super().__init__()
        self._known = known
        self._draft = draft

    def compose(self) -> ComposeResult:
        draft = self._draft
        guess = sanitize(guess_name(draft.url))
        with VerticalGroup(id="edit-box", classes="dialog") as box:
            box.border_title = _("Edit, then queue again")
            with VerticalScroll(id="edit-body", can_focus=False):
                yield FormField(_("Link"), LinkInput(draft.url, compact=True), id="edit-link")
                yield FormField(
                    _("File name"),
                    Input(draft.name, placeholder=guess, compact=True),
                    id="edit-name",
                )
                yield FolderField(
                    draft.folder_id,
                    known=self._known,
                    placeholder=DEFAULT_FOLDER,
                    id="edit-folder",
                )
                yield FormField(
                    _("Callback URL"),
                    LinkInput(draft.callback_url, placeholder="https://", compact=True),
                    id="edit-callback",
                )
            yield KeyBar()

    def on_mount(self) -> None:
        self._check()

    def on_input_changed(self) -> None:
        self._check()

    def on_input_submitted(self) -> None:
        self.action_save()

    def on_link_input_links_pasted(self) -> None:
        self.notify(_("One task has one link: paste several on the dashboard."), markup=False)

    def action_save(self) -> None:
        """Give what is typed, or put the cursor where something must be put right first."""
        self._check()
        for field in self.query(FormField):
            if field.has_error:
                field.input.focus()
                self.app.bell()
                return
        if self.is_current:
            self.dismiss(self._typed())

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)

    def _typed(self) -> DownloadRequest:
        return DownloadRequest(
            self._value("link").strip(),
            name=self._value("name"),
            folder_id=self.folder.folder_id,
            callback_url=self._value("callback").strip(),
        )

    def _check(self) -> None:
        refusal = check_url(self._value("link").strip())
        self._field("link").say(error=rejection_text(refusal) if refusal else "")
        verdict = check_name(self._value("name"))
        self._field("name").say(
            error="; ".join(map(name_problem_text, verdict.errors)),
            warning="; ".join(map(name_problem_text, verdict.warnings)),
        )
        self.folder.check()
        callback = self._value("callback").strip()
        refusal = check_url(callback) if callback else None
        self._field("callback").say(error=rejection_text(refusal) if refusal else "")

    def _field(self, name: str) -> FormField:
        return self.query_one(f"#edit-{name}", FormField)

    def _value(self, name: str) -> str:
        return self._field(name).input.value
