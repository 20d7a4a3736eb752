"""The fields of the settings screen: label, kind, help and validation of each."""

from collections.abc import Callable, Mapping
from enum import Enum, auto

from msgspec import Struct, field

from pan123_tui.config.fields import Value
from pan123_tui.config.schema import base_url_error, url_error
from pan123_tui.config.settings import VARIABLES, Settings
from pan123_tui.i18n import N_, _, join_sentences


class FieldKind(Enum):
    """How a field is edited."""

    SWITCH = auto()
    SELECT = auto()
    NUMBER = auto()
    TEXT = auto()
    FOLDER = auto()


class SettingField(Struct, frozen=True):
    """A field of `config.toml`."""

    key: str
    """Section and name, such as `ui.theme`."""
    label: str
    kind: FieldKind
    note: str = ""
    applies_immediately: bool = True
    """Whether it takes effect without a restart."""
    placeholder: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Label of each value."""
    validate: Callable[[str], str] = url_error
    """Returns why an address is invalid; empty if it is valid."""

    @property
    def id(self) -> str:
        """The widget id of the field's row."""
        return "set-" + self.key.replace(".", "-")

    @property
    def variable(self) -> str:
        """The environment variable that overrides the field; empty if there is none."""
        return VARIABLES.get(self.key, "")

    def read(self, settings: Settings) -> Value | None:
        """Return the value of the field in `settings`."""
        section, _dot, name = self.key.partition(".")
        value: Value | None = getattr(getattr(settings, section), name)
        return value

    def help_text(self, settings: Settings) -> str:
        """Return the notes on meaning, environment variable and restart, as one line."""
        if variable := settings.overridden_by(self.key):
            return _("Set by {variable}; change it there.").format(variable=variable)
        notes = [_(self.note)] if self.note else []
        if self.variable:
            notes.append(_("{variable}, if set, overrides this.").format(variable=self.variable))
        if not self.applies_immediately:
            notes.append(_("Takes effect after a restart."))
        return join_sentences(*notes)


_SWITCH, _NUMBER = FieldKind.SWITCH, FieldKind.NUMBER
SECTIONS: tuple[tuple[str, tuple[SettingField, ...]], ...] = (
    (
        N_("For new links"),
        (
            SettingField("defaults.folder_id", N_("Folder id"), FieldKind.FOLDER),
            SettingField(
                "defaults.callback_url", N_("Callback URL"), FieldKind.TEXT, placeholder="https://"
            ),
        ),
    ),
    (
        N_("The service"),
        (
            SettingField("service.create_per_s", N_("Links sent per second"), _NUMBER),
            SettingField(
                "service.process_per_s",
                N_("Progress checks per second"),
                _NUMBER,
                N_("All programs of one client id share what the service allows."),
            ),
            SettingField(
                "service.base_url",
                N_("Address of the service"),
                FieldKind.TEXT,
                N_("https, or http on this machine: your account is sent there."),
                validate=base_url_error,
            ),
        ),
    ),
    (
        N_("Clipboard"),
        (
            SettingField(
                "clipboard.watch",
                N_("Watch the clipboard for links from the start"),
                _SWITCH,
                N_("The dashboard can switch it at any time."),
                applies_immediately=False,
            ),
        ),
    ),
    (
        N_("When tasks end"),
        (
            SettingField(
                "notify.tell",
                N_("Tell me"),
                FieldKind.SELECT,
                choices={"off": N_("off"), "bell": N_("bell"), "desktop": N_("bell and desktop")},
            ),
            SettingField("notify.title", N_("Show counts in the window's title"), _SWITCH),
        ),
    ),
    (
        N_("Appearance"),
        (
            SettingField(
                "ui.language",
                N_("Language"),
                FieldKind.SELECT,
                choices={"auto": N_("as the system"), "en": "English", "zh": "中文"},
            ),
            SettingField("ui.theme", N_("Theme"), FieldKind.SELECT),
            SettingField("ui.ascii", N_("ASCII signs only"), _SWITCH, applies_immediately=False),
        ),
    ),
)
FIELDS: tuple[SettingField, ...] = tuple(field for _heading, fields in SECTIONS for field in fields)
SCREEN_SECTIONS = SECTIONS[2:]
"""Those that count for the screen; the engine's are on its own machine."""
