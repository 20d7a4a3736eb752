"""What goes for all links at once: their name or its template, their folder, their callback."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.links.file_names import check_name, check_template, expand_template
from pan123_tui.domain.links.url import check_url
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import _
from pan123_tui.ui.widgets.form_fields import (
    NO_FOLDERS,
    FolderField,
    FormField,
    KnownFolders,
    LinkInput,
)
from pan123_tui.wording.links import field_problem_text, name_problem_text, rejection_text

TEMPLATE_HINT = "{stem}-{n}{ext}"


class CommonFields(Container):
    """Three fields that are checked as they are typed in."""

    folder = query_one("#common-folder", FolderField)

    class Changed(Message):
        """One of the fields was changed."""

    def __init__(
        self,
        defaults: DownloadRequest,
        *,
        known: KnownFolders = NO_FOLDERS,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Begin with the name, folder and callback of `defaults`."""
        super().__init__(id=id)
        self._known = known
        self._defaults = defaults
        self._count = 0
        self._sample = ""

    @property
    def common(self) -> DownloadRequest:
        """What the fields say, as far as it can be used; the name is a template."""
        return DownloadRequest(
            "",
            name=self._value("name"),
            folder_id=self.folder.folder_id,
            callback_url=self._value("callback").strip(),
        )

    def compose(self) -> ComposeResult:
        given = self._defaults
        yield FormField(_("File name"), Input(given.name, compact=True), id="common-name")
        yield FolderField(
            given.folder_id,
            known=self._known,
            placeholder=DEFAULT_FOLDER,
            id="common-folder",
        )
        yield FormField(
            _("Callback URL"),
            LinkInput(given.callback_url, placeholder="https://", compact=True),
            id="common-callback",
        )

    def on_mount(self) -> None:
        self._check()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._check()
        self.post_message(self.Changed())

    def show_links(self, count: int, sample: str) -> None:
        """Fit the name field to `count` links, the first of which is likely named `sample`."""
        self._count, self._sample = count, sample
        self._check()

    def focus_fault(self) -> bool:
        """Put the cursor into the first field that cannot be used; tell whether there is one."""
        self._check()
        for field in self.query(FormField):
            if field.has_error:
                field.input.focus()
                return True
        return False

    def clear_name(self) -> None:
        """Forget the name: the links that it was meant for are gone."""
        self._field("name").input.value = ""

    def _check(self) -> None:
        self._check_name()
        self.folder.check()
        callback = self._value("callback").strip()
        refusal = check_url(callback) if callback else None
        self._field("callback").say(error=rejection_text(refusal) if refusal else "")

    def _check_name(self) -> None:
        field = self._field("name")
        is_template = self._count > 1
        field.rename(_("Name template") if is_template else _("File name"))
        field.input.placeholder = TEMPLATE_HINT if is_template else sanitize(self._sample)
        template = self._value("name")
        fault = check_template(template, count=self._count)
        name = expand_template(template, name=self._sample or "name.png", number=1)
        verdict = check_name(name)
        errors = [name_problem_text(error) for error in verdict.errors]
        if fault:
            errors.append(field_problem_text(fault))
        warnings = [name_problem_text(warning) for warning in verdict.warnings]
        field.say(error="".join(errors[:1]), warning="".join(warnings))

    def _field(self, name: str) -> FormField:
        return self.query_one(f"#common-{name}", FormField)

    def _value(self, name: str) -> str:
        return self._field(name).input.value
