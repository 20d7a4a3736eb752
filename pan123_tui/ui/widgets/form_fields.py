"""Form fields: with a label and a note, for names, folders, links and secrets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.events import Click, Paste
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from pan123_tui.domain.folders import Folder
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.file_names import FieldProblem, parse_folder
from pan123_tui.domain.links.url import Look, check_url
from pan123_tui.domain.sanitize import clean_label, sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.text_input import NameInput, TextInput, has_lines_of_links
from pan123_tui.wording.links import (
    field_problem_text,
    label_error,
    rejection_text,
)

_MAX_SINGLE_LINK_CHARS = 20_000
"""A longer paste has more than one link."""


class FormField(VerticalGroup):
    """An input with a label above it and a note below it, which is hidden while empty."""

    def __init__(self, label: str, field: TextInput, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self.input = field
        self.has_error = False
        """Whether an error is shown."""

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="field-label", markup=False)
        yield self.input
        yield Static("", classes="field-note", markup=False)

    def rename(self, label: str) -> None:
        """Change the label."""
        self.query_one(".field-label", Static).update(label)

    def say(self, *, error: str = "", warning: str = "", hint: str = "") -> None:
        """Show the first of error, warning and hint that is not empty."""
        self.has_error = bool(error)
        self.set_class(bool(error), "-error")
        self.set_class(bool(warning) and not error, "-warning")
        self.set_class(bool(hint) and not error and not warning, "-hint")
        self.query_one(".field-note", Static).update(error or warning or hint)

    def check(self) -> None:
        """Show what is wrong with the value."""

    def look_up(self, go_on: Callable[[], None]) -> None:
        """Look up a value that cannot be used as it is, then call `go_on`, where that helps."""


def focus_first_error(parent: Widget, go_on: Callable[[], None] = lambda: None) -> FormField | None:
    """Check the fields in `parent`; focus the first with an error, and look its value up.

    Return it; `go_on` is called once what was looked up was found.
    """
    for field in parent.query(FormField):
        field.check()
        if field.has_error:
            field.input.focus()
            # A screen's own message would stop at that screen.
            field.call_later(field.look_up, go_on)
            field.call_after_refresh(field.scroll_visible, animate=False)  # the note, too
            return field
    return None


class BatchField(FormField):
    """A field for the name of a batch."""

    def __init__(
        self,
        label: str,
        name: str = "",
        *,
        placeholder: str,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(label, NameInput(name, placeholder=placeholder, compact=True), id=id)

    @property
    def batch_label(self) -> str:
        """The typed name as it is stored."""
        return clean_label(self.input.value)

    @on(Input.Changed)
    def check(self) -> None:
        """Show that a name means something else."""
        self.say(error=label_error(self.batch_label))


class KnownFolders(Protocol):
    """The names of folders, such as the task model's."""

    @property
    def folder_names(self) -> Mapping[int, str]:
        """Folder id → name, of the known folders."""

    def folder_path(self, folder_id: int) -> str:
        """Return the path of a folder from the root; empty if it is not known."""


class FolderField(FormField):
    """A field for a folder's id or path; the app answers `BrowseAsked` by calling `take`.

    A folder whose path is known is shown by it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "browse", N_("choose folder"), id="folders.browse"),
    ]

    @dataclass
    class BrowseAsked(Message):
        """A folder should be chosen for `field`, or what was `typed` be found."""

        field: "FolderField"
        typed: str = ""
        makes_missing: bool = False
        """Whether what the typed path lacks is to be made."""

    def __init__(
        self,
        folder_id: int | None,
        *,
        known: KnownFolders,
        label: str = "",
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        path = known.folder_path(folder_id) if folder_id else ""
        value = path or (str(folder_id) if folder_id else "")
        super().__init__(
            label or _("Folder"), NameInput(value, placeholder=placeholder, compact=True), id=id
        )
        self._known = known
        self._taken: tuple[str, int] = (path, folder_id or 0)
        """The path of the folder chosen last, and its id."""
        self._taken_name = ""
        self._refused: tuple[str, str] = ("", "")
        """The path or id that leads to no folder, and why."""
        self._may_be_made = False
        """Whether Enter makes the folders that this path lacks."""
        self._go_on: Callable[[], None] = lambda: None

    @property
    def folder_id(self) -> int | None:
        """The id of the folder; None if empty, a path that was not found yet, or invalid."""
        if self.input.value and self.input.value == self._taken[0]:
            return self._taken[1]
        folder = parse_folder(self.input.value)
        return folder if isinstance(folder, int) else None

    def compose(self) -> ComposeResult:
        label, *rest = super().compose()
        with HorizontalGroup():
            yield label
            yield Static(_("choose"), classes="field-action", markup=False)
        yield from rest

    def on_mount(self) -> None:
        self.check()

    @property
    def _finding(self) -> str:
        """What is known of the folder besides what was typed; empty if it is to be found."""
        folder = parse_folder(self.input.value)
        if isinstance(folder, tuple):
            return f"#{self.folder_id}" if self.folder_id is not None else ""
        if not isinstance(folder, int):
            return ""
        is_taken = self._taken[1] == folder and self._taken_name
        name = self._taken_name if is_taken else self._known.folder_names.get(folder, "")
        return name and f"→ {sanitize(name)}"

    @on(Input.Changed)
    def check(self) -> None:
        """Show what is wrong with the id or path, or the folder's name."""
        folder = parse_folder(self.input.value)
        refused, reason = self._refused
        if isinstance(folder, FieldProblem):
            self.say(error=field_problem_text(folder))
        elif folder is None or self._finding:
            self.say(hint=self._finding)
        elif refused == self.input.value:
            self.say(error=reason)
        elif isinstance(folder, tuple):
            self.say(error=_("Enter finds this path."))
        else:
            self.say(hint=_("Enter finds this id."))

    def look_up(self, go_on: Callable[[], None]) -> None:
        """Find the folder of a typed path, then call `go_on`; a second time, make what it lacks."""
        was_refused = self._refused[0] == self.input.value
        if isinstance(parse_folder(self.input.value), tuple) and (
            self._may_be_made or not was_refused
        ):
            self._go_on = go_on
            self._find()

    @on(Input.Submitted)
    def find_typed(self, event: Input.Submitted) -> None:
        """Ask for the folder of a typed path or unknown id, and then for what a path lacks."""
        if isinstance(parse_folder(self.input.value), int | tuple) and not self._finding:
            event.stop()
            self._find()

    def _find(self) -> None:
        """Ask for the typed folder, to be made if the user has read that it is missing."""
        typed = self.input.value
        makes_missing = self._may_be_made and self._refused[0] == typed
        self.post_message(self.BrowseAsked(self, typed, makes_missing))

    def take(self, folder: Folder | None, path: str = "") -> None:
        """Enter `folder` by its `path`, else its id; None clears the field: 123pan uses its own."""
        self._taken, self._taken_name = ("", 0), ""
        self.input.value = ""
        if folder is not None:
            path = path or self._known.folder_path(folder.id)
            self._taken, self._taken_name = (path, folder.id), folder.name
            self.input.value = path or str(folder.id)
        self.check()
        go_on, self._go_on = self._go_on, lambda: None
        go_on()

    def refuse(self, reason: str, *, may_be_made: bool, is_final: bool = True) -> None:
        """Show why what was typed leads to no folder; `may_be_made`: Enter makes it.

        It is an error only if it `is_final`.
        """
        self._go_on = lambda: None
        self._may_be_made = may_be_made
        if is_final:
            self._refused = (self.input.value, reason)
            self.check()
        else:
            self.say(warning=reason)

    @on(Click, ".field-action")
    def action_browse(self) -> None:
        """Ask the app to let a folder be chosen."""
        self.post_message(self.BrowseAsked(self))


class LinkInput(TextInput):
    """An input for one link; a paste with several is left to the screen."""

    def on_paste(self, event: Paste) -> None:
        """Insert the only link of the paste if its end is certain, else the text as one line."""
        event.prevent_default()
        rows = extract(event.text[:_MAX_SINGLE_LINK_CHARS])
        links = [row for row in rows if row.reason is None]
        is_long = len(event.text) > _MAX_SINGLE_LINK_CHARS and "://" in event.text
        if len(links) > 1 or is_long:
            return
        event.stop()
        is_certain = len(links) == 1 and links[0].look is not Look.END
        text = links[0].text if is_certain else " ".join(event.text.split())
        self.replace(text, *self.selection)


class LinkField(FormField):
    """A field for a link."""

    def __init__(
        self,
        label: str,
        url: str,
        *,
        placeholder: str = "",
        is_optional: bool = False,
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(label, LinkInput(url, placeholder=placeholder, compact=True), id=id)
        self._is_optional = is_optional

    @property
    def url(self) -> str:
        """The typed link."""
        return self.input.value.strip()

    def on_mount(self) -> None:
        self.check()

    @on(Input.Changed)
    def check(self) -> None:
        """Show why the link is rejected."""
        is_checked = self.url or not self._is_optional
        rejection = check_url(self.url) if is_checked else None
        self.say(error=rejection_text(rejection) if rejection else "")


class SecretInput(TextInput):
    """An input for a secret, of which only the length is shown and nothing is copied."""

    def __init__(self) -> None:
        super().__init__(password=True, compact=True)

    @property
    def secret(self) -> str:
        """The secret, without surrounding blanks and the prefix of a bearer token."""
        return self.value.strip().removeprefix("Bearer ").strip()

    def on_paste(self, event: Paste) -> None:
        """Insert a secret, which a terminal may have broken into lines."""
        if has_lines_of_links(event.text):
            return
        event.stop()
        event.prevent_default()
        secret = "".join(event.text.split("\n")).replace("\r", "").strip()
        self.replace(secret, *self.selection)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Delete the selection without copying it."""
        self.delete_selection()
