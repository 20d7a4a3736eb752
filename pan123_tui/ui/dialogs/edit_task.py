"""Dialog that edits the link, name, folder and callback of a task before it is queued again."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.widgets import Input

from pan123_tui.domain.links.file_names import check_name, guess_name
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.form_fields import (
    NO_FOLDERS,
    FolderField,
    FormField,
    KnownFolders,
    LinkInput,
)
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.links import name_problem_text, rejection_text


class EditScreen(Dialog[DownloadRequest | None]):
    """Returns the edited request, or None if cancelled."""

    AUTO_FOCUS = "#edit-link Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", N_("queue"), id="edit.save", tooltip=N_("Queue it with these changes")
        ),
        Binding("escape", "cancel", N_("back"), id="edit.cancel", tooltip=N_("Change nothing")),
    ]

    folder = query_one("#edit-folder", FolderField)

    def __init__(self, request: DownloadRequest, *, known: KnownFolders = NO_FOLDERS) -> None:
        super().__init__()
        self._known = known
        self._request = request

    def compose(self) -> ComposeResult:
        request = self._request
        guess = sanitize(guess_name(request.url))
        with VerticalGroup(id="edit-box", classes="dialog") as box:
            box.border_title = _("Edit, then queue again")
            with VerticalScroll(id="edit-body", can_focus=False):
                yield FormField(_("Link"), LinkInput(request.url, compact=True), id="edit-link")
                yield FormField(
                    _("File name"),
                    Input(request.name, placeholder=guess, compact=True),
                    id="edit-name",
                )
                yield FolderField(
                    request.folder_id,
                    known=self._known,
                    placeholder=_("Default (来自:离线下载)"),
                    id="edit-folder",
                )
                yield FormField(
                    _("Callback URL"),
                    LinkInput(request.callback_url, placeholder="https://", compact=True),
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
        """Return the request, or focus the first field with an error."""
        self._check()
        for field in self.query(FormField):
            if field.has_error:
                field.input.focus()
                self.app.bell()
                return
        self.close(self._edited_request())

    def _edited_request(self) -> DownloadRequest:
        return DownloadRequest(
            self._value("link").strip(),
            name=self._value("name"),
            folder_id=self.folder.folder_id,
            callback_url=self._value("callback").strip(),
        )

    def _check(self) -> None:
        self._check_link("link", self._value("link").strip())
        problems = check_name(self._value("name"))
        self._field("name").say(
            error="; ".join(map(name_problem_text, problems.errors)),
            warning="; ".join(map(name_problem_text, problems.warnings)),
        )
        self.folder.check()
        if callback := self._value("callback").strip():
            self._check_link("callback", callback)
        else:
            self._field("callback").say()

    def _check_link(self, name: str, url: str) -> None:
        rejection = check_url(url)
        self._field(name).say(error=rejection_text(rejection) if rejection else "")

    def _field(self, name: str) -> FormField:
        return self.query_one(f"#edit-{name}", FormField)

    def _value(self, name: str) -> str:
        return self._field(name).input.value
