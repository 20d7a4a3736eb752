"""The form of the settings: a row for each field, what was changed in it, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from pan123_tui.config.settings import Settings, Value
from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.settings.fields import FIELDS, FieldKind, SettingField
from pan123_tui.ui.widgets.form_fields import FolderField, FormField, KnownFolders


class SettingRow(Widget, can_focus=True):
    """A label with its value, and under it what is to be said about it."""

    def __init__(self, label: str, *, note: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self._note = note
        self._is_error = False

    def say(self, *, error: str = "", note: str = "") -> None:
        """Show the note that applies, the error first."""
        self._note, self._is_error = error or note, bool(error)
        self.refresh(layout=True)

    def value_content(self) -> Content:
        """Give the first line."""
        raise NotImplementedError

    def render(self) -> Content:
        if not self._note:
            return self.value_content()
        style = "$text-error" if self._is_error else "$text-muted"
        note = Content.styled(f"    {sanitize(self._note)}", style)
        return Content("\n").join([self.value_content(), note])

    def on_click(self, event: Click) -> None:
        event.stop()
        if not self.disabled:
            self.focus()
            self.use()

    def use(self) -> None:
        """Do what enter and a click do."""
        raise NotImplementedError

    def action_use(self) -> None:
        self.use()


class SwitchRow(SettingRow):
    """On or off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "use", N_("switch"), id="settings.switch"),
    ]

    is_on = reactive(False)

    def __init__(
        self,
        label: str,
        *,
        is_on: bool,
        note: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(label, note=note, id=id)
        self.set_reactive(SwitchRow.is_on, is_on)

    def value_content(self) -> Content:
        mark = ("[x]", "bold $text-success") if self.is_on else ("[ ]", "$text-muted")
        return Content.assemble(mark, " ", self._label)

    def use(self) -> None:
        self.is_on = not self.is_on


class SelectRow(SettingRow):
    """One value; says when another one is to be chosen, and the screen answers with `value`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "use", N_("change"), id="settings.change"),
    ]

    value = reactive("", layout=True)

    @dataclass
    class Asked(Message):
        """Another value is to be chosen for `picker`."""

        picker: "SelectRow"

        @property
        def control(self) -> "SelectRow":
            """The picker, for `@on`."""
            return self.picker

    def __init__(
        self,
        label: str,
        *,
        value: str = "",
        words: Mapping[str, str] | None = None,
        note: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`words` says a value as a person would."""
        super().__init__(label, note=note, id=id)
        self.words = words or {}
        self.set_reactive(SelectRow.value, value)

    @property
    def label(self) -> str:
        """What the choice is about."""
        return self._label

    def value_content(self) -> Content:
        shown = sanitize(self.words.get(self.value, self.value))
        return Content.assemble(self._label, "  ", (shown, "bold $text-primary"))

    def use(self) -> None:
        self.post_message(self.Asked(self))


MAX_RATE = 50.0


class SettingForm:
    """Makes the rows and reads them; a field that a variable overrides cannot be changed."""

    def __init__(self, settings: Settings, *, theme: str, known: KnownFolders) -> None:
        """`theme` is the one in use, `known` has the names of folders."""
        self._settings = settings
        self._theme = theme
        self._known = known
        self.rows: dict[str, Widget] = {knob.key: self._row(knob) for knob in FIELDS}

    def dirty_values(self) -> dict[str, Value | None]:
        """Give what differs from what is in force; read it only while nothing is wrong."""
        changed = {knob.key: self._typed(knob) for knob in FIELDS if self._is_changed(knob)}
        if (folder_id := changed.get("defaults.folder_id", 0)) != 0:
            name = self._known.folder_names.get(int(folder_id or 0), "")
            changed["defaults.folder_name"] = name or None
        return changed

    @property
    def is_changed(self) -> bool:
        """Whether something would be lost by leaving."""
        return any(map(self._is_changed, FIELDS))

    def check(self) -> Widget | None:
        """Say beside each field what is wrong; give the first one that cannot be used."""
        return next((self.rows[knob.key] for knob in FIELDS if not self._check(knob)), None)

    def show_error(self, text: str) -> bool:
        """Show a refusal beside the field that it names; tell whether there is one."""
        for knob in FIELDS:
            if knob.key in text:
                self._say(knob, error=text)
                return True
        return False

    def _row(self, knob: SettingField) -> Widget:
        label, value = _(knob.label), self._shown(knob)
        match knob.kind:
            case FieldKind.TOGGLE:
                row: Widget = SwitchRow(label, is_on=bool(value), id=knob.id)
            case FieldKind.CHOICE:
                words = {key: _(word) for key, word in knob.choices.items()}
                row = SelectRow(label, value=str(value), words=words, id=knob.id)
            case FieldKind.FOLDER:
                folder_id = self._settings.defaults.folder_id
                row = FolderField(
                    folder_id, known=self._known, placeholder=DEFAULT_FOLDER, id=knob.id
                )
            case FieldKind.NUMBER | FieldKind.TEXT:
                row = FormField(
                    label, Input(str(value), placeholder=knob.placeholder, compact=True), id=knob.id
                )
        row.disabled = self._settings.overridden_by(knob.key) is not None
        return row

    def show_notes(self) -> None:
        """Say under each field what should be known about it."""
        for knob in FIELDS:
            self._check(knob)

    def _shown(self, knob: SettingField) -> Value:
        """Give the value in force as its row shows it."""
        value = self._theme if knob.key == "ui.theme" else knob.read(self._settings)
        if knob.kind is FieldKind.NUMBER:
            return f"{value:g}"
        if knob.kind is FieldKind.FOLDER or value is None:
            return str(value or "")
        return value

    def _given(self, knob: SettingField) -> Value:
        """Give the value as its row holds it now."""
        match self.rows[knob.key]:
            case SwitchRow(is_on=is_on):
                return is_on
            case SelectRow(value=value):
                return value
            case FormField(input=field):
                return field.value.strip()
        raise AssertionError(knob.key)

    def _is_changed(self, knob: SettingField) -> bool:
        return self._given(knob) != self._shown(knob)

    def _typed(self, knob: SettingField) -> Value | None:
        given = self._given(knob)
        match knob.kind:
            case FieldKind.FOLDER:
                return int(given) if given else None
            case FieldKind.NUMBER:
                return float(given) if given else None
            case FieldKind.TEXT:
                return given or None
        return given

    def _check(self, knob: SettingField) -> bool:
        row = self.rows[knob.key]
        if isinstance(row, FolderField):
            row.check()
            return not row.has_error
        fault = ""
        if knob.kind is FieldKind.NUMBER:
            fault = _why_no_rate(str(self._given(knob)))
        elif knob.kind is FieldKind.TEXT and (url := str(self._given(knob))):
            fault = knob.validate(url)
        self._say(knob, error=fault)
        return not fault

    def _say(self, knob: SettingField, *, error: str = "") -> None:
        row, note = self.rows[knob.key], knob.help_text(self._settings)
        if isinstance(row, SettingRow):
            row.say(error=error, note=note)
        elif isinstance(row, FormField):
            row.say(error=error, hint=note)


def _why_no_rate(text: str) -> str:
    try:
        is_rate = not text or 0 < float(text) <= MAX_RATE
    except ValueError:
        is_rate = False
    return "" if is_rate else _("A number above 0, at most {most}.").format(most=f"{MAX_RATE:g}")
