"""The forms for links: the field for an address, those for all links, and one that edits links."""

from collections.abc import Mapping, Sequence
from time import time

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Collapsible, Input, Static

from pan123_tui.domain.batches import FolderRule, folder_name
from pan123_tui.domain.links.file_names import check_template, display_name, expand_template
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.domain.links.url import Doubt
from pan123_tui.domain.sanitize import clean_label, sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.folders import FolderField
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.widgets.form_fields import (
    FormField,
    LinkField,
    NameInput,
    TextInput,
    focus_first_error,
)
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.formats import number
from pan123_tui.wording.inputs import fault_text, reason_text

EMPTY_HINT = N_("Discard the draft: clear all rows and fields; {add.undo} brings them back")
TEMPLATE_EXAMPLE = "{n}-{name}"
_DOUBTS_AT_END = {None, Doubt.END, Doubt.SHORTENED, Doubt.WRAPPED}
"""The doubts for which the end of a link is of interest, rather than how it begins."""


class AddressInput(TextInput):
    """An input for one address; a paste becomes rows at once."""

    BINDINGS = [
        Binding("enter", "submit", N_("add"), id="add.typed"),
        Binding("ctrl+x", "cut", N_("clear all"), id="add.empty", tooltip=EMPTY_HINT),
        Binding("down", "screen.focus('#add-review')", N_("rows"), id="add.rows", show=False),
    ]

    def pasted(self, text: str) -> str | None:
        """Leave a paste to the screen, unless it is part of an address."""
        return None if set(text) & set("\n\r.:") else super().pasted(text)

    def action_paste(self) -> None:
        self.call_next(self.run_action, "screen.take_clipboard")

    def action_cut(self) -> None:
        if self.selection.is_empty:
            self.call_next(self.run_action, "screen.empty")
        else:
            super().action_cut()


class CommonFields(Container):
    """Folder and batch, with name and callback under “more”, validated with every change."""

    name_field = query_one("#common-name", FormField)
    folder = query_one(FolderField)
    callback = query_one("#common-callback", LinkField)

    def __init__(
        self,
        defaults: DownloadRequest,
        *,
        engine: EngineLink,
        unchanged: str = "",
        batch_folders: FolderRule | None = None,
        id: str | None = None,
    ) -> None:
        """`unchanged` is shown in empty fields; `batch_folders` adds one for the batch."""
        super().__init__(id=id)
        self._engine = engine
        self._defaults = defaults
        self._unchanged = unchanged
        self._batch_folders = batch_folders
        self._count = 1
        self.initial: Mapping[str, str] = {}

    @property
    def common(self) -> DownloadRequest:
        """A request with the values of the fields, but no URL; its name is a template."""
        return DownloadRequest(
            "",
            name=self.name_field.input.value,
            folder_id=self.folder.folder_id,
            callback_url=self.callback.url,
        )

    @property
    def batch_label(self) -> str:
        return clean_label(self.values.get("add-batch", ""))

    @property
    def values(self) -> dict[str, str]:
        """What is in each field, by its id."""
        return {field.id or "": field.input.value for field in self.query(FormField)}

    def fill(self, values: Mapping[str, str]) -> None:
        """Enter `values`, leave all other fields alone, and hide none that was changed."""
        more = self.query_one(Collapsible)
        for field in self.query(FormField):
            field.input.value = values.get(field.id or "", field.input.value)
            if more in field.ancestors and field.input.value != self.initial.get(field.id or ""):
                more.collapsed = False

    def compose(self) -> ComposeResult:
        defaults = self._defaults
        name = FormField(_("File name"), NameInput(defaults.name, compact=True), id="common-name")
        if self._batch_folders is None:
            yield name
        yield FolderField(
            defaults.folder_id, engine=self._engine, placeholder=self._unchanged, id="common-folder"
        )
        if self._batch_folders is not None:
            batch = NameInput(placeholder=_("by default, the time"), compact=True)
            yield FormField(_("Batch"), batch, id="add-batch")
        callback = LinkField(
            _("Callback URL"),
            defaults.callback_url,
            placeholder=self._unchanged or "https://",
            is_optional=True,
            id="common-callback",
        )
        hidden = [callback] if self._batch_folders is None else [name, callback]
        yield Collapsible(*hidden, title=_("more"), classes="more")

    def on_mount(self) -> None:
        self.initial = self.values
        self.check(self._count)

    @on(Input.Changed)
    def _check_again(self) -> None:
        self.check(self._count)

    async def focus_error(self, parent: Widget) -> bool:
        """Look up what was typed; focus the first field that is wrong, and return if one is."""
        error = await focus_first_error(parent)
        more = self.query_one(Collapsible)
        if error is not None and more in error.ancestors and more.collapsed:
            more.collapsed = False
            self.call_after_refresh(error.input.focus)
            self.call_after_refresh(error.scroll_visible, animate=False)
        return error is not None

    def check(self, count: int) -> None:
        """Check the name of `count` links, and show the batch's folder as the engine names it."""
        self._count = count
        self.folder.go_below(folder_name(self._batch_folders or "none", self.batch_label, time()))
        field, is_template = self.name_field, count > 1
        field.label.update(_("Name template") if is_template else _("File name"))
        example = _("e.g. {example}").format(example=TEMPLATE_EXAMPLE)
        field.input.placeholder = example if is_template else ""
        problem = check_template(field.input.value, count=count)
        field.say(error=fault_text(problem) if problem else "")


class EditLinksScreen(Dialog[list[DownloadRequest] | None]):
    """Returns the edited requests or None; it stays open while a field has an error."""

    BINDINGS = [
        Binding("ctrl+s", "save", N_("save"), id="edit.save"),
        Binding("ctrl+o", "browse", N_("choose folder"), id="edit.browse"),
        Binding("escape", "cancel", N_("back"), id="edit.cancel"),
    ]

    fields = query_one(CommonFields)

    def __init__(
        self,
        requests: Sequence[DownloadRequest],
        *,
        engine: EngineLink,
        row: ReviewRow | None = None,
        common_folder: str = "",
        is_unsaved: bool = False,
    ) -> None:
        """Edit `requests`: of tasks, or that of a `row` of the review, saved even without a change.

        So are those that are `is_unsaved`: edited before, but not taken by the engine.
        `common_folder` is where they go without a folder of their own; empty: the default one.
        """
        super().__init__()
        self._requests = requests
        self._engine = engine
        self._row = row
        self._common_folder = common_folder
        self._is_unsaved = is_unsaved or row is not None
        is_one = len(requests) == 1
        folders = {request.folder_id for request in requests}
        callbacks = {request.callback_url for request in requests}
        shared = DownloadRequest(
            "",
            folder_id=folders.pop() if len(folders) == 1 else None,
            callback_url=callbacks.pop() if len(callbacks) == 1 else "",
        )
        self._before = requests[0] if is_one else shared
        longer = row.longer if row else ""
        link = LinkField(_("Link"), self._before.url, longer=longer, id="edit-link")
        self._link = link if is_one else None

    def compose(self) -> ComposeResult:
        count = len(self._requests)
        with VerticalGroup(classes="dialog") as box:
            several = _("Edit {count} links").format(count=number(count))
            box.border_title = several if count > 1 else _("Edit the link")
            with VerticalScroll(classes="form-body", can_focus=False):
                if self._link is not None:
                    yield self._link
                row = self._row or ReviewRow("")
                source = "" if row.source == row.text else " ".join(row.source.split())
                pasted = _("Pasted: {text}").format(text=source) if source else ""
                for text in filter(None, (reason_text(row), pasted)):
                    yield Static(sanitize(text), markup=False)
                yield CommonFields(
                    self._before, engine=self._engine, unchanged=_("as it is") if count > 1 else ""
                )
            yield KeyBar(first=("edit.save", "edit.cancel"))

    def on_mount(self) -> None:
        self.fields.check(len(self._requests))
        folder, folder_id = self.fields.folder, self._before.folder_id or 0
        tree = self._engine.model.folders
        if tree.is_gone(folder_id):
            if tree.path(folder_id):
                again = _("It will be made again, unless you choose another one.")
                folder.refuse(again, may_be_made=True)
                folder.input.focus()
            else:
                folder.say(warning=_("There is no folder {id}.").format(id=folder_id))
        if self._row and self._row.folder:
            folder.input.value = self._row.folder
        folder.input.placeholder = self._common_folder or folder.input.placeholder
        if self._link is not None:
            self._link.input.action_home()
            body = self.query_one(".form-body")  # which the focus scrolls by a line
            self.call_after_refresh(body.scroll_home, animate=False)
            if self._row is None or (self._row.doubt in _DOUBTS_AT_END and not self._row.reason):
                self.call_after_refresh(self._link.input.action_end)  # it has a width by then

    @on(Input.Submitted)
    def _save_changes(self) -> None:
        if self._is_unsaved or self._after() != self._before:
            self.action_save()
        else:
            self.notify(_("Nothing was changed."), markup=False)

    def action_browse(self) -> None:
        self.fields.folder.action_browse()

    @work(group="save", exclusive=True)
    async def action_save(self) -> None:
        if await self.fields.focus_error(self):
            self.app.bell()
        else:
            self.close(edit_requests(self._requests, before=self._before, after=self._after()))

    def _after(self) -> DownloadRequest:
        return replace(self.fields.common, url=self._link.url if self._link else "")


class EditFailedScreen(EditLinksScreen):
    """Edits tasks some of which are queued again once they are edited."""

    BINDINGS = [Binding("ctrl+s", "save", N_("queue again"), id="edit.save")]


def edit_requests(
    requests: Sequence[DownloadRequest], *, before: DownloadRequest, after: DownloadRequest
) -> list[DownloadRequest]:
    """Return `requests` with what differs in `after`; a name for several is a template."""
    if len(requests) == 1:
        return [after]
    changes = {
        field: getattr(after, field)
        for field in ("folder_id", "callback_url")
        if getattr(after, field) != getattr(before, field)
    }

    def name(request: DownloadRequest, number: int) -> str:
        if not after.name:
            return request.name
        former = display_name(request.name, request.url)
        return expand_template(after.name, name=former, number=number, count=len(requests))

    return [replace(it, **changes, name=name(it, number)) for number, it in enumerate(requests, 1)]
