"""The form of the settings: a row for each field, what was changed in it, and what is wrong."""

from textual.widget import Widget
from textual.widgets import Input

from pan123_tui.domain.delivery import DEFAULT_FOLDER
from pan123_tui.i18n import _
from pan123_tui.settings import Settings, Value
from pan123_tui.ui.knobs import KNOBS, Kind, Knob
from pan123_tui.ui.widgets.field import Field
from pan123_tui.ui.widgets.folder_field import FolderField, KnownFolders
from pan123_tui.ui.widgets.setting_rows import Picker, SettingRow, Toggle

MAX_RATE = 50.0


class SettingForm:
    """Makes the rows and reads them; a field that a variable overrides cannot be changed."""

    def __init__(self, settings: Settings, *, theme: str, known: KnownFolders) -> None:
        """`theme` is the one in use, `known` has the names of folders."""
        self._settings = settings
        self._theme = theme
        self._known = known
        self.rows: dict[str, Widget] = {knob.key: self._row(knob) for knob in KNOBS}

    def changes(self) -> dict[str, Value | None]:
        """Give what differs from what is in force; read it only while nothing is wrong."""
        changed = {knob.key: self._typed(knob) for knob in KNOBS if self._is_changed(knob)}
        if (folder_id := changed.get("defaults.folder_id", 0)) != 0:
            name = self._known.folder_names.get(int(folder_id or 0), "")
            changed["defaults.folder_name"] = name or None
        return changed

    @property
    def is_changed(self) -> bool:
        """Whether something would be lost by leaving."""
        return any(map(self._is_changed, KNOBS))

    def check(self) -> Widget | None:
        """Say beside each field what is wrong; give the first one that cannot be used."""
        return next((self.rows[knob.key] for knob in KNOBS if not self._check(knob)), None)

    def complain(self, text: str) -> bool:
        """Show a refusal beside the field that it names; tell whether there is one."""
        for knob in KNOBS:
            if knob.key in text:
                self._say(knob, error=text)
                return True
        return False

    def _row(self, knob: Knob) -> Widget:
        label, value = _(knob.label), self._shown(knob)
        match knob.kind:
            case Kind.TOGGLE:
                row: Widget = Toggle(label, is_on=bool(value), id=knob.id)
            case Kind.CHOICE:
                words = {key: _(word) for key, word in knob.choices.items()}
                row = Picker(label, value=str(value), words=words, id=knob.id)
            case Kind.FOLDER:
                folder_id = self._settings.defaults.folder_id
                row = FolderField(
                    folder_id, known=self._known, placeholder=DEFAULT_FOLDER, id=knob.id
                )
            case Kind.NUMBER | Kind.TEXT:
                row = Field(
                    label, Input(str(value), placeholder=knob.placeholder, compact=True), id=knob.id
                )
        row.disabled = self._settings.overridden_by(knob.key) is not None
        return row

    def show_notes(self) -> None:
        """Say under each field what should be known about it."""
        for knob in KNOBS:
            self._check(knob)

    def _shown(self, knob: Knob) -> Value:
        """Give the value in force as its row shows it."""
        value = self._theme if knob.key == "ui.theme" else knob.read(self._settings)
        if knob.kind is Kind.NUMBER:
            return f"{value:g}"
        if knob.kind is Kind.FOLDER or value is None:
            return str(value or "")
        return value

    def _given(self, knob: Knob) -> Value:
        """Give the value as its row holds it now."""
        match self.rows[knob.key]:
            case Toggle(is_on=is_on):
                return is_on
            case Picker(value=value):
                return value
            case Field(input=field):
                return field.value.strip()
        raise AssertionError(knob.key)

    def _is_changed(self, knob: Knob) -> bool:
        return self._given(knob) != self._shown(knob)

    def _typed(self, knob: Knob) -> Value | None:
        given = self._given(knob)
        match knob.kind:
            case Kind.FOLDER:
                return int(given) if given else None
            case Kind.NUMBER:
                return float(given) if given else None
            case Kind.TEXT:
                return given or None
        return given

    def _check(self, knob: Knob) -> bool:
        row = self.rows[knob.key]
        if isinstance(row, FolderField):
            row.check()
            return not row.has_error
        fault = ""
        if knob.kind is Kind.NUMBER:
            fault = _why_no_rate(str(self._given(knob)))
        elif knob.kind is Kind.TEXT and (url := str(self._given(knob))):
            fault = knob.why_not(url)
        self._say(knob, error=fault)
        return not fault

    def _say(self, knob: Knob, *, error: str = "") -> None:
        row, note = self.rows[knob.key], knob.note_for(self._settings)
        if isinstance(row, SettingRow):
            row.say(error=error, note=note)
        elif isinstance(row, Field):
            row.say(error=error, hint=note)


def _why_no_rate(text: str) -> str:
    try:
        is_rate = not text or 0 < float(text) <= MAX_RATE
    except ValueError:
        is_rate = False
    return "" if is_rate else _("A number above 0, at most {most}.").format(most=f"{MAX_RATE:g}")
