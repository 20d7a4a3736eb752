"""The rows of the settings screen, and a form that reads and validates them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.config.fields import Value
from pan123_tui.config.settings import Settings
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.settings.fields import FIELDS, FieldKind, SettingField
from pan123_tui.ui.widgets.form_fields import FolderField, FormField, KnownFolders
from pan123_tui.ui.widgets.styled_text import StyledSpan, content_of, wrapped
from pan123_tui.ui.widgets.text_input import TextInput

MAX_RATE = 50.0
"""Highest rate that can be set, in requests a second."""
_INDENT = " " * 4
"""Before each line of a note."""


class SettingRow(Widget, can_focus=True):
    """A label with its value, above a note or an error."""

    def __init__(self, label: str, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.label = label
        self._note = ""
        self._is_error = False

    def show_note(self, *, error: str = "", note: str = "") -> None:
        """Show `error`, else `note`, below the value."""
        self._note, self._is_error = error or note, bool(error)
        self.refresh(layout=True)

    def value_content(self) -> Content:
        """Render the first line."""
        raise NotImplementedError

    def render(self) -> Content:
        return self._content(self.size.width)

    def get_content_height(
        self,
        container: Size,  # noqa: ARG002 - Textual's signature
        viewport: Size,  # noqa: ARG002
        width: int,
    ) -> int:
        """Return the number of lines in `width` cells."""
        return self._content(width).get_height({}, width)

    def _content(self, cells: int) -> Content:
        style = "$text-error" if self._is_error else "$text-muted"
        note = wrapped(self._note, cells - len(_INDENT), style) if self._note else []
        indented = (content_of([(StyledSpan(_INDENT), *line)]) for line in note)
        return Content("\n").join([self.value_content(), *indented])

    def on_click(self, event: Click) -> None:
        event.stop()
        if not self.disabled:
            self.focus()
            self.action_use()

    def action_use(self) -> None:
        """Change the value, as enter and a click do."""
        raise NotImplementedError


class SwitchRow(SettingRow):
    """A setting that is on or off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "use", N_("switch"), id="settings.switch"),
    ]

    is_on = reactive(False)

    def __init__(self, label: str, *, is_on: bool, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(label, id=id)
        self.set_reactive(SwitchRow.is_on, is_on)

    def value_content(self) -> Content:
        mark = ("[x]", "bold $text-success") if self.is_on else ("[ ]", "$text-muted")
        return Content.assemble(mark, " ", self.label)

    def action_use(self) -> None:
        self.is_on = not self.is_on


class SelectRow(SettingRow):
    """A setting with several values; the screen shows the choices and sets `value`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "use", N_("change"), id="settings.change"),
    ]

    value = reactive("", layout=True)

    @dataclass
    class ChoiceRequested(Message):
        """The user wants to choose another value for `row`."""

        row: "SelectRow"

        @property
        def control(self) -> "SelectRow":
            """The row, for the selector of `@on`."""
            return self.row

    def __init__(
        self,
        label: str,
        *,
        value: str = "",
        value_labels: Mapping[str, str] = {},
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(label, id=id)
        self.value_labels = value_labels
        self.set_reactive(SelectRow.value, value)

    def value_content(self) -> Content:
        shown = sanitize(self.value_labels.get(self.value, self.value))
        return Content.assemble(self.label, "  ", (shown, "bold $text-primary"))

    def action_use(self) -> None:
        self.post_message(self.ChoiceRequested(self))


class SettingForm:
    """Builds, reads and validates the rows; overridden by a variable, a row is disabled."""

    def __init__(
        self,
        settings: Settings,
        *,
        theme: str,
        known: KnownFolders,
        fields: Iterable[SettingField] = FIELDS,
    ) -> None:
        """`theme` is the one in use; `known` has the names of folders."""
        self._fields = tuple(fields)
        self._settings = settings
        self._theme = theme
        self._known = known
        self.rows: dict[str, Widget] = {field.key: self._row(field) for field in self._fields}

    def dirty_values(self) -> dict[str, Value | None]:
        """Return the changed values by key; call it only if `check` found no error."""
        changed = {
            field.key: self._parsed_value(field)
            for field in self._fields
            if self._is_changed(field)
        }
        if (folder_id := changed.get("defaults.folder_id", 0)) != 0:
            name = self._known.folder_names.get(int(folder_id or 0), "")
            changed["defaults.folder_name"] = name or None
        return changed

    @property
    def is_changed(self) -> bool:
        """Whether a row differs from the settings."""
        return any(map(self._is_changed, self._fields))

    def check(self) -> Widget | None:
        """Show the errors beside the fields; return the first row that has one."""
        wrong = [field for field in self._fields if not self._check(field)]
        return self.rows[wrong[0].key] if wrong else None

    def show_error(self, text: str) -> bool:
        """Show `text` beside the field that it names; return whether it names one."""
        for field in self._fields:
            if field.key in text:
                self._show_note(field, error=text)
                return True
        return False

    def _row(self, field: SettingField) -> Widget:
        label, value = _(field.label), self._saved_value(field)
        match field.kind:
            case FieldKind.SWITCH:
                row: Widget = SwitchRow(label, is_on=bool(value), id=field.id)
            case FieldKind.SELECT:
                labels = {key: _(word) for key, word in field.choices.items()}
                row = SelectRow(label, value=str(value), value_labels=labels, id=field.id)
            case FieldKind.FOLDER:
                folder_id = self._settings.defaults.folder_id
                row = FolderField(
                    folder_id,
                    known=self._known,
                    placeholder=_("Default (来自:离线下载)"),
                    id=field.id,
                )
            case FieldKind.NUMBER | FieldKind.TEXT:
                row = FormField(
                    label,
                    TextInput(str(value), placeholder=field.placeholder, compact=True),
                    id=field.id,
                )
        row.disabled = self._settings.overridden_by(field.key) is not None
        return row

    def show_notes(self) -> None:
        """Show the help text of each field, or its error."""
        for field in self._fields:
            self._check(field)

    def _saved_value(self, field: SettingField) -> Value:
        """Return the value of the settings in the form that the row holds."""
        value = self._theme if field.key == "ui.theme" else field.read(self._settings)
        if field.kind is FieldKind.NUMBER:
            return f"{value:g}"
        if field.kind is FieldKind.FOLDER or value is None:
            return str(value or "")
        return value

    def _row_value(self, field: SettingField) -> Value:
        """Return the value that the row holds now."""
        match self.rows[field.key]:
            case SwitchRow(is_on=is_on):
                return is_on
            case SelectRow(value=value):
                return value
            case FormField(input=text_input):
                return text_input.value.strip()
        raise AssertionError(field.key)

    def _is_changed(self, field: SettingField) -> bool:
        return self._row_value(field) != self._saved_value(field)

    def _parsed_value(self, field: SettingField) -> Value | None:
        """Return the row's value in the type of the setting; None for an empty field."""
        value = self._row_value(field)
        match field.kind:
            case FieldKind.FOLDER:
                return int(value) if value else None
            case FieldKind.NUMBER:
                return float(value) if value else None
            case FieldKind.TEXT:
                return value or None
        return value

    def _check(self, field: SettingField) -> bool:
        row = self.rows[field.key]
        if isinstance(row, FolderField):
            row.check()
            return not row.has_error
        text, error = str(self._row_value(field)), ""
        if field.kind is FieldKind.NUMBER:
            error = _rate_error(text)
        elif field.kind is FieldKind.TEXT and text:
            error = field.validate(text)
        self._show_note(field, error=error)
        return not error

    def _show_note(self, field: SettingField, *, error: str = "") -> None:
        row, note = self.rows[field.key], field.help_text(self._settings)
        if isinstance(row, SettingRow):
            row.show_note(error=error, note=note)
        elif isinstance(row, FormField):
            row.say(error=error, hint=note)


def _rate_error(text: str) -> str:
    """Return why `text` is no rate; empty if it is one, or empty itself."""
    try:
        is_valid = not text or 0 < float(text) <= MAX_RATE
    except ValueError:
        is_valid = False
    return "" if is_valid else _("A number above 0, at most {most}.").format(most=f"{MAX_RATE:g}")
