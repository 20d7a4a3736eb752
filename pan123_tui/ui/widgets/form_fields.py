"""The field for a secret: it is never shown, never copied, and its blanks are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.events import Click, Paste
from textual.message import Message
from textual.widgets import Input, Static

from pan123_tui.domain.folders import Folder
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.file_names import FieldProblem, parse_folder_id
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.wording.links import field_problem_text


class FormField(VerticalGroup):
    """Puts `label` over `field` and a note under it; the note is hidden while it is empty."""

    def __init__(self, label: str, field: Input, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self.input = field
        # Over SSH a blinking cursor alone sends two kilobytes a second.
        field.set_reactive(Input.cursor_blink, False)
        self._has_error = False

    @property
    def has_error(self) -> bool:
        """Whether the field cannot be used as it is."""
        return self._has_error

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="field-label", markup=False)
        yield self.input
        yield Static("", classes="field-note", markup=False)

    def rename(self, label: str) -> None:
        """Give the field another label."""
        self.query_one(".field-label", Static).update(label)

    def say(self, *, error: str = "", warning: str = "", hint: str = "") -> None:
        """Show the note that applies, the error first; none: all is well."""
        self._has_error = bool(error)
        self.set_class(bool(error), "-error")
        self.set_class(bool(warning) and not error, "-warning")
        self.set_class(bool(hint) and not error and not warning, "-hint")
        self.query_one(".field-note", Static).update(error or warning or hint)


class KnownFolders(Protocol):
    """What knows folders by name, such as the mirror."""

    @property
    def folder_names(self) -> Mapping[int, str]:
        """The names of the folders that are known so far, by id."""


class _NoFolders:
    folder_names: Mapping[int, str] = {}


NO_FOLDERS: KnownFolders = _NoFolders()


class FolderField(FormField):
    """Says when a folder is to be chosen from the account's; the application answers `take()`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "browse", N_("choose folder"), id="folders.browse"),
    ]

    @dataclass
    class BrowseAsked(Message):
        """A folder is to be chosen for `field`."""

        field: "FolderField"

    def __init__(
        self,
        folder_id: int | None,
        *,
        known: KnownFolders = NO_FOLDERS,
        label: str = "",
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        value = str(folder_id) if folder_id else ""
        field = Input(value, placeholder=placeholder, compact=True)
        super().__init__(label or _("Folder id"), field, id=id)
        self._known = known
        self._taken: Folder | None = None
        """What was chosen last: its name may not have come round yet."""

    @property
    def folder_id(self) -> int | None:
        """The folder that is typed; None: nothing, or nothing that can be used."""
        folder = parse_folder_id(self.input.value)
        return None if isinstance(folder, FieldProblem) else folder

    def compose(self) -> ComposeResult:
        label, *rest = super().compose()
        with HorizontalGroup():
            yield label
            yield FolderButton(_("choose"), classes="field-action", markup=False)
        yield from rest

    def on_mount(self) -> None:
        self.check()

    @on(Input.Changed)
    def check(self) -> None:
        """Say what is wrong with the id, or how the folder is called."""
        folder = parse_folder_id(self.input.value)
        if isinstance(folder, FieldProblem):
            self.say(error=field_problem_text(folder))
        else:
            name = self._name_of(folder) if folder else ""
            self.say(hint=name and f"→ {sanitize(name)}")

    def take(self, folder: Folder | None) -> None:
        """Name `folder`; None: none, so that the service takes its own."""
        self._taken = folder
        self.input.value = str(folder.id) if folder else ""
        self.input.focus()
        self.check()

    def _name_of(self, folder_id: int) -> str:
        if self._taken is not None and self._taken.id == folder_id:
            return self._taken.name
        return self._known.folder_names.get(folder_id, "")

    @on(Click, ".field-action")
    def action_browse(self) -> None:
        """Have a folder chosen."""
        self.post_message(self.BrowseAsked(self))


class FolderButton(Static):
    """What the mouse presses instead of the key."""


class LinkInput(Input):
    """Takes the link out of whatever is pasted; several links are handed on."""

    @dataclass
    class LinksPasted(Message):
        """A paste with more than one link came in; nothing of it was inserted."""

        text: str

    def on_paste(self, event: Paste) -> None:
        """Insert the only link of the paste, or its text as one line if it has none."""
        event.prevent_default()
        event.stop()
        links = extract(event.text[:_ENOUGH_CHARS]).links
        if len(links) > 1 or len(event.text) > _ENOUGH_CHARS:
            self.post_message(self.LinksPasted(event.text))
            return
        text = links[0].url if links else " ".join(event.text.split())
        self.replace(text, *self.selection)


_ENOUGH_CHARS = 20_000
"""A longer paste is surely more than one link."""


class SecretInput(Input):
    """Takes what is typed or pasted, in one line or in several, and shows only how long it is."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(password=True, compact=True, id=id)

    @property
    def secret(self) -> str:
        """What was typed, without blanks around it and without the word before a token."""
        return self.value.strip().removeprefix("Bearer ").strip()

    def on_paste(self, event: Paste) -> None:
        """Take a secret that a terminal has broken into lines."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor("".join(event.text.split("\n")).replace("\r", "").strip())

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Copy nothing; delete what is selected."""
        self.delete_selection()
