"""What can be set on the settings screen: each field with its kind, its words and its reach."""

from collections.abc import Callable, Mapping
from enum import Enum, auto

from msgspec import Struct, field

from pan123_tui.addresses import why_no_base_url, why_no_url
from pan123_tui.i18n import N_, _
from pan123_tui.settings import VARIABLES, Settings, Value


class Kind(Enum):
    """How a field is changed."""

    TOGGLE = auto()
    CHOICE = auto()
    NUMBER = auto()
    TEXT = auto()
    FOLDER = auto()


class Knob(Struct, frozen=True):
    """One field of `config.toml`."""

    key: str
    """With its section: `ui.theme`."""
    label: str
    kind: Kind
    note: str = ""
    is_at_once: bool = True
    """Whether it takes effect without a restart."""
    placeholder: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Value → what is said for it."""
    why_not: Callable[[str], str] = why_no_url
    """Says why an address cannot be used."""

    @property
    def id(self) -> str:
        """The id of its row."""
        return "set-" + self.key.replace(".", "-")

    @property
    def variable(self) -> str:
        """The environment variable that goes before it; empty: there is none."""
        return VARIABLES.get(self.key, "")

    def read(self, settings: Settings) -> Value | None:
        """Give the value that is in force."""
        section, _dot, name = self.key.partition(".")
        value: Value | None = getattr(getattr(settings, section), name)
        return value

    def note_for(self, settings: Settings) -> str:
        """Say what should be known about the field: its variable, its reach, its meaning."""
        if variable := settings.overridden_by(self.key):
            return _("{variable} is set and goes first: change it there.").format(variable=variable)
        notes = [_(self.note)] if self.note else []
        if self.variable:
            notes.append(_("{variable} would go first.").format(variable=self.variable))
        if not self.is_at_once:
            notes.append(_("Takes effect after a restart."))
        return " ".join(notes)


_T, _N = Kind.TOGGLE, Kind.NUMBER
SECTIONS: tuple[tuple[str, tuple[Knob, ...]], ...] = (
    (
        N_("For new links"),
        (
            Knob("defaults.folder_id", N_("Folder id"), Kind.FOLDER),
            Knob("defaults.callback_url", N_("Callback URL"), Kind.TEXT, placeholder="https://"),
        ),
    ),
    (
        N_("The service"),
        (
            Knob("service.create_per_s", N_("Links sent a second"), _N),
            Knob(
                "service.process_per_s",
                N_("Progress reads a second"),
                _N,
                N_("All programs of one client id share what the service allows."),
            ),
            Knob(
                "service.base_url",
                N_("Address of the service"),
                Kind.TEXT,
                N_("https, or http on this machine: your account is sent there."),
                is_at_once=False,
                why_not=why_no_base_url,
            ),
        ),
    ),
    (
        N_("Clipboard"),
        (
            Knob(
                "clipboard.watch",
                N_("Watch the clipboard for links from the start"),
                _T,
                N_("The dashboard can switch it at any time."),
                is_at_once=False,
            ),
        ),
    ),
    (
        N_("When tasks end"),
        (
            Knob("notify.toast", N_("Say it in the program"), _T),
            Knob("notify.bell", N_("Ring the bell when nobody is looking"), _T),
            Knob("notify.desktop", N_("Notify the desktop when nobody is looking"), _T),
            Knob("notify.title", N_("Show counts in the window's title"), _T),
            Knob("notify.progress", N_("Show progress in the task bar"), _T),
        ),
    ),
    (
        N_("Look"),
        (
            Knob(
                "ui.language",
                N_("Language"),
                Kind.CHOICE,
                choices={"auto": N_("as the system"), "en": "English", "zh": "中文"},
            ),
            Knob("ui.theme", N_("Theme"), Kind.CHOICE),
            Knob("ui.ascii", N_("ASCII signs only"), _T, is_at_once=False),
            Knob(
                "ui.low_bandwidth",
                N_("Paint seldom, for a slow line"),
                _T,
            ),
        ),
    ),
)
KNOBS: tuple[Knob, ...] = tuple(knob for _heading, knobs in SECTIONS for knob in knobs)
