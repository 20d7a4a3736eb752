"""Fields that apply to all links of the add screen: name or template, folder, callback."""

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

TEMPLATE_EXAMPLE = "{stem}-{n}{ext}"


class CommonFields(Container):
    """Three fields that are validated with every change."""

    folder = query_one("#common-folder", FolderField)

    class Changed(Message):
        """The value of a field has changed."""

    def __init__(
        self,
        defaults: DownloadRequest,
        *,
        known: KnownFolders = NO_FOLDERS,
        unchanged: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Start with the name, folder and callback of `defaults`.

        `unchanged` stands in empty fields where these change nothing.
        """
        super().__init__(id=id)
        self._known = known
        self._defaults = defaults
        self._unchanged = unchanged
        self._count = 0
        self._sample = ""

    @property
    def common(self) -> DownloadRequest:
        """A request with the values of the fields and no URL; the name is a template."""
        return DownloadRequest(
            "",
            name=self._value("name"),
            folder_id=self.folder.folder_id,
            callback_url=self._value("callback").strip(),
        )

    def compose(self) -> ComposeResult:
        defaults = self._defaults
        yield FormField(_("File name"), Input(defaults.name, compact=True), id="common-name")
        yield FolderField(
            defaults.folder_id,
            known=self._known,
            placeholder=self._unchanged or DEFAULT_FOLDER,
            id="common-folder",
        )
        yield FormField(
            _("Callback URL"),
            LinkInput(
                defaults.callback_url, placeholder=self._unchanged or "https://", compact=True
            ),
            id="common-callback",
        )

    def on_mount(self) -> None:
        self._check()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._check()
        self.post_message(self.Changed())

    def show_links(self, count: int, sample: str) -> None:
        """Adapt the name field to `count` links; `sample` is the guessed name of the first."""
        self._count, self._sample = count, sample
        self._check()

    def focus_error(self) -> bool:
        """Focus the first field with an error; return whether there is one."""
        self._check()
        for field in self.query(FormField):
            if field.has_error:
                field.input.focus()
                return True
        return False

    def clear_name(self) -> None:
        """Clear the name, which was meant for links that are queued now."""
        self._field("name").input.value = ""

    def _check(self) -> None:
        self._check_name()
        self.folder.check()
        callback = self._value("callback").strip()
        rejection = check_url(callback) if callback else None
        self._field("callback").say(error=rejection_text(rejection) if rejection else "")

    def _check_name(self) -> None:
        field = self._field("name")
        is_template = self._count > 1
        field.rename(_("Name template") if is_template else _("File name"))
        field.input.placeholder = TEMPLATE_EXAMPLE if is_template else sanitize(self._sample)
        template = self._value("name")
        name = expand_template(template, name=self._sample or "name.png", number=1)
        problems = check_name(name)
        errors = [name_problem_text(problem) for problem in problems.errors]
        if template_problem := check_template(template, count=self._count):
            errors.append(field_problem_text(template_problem))
        warnings = [name_problem_text(problem) for problem in problems.warnings]
        field.say(error="".join(errors[:1]), warning="".join(warnings))

    def _field(self, name: str) -> FormField:
        return self.query_one(f"#common-{name}", FormField)

    def _value(self, name: str) -> str:
        return self._field(name).input.value
