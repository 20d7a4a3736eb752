"""Editing a task that is not on its way: its link, name, folder and callback."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input

from pan123_tui.domain.delivery import DEFAULT_FOLDER
from pan123_tui.domain.naming import check_name, guess_name
from pan123_tui.domain.task import Draft
from pan123_tui.domain.url import check_url
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.field import Field
from pan123_tui.ui.widgets.folder_field import NO_FOLDERS, FolderField, KnownFolders
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.link_input import LinkInput
from pan123_tui.wording_links import explain_name_fault, explain_refusal


class EditScreen(ModalScreen[Draft | None]):
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

    def __init__(self, draft: Draft, *, known: KnownFolders = NO_FOLDERS) -> None:
        """Take what the task is now."""
        super().__init__()
        self._known = known
        self._draft = draft

    def compose(self) -> ComposeResult:
        draft = self._draft
        guess = visible(guess_name(draft.url))
        with VerticalGroup(id="edit-box", classes="dialog") as box:
            box.border_title = _("Edit, then queue again")
            with VerticalScroll(id="edit-body", can_focus=False):
                yield Field(_("Link"), LinkInput(draft.url, compact=True), id="edit-link")
                yield Field(
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
                yield Field(
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
        for field in self.query(Field):
            if field.has_error:
                field.input.focus()
                self.app.bell()
                return
        if self.is_current:
            self.dismiss(self._typed())

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)

    def _typed(self) -> Draft:
        return Draft(
            self._value("link").strip(),
            name=self._value("name"),
            folder_id=self.folder.folder_id,
            callback_url=self._value("callback").strip(),
        )

    def _check(self) -> None:
        refusal = check_url(self._value("link").strip())
        self._field("link").say(error=explain_refusal(refusal) if refusal else "")
        verdict = check_name(self._value("name"))
        self._field("name").say(
            error="; ".join(map(explain_name_fault, verdict.errors)),
            warning="; ".join(map(explain_name_fault, verdict.warnings)),
        )
        self.folder.check()
        callback = self._value("callback").strip()
        refusal = check_url(callback) if callback else None
        self._field("callback").say(error=explain_refusal(refusal) if refusal else "")

    def _field(self, name: str) -> Field:
        return self.query_one(f"#edit-{name}", Field)

    def _value(self, name: str) -> str:
        return self._field(name).input.value
