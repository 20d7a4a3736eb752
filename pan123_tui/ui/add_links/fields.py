"""The fields of the review: one for an address, and the ones for all links."""

from collections.abc import Mapping
from time import time

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.getters import query_one
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Collapsible, Input

from pan123_tui.domain.batches import FolderRule, folder_name
from pan123_tui.domain.links.file_names import check_template
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.folders import FolderField
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.widgets.form_fields import FormField, LinkField, focus_first_error
from pan123_tui.ui.widgets.text_input import NameInput, TextInput
from pan123_tui.wording.inputs import fault_text

TEMPLATE_EXAMPLE = "{n}-{name}"


class AddressInput(TextInput):
    """An input for one address; a paste becomes rows at once."""

    BINDINGS = [
        Binding("enter", "submit", N_("add"), id="add.typed"),
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

    class Changed(Message):
        """The value of a field has changed."""

    def __init__(
        self,
        defaults: DownloadRequest,
        *,
        engine: EngineLink,
        unchanged: str = "",
        batch_folders: FolderRule | None = None,
        id: str | None = None,
    ) -> None:
        """Start with the name, folder and callback of `defaults`.

        `unchanged` is shown in empty fields if these change nothing. `batch_folders`, the rule for
        a batch's folder, adds a field for its name, and puts that for file names under “more”.
        """
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

    @property
    def changed(self) -> dict[str, str]:
        return {id: it for id, it in self.values.items() if it != self.initial.get(id)}

    def fill(self, values: Mapping[str, str]) -> None:
        """Enter `values`, and leave all other fields alone."""
        for field in self.query(FormField):
            field.input.value = values.get(field.id or "", field.input.value)

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
    def _post_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.check(self._count)
        self.post_message(self.Changed())

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
