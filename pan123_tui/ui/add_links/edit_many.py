"""Dialog that edits folder, name and callback of several tasks before they are queued again."""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.getters import query_one
from textual.widgets import Static

from pan123_tui.domain.links.file_names import expand_template, guess_name
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.add_links.common_fields import CommonFields
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.dialogs.edit_link import EDIT_BINDINGS, EditScreen
from pan123_tui.ui.widgets.form_fields import KnownFolders
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.formats import hidden_text, number
from pan123_tui.wording.outcomes import nothing_changed


class EditManyScreen(Dialog[list[DownloadRequest] | None]):
    """Returns the edited requests in their order, or None if cancelled."""

    AUTO_FOCUS = "#common-name Input"
    BINDINGS: ClassVar[list[BindingType]] = EDIT_BINDINGS

    fields = query_one(CommonFields)

    def __init__(
        self,
        requests: Sequence[DownloadRequest],
        *,
        hidden: int = 0,
        known: KnownFolders,
    ) -> None:
        """Edit `requests`, of which the list does not show `hidden`."""
        super().__init__()
        self._requests = requests
        self._hidden = hidden
        self._known = known
        self._before = _common(requests)

    def compose(self) -> ComposeResult:
        count = len(self._requests)
        title = ngettext("Edit {count} task", "Edit {count} tasks", count)
        hint = _("Fields that you do not change stay as they are.")
        with VerticalGroup(id="edit-box", classes="dialog") as box:
            box.border_title = title.format(count=number(count))
            with VerticalScroll(id="edit-body", can_focus=False):
                yield Static("\n".join([hint, *hidden_text(self._hidden)]), markup=False)
                yield CommonFields(self._before, known=self._known, unchanged=_("as it is"))
            yield KeyBar()

    def on_mount(self) -> None:
        first = self._requests[0]
        self.fields.show_links(len(self._requests), first.name or guess_name(first.url))

    def on_input_submitted(self) -> None:
        """Save changes; enter alone queues nothing."""
        if self.fields.common == self._before:
            self.notify(nothing_changed(), markup=False)
        else:
            self.action_save()

    def action_browse(self) -> None:
        """Let the folder be chosen, from whichever field."""
        self.fields.folder.action_browse()

    def action_save(self) -> None:
        """Return the requests, or focus the first field with an error."""
        if self.fields.focus_error():
            self.app.bell()
        else:
            after = self.fields.common
            self.close(edit_requests(self._requests, before=self._before, after=after))


def edit_requests(
    requests: Sequence[DownloadRequest], *, before: DownloadRequest, after: DownloadRequest
) -> list[DownloadRequest]:
    """Return `requests` with the fields that differ in `before` and `after`.

    The name is a template for `expand_template`; empty, each keeps its own.
    """
    changes = {
        field: getattr(after, field)
        for field in ("folder_id", "callback_url")
        if getattr(after, field) != getattr(before, field)
    }
    edited = [replace(request, **changes) for request in requests]
    if not after.name:
        return edited
    return [
        replace(request, name=_expand(after.name, request, position, len(requests)))
        for position, request in enumerate(edited, 1)
    ]


def _expand(template: str, request: DownloadRequest, position: int, count: int) -> str:
    name = request.name or guess_name(request.url)
    return expand_template(template, name=name, number=position, count=count)


def _common(requests: Sequence[DownloadRequest]) -> DownloadRequest:
    """Return the folder and the callback that all `requests` have."""
    folders = {request.folder_id for request in requests}
    callbacks = {request.callback_url for request in requests}
    return DownloadRequest(
        "",
        folder_id=folders.pop() if len(folders) == 1 else None,
        callback_url=callbacks.pop() if len(callbacks) == 1 else "",
    )


async def ask_edited(
    app: App[Any], requests: Sequence[DownloadRequest], *, hidden: int, known: KnownFolders
) -> list[DownloadRequest] | None:
    """Have one or several requests edited; return them in their order, None if cancelled."""
    if len(requests) > 1:
        return await app.push_screen_wait(EditManyScreen(requests, hidden=hidden, known=known))
    request = await app.push_screen_wait(EditScreen(requests[0], known=known))
    return None if request is None else [request]
