"""The form that edits one or more links: those of tasks to be queued again, or that of a row."""

from collections.abc import Sequence

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.widgets import Input, Static

from pan123_tui.domain.links.file_names import display_name, expand_template
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.domain.links.url import Doubt
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.add_links.fields import CommonFields
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.widgets.form_fields import LinkField
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.formats import number
from pan123_tui.wording.inputs import reason_text

_DOUBTS_AT_END = {None, Doubt.END, Doubt.SHORTENED, Doubt.WRAPPED}
"""The doubts for which the end of a link is of interest, rather than how it begins."""


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
        self._link = LinkField(_("Link"), self._before.url, id="edit-link") if is_one else None

    def compose(self) -> ComposeResult:
        count = len(self._requests)
        with VerticalGroup(classes="dialog") as box:
            several = _("Edit {count} links").format(count=number(count))
            box.border_title = several if count > 1 else _("Edit the link")
            with VerticalScroll(classes="form-body", can_focus=False):
                if self._link is not None:
                    yield self._link
                row = self._row or ReviewRow("")
                for text in (reason_text(row), row.source):
                    if text and text != row.text:
                        yield Static(sanitize(" ".join(text.split())), markup=False)
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
