"""Dialogs that edit a link with its name and folder: under review, or that of a task."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.screen import ScreenResultType
from textual.widget import Widget
from textual.widgets import Static

from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.links.review import ReviewRow, RowEdit
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.form_fields import (
    FolderField,
    KnownFolders,
    LinkField,
    NameField,
    focus_first_error,
)
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.outcomes import nothing_changed


class LinkDialog(Dialog[ScreenResultType]):
    """Returns what was edited, or None if cancelled; stays open while a field has an error."""

    NAME: ClassVar[str]
    """The first part of the ids of its parts."""

    name_field = query_one(NameField)
    folder = query_one(FolderField)

    def compose(self) -> ComposeResult:
        with VerticalGroup(id=f"{self.NAME}-box", classes="dialog") as box:
            box.border_title = self.heading()
            with VerticalScroll(id=f"{self.NAME}-body", can_focus=False):
                yield from self.fields()
            yield KeyBar()

    def heading(self) -> str:
        """Return the title of the dialog."""
        raise NotImplementedError

    def fields(self) -> Iterator[Widget]:
        """Yield what is between the title and the keys."""
        raise NotImplementedError

    def result(self) -> ScreenResultType:
        """Return what was edited."""
        raise NotImplementedError

    @property
    def is_changed(self) -> bool:
        """Whether enter saves anything."""
        return True

    def on_input_submitted(self) -> None:
        if self.is_changed:
            self.action_save()
        else:
            self.notify(nothing_changed(), markup=False)

    def action_browse(self) -> None:
        """Let the folder be chosen, from whichever field."""
        self.folder.action_browse()

    def action_save(self) -> None:
        """Return the result, or focus the first field with an error."""
        if focus_first_error(self):
            self.app.bell()
        else:
            self.close(self.result())


_SAVE_ROW = Binding(
    "ctrl+s", "save", N_("save"), id="row.save", tooltip=N_("Use this for the link")
)
EDIT_BINDINGS: list[BindingType] = [
    Binding("ctrl+s", "save", N_("save"), id="edit.save", tooltip=N_("Queue with these changes")),
    Binding("ctrl+o", "browse", N_("choose folder"), id="edit.browse"),
    Binding("escape", "cancel", N_("back"), id="edit.cancel", tooltip=N_("Change nothing")),
]
_LEAVE_ROW = Binding("escape", "cancel", N_("back"), id="row.cancel", tooltip=N_("Change nothing"))


class RefusedScreen(LinkDialog[str | None]):
    """Edits a text under review that is refused, until it is a link."""

    NAME = "row"
    BINDINGS: ClassVar[list[BindingType]] = [_SAVE_ROW, _LEAVE_ROW]

    link = query_one(LinkField)

    def __init__(self, text: str, status: str) -> None:
        """`status` says why the text is refused."""
        super().__init__()
        self._text = text
        self._status = status

    def heading(self) -> str:
        return _("This link")

    def fields(self) -> Iterator[Widget]:
        yield Static(self._status, markup=False)
        yield LinkField(_("Link"), self._text, id="row-link")

    def result(self) -> str:
        return self.link.url


class RowScreen(LinkDialog[RowEdit | None]):
    """Edits the name and the folder of one link under review."""

    NAME = "row"
    BINDINGS: ClassVar[list[BindingType]] = [
        _SAVE_ROW,
        Binding("ctrl+o", "browse", N_("choose folder"), id="row.browse"),
        _LEAVE_ROW,
    ]

    def __init__(self, row: ReviewRow, *, status: str, known: KnownFolders) -> None:
        """`status` is the text of the row's review status."""
        super().__init__()
        self._row = row
        self._status = status
        self._known = known

    def heading(self) -> str:
        return _("This link")

    def fields(self) -> Iterator[Widget]:
        row = self._row
        for url in (row.shorter_url, row.longer_url) if row.longer_url else (row.text,):
            yield Static(sanitize(url), markup=False)
        yield Static(self._status, classes="dialog-detail", markup=False)
        yield NameField(row.name, placeholder=sanitize(row.guessed_name), id="row-name")
        yield FolderField(
            row.folder_id, known=self._known, placeholder=_("as for all"), id="row-folder"
        )

    def result(self) -> RowEdit:
        """Return the edit; an unchanged name is None, so that a template still applies."""
        row, name = self._row, self.name_field.input.value
        is_unchanged = name == row.name and not row.has_own_name
        return RowEdit(name=None if is_unchanged else name, folder_id=self.folder.folder_id)


class EditScreen(LinkDialog[DownloadRequest | None]):
    """Edits the link, name, folder and callback of a task before it is queued again."""

    NAME = "edit"
    AUTO_FOCUS = "#edit-link Input"
    BINDINGS: ClassVar[list[BindingType]] = EDIT_BINDINGS

    link = query_one("#edit-link", LinkField)
    callback = query_one("#edit-callback", LinkField)

    def __init__(self, request: DownloadRequest, *, known: KnownFolders) -> None:
        super().__init__()
        self._known = known
        self._request = request

    def heading(self) -> str:
        return _("Edit, then queue again")

    def fields(self) -> Iterator[Widget]:
        request = self._request
        guess = sanitize(guess_name(request.url))
        yield LinkField(_("Link"), request.url, id="edit-link")
        yield NameField(request.name, placeholder=guess, id="edit-name")
        yield FolderField(
            request.folder_id,
            known=self._known,
            placeholder=_("Default (来自:离线下载)"),
            id="edit-folder",
        )
        yield LinkField(
            _("Callback URL"),
            request.callback_url,
            placeholder="https://",
            is_optional=True,
            id="edit-callback",
        )

    @property
    def is_changed(self) -> bool:
        return self.result() != self._request

    def result(self) -> DownloadRequest:
        return DownloadRequest(
            self.link.url,
            name=self.name_field.input.value,
            folder_id=self.folder.folder_id,
            callback_url=self.callback.url,
        )
