"""A field for a folder's id or path; it suggests folders as a shell does."""

import asyncio
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.events import Click
from textual.getters import query_one
from textual.widgets import Input, OptionList, Static
from textual.worker import WorkerCancelled

from pan123_tui.domain.commands import FindFolder
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.folder_paths import find_folder
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderProblem, parse_folder
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.folders.drive_folders import DriveFolders, typed_path
from pan123_tui.ui.folders.suggestions import FolderSuggestions
from pan123_tui.ui.widgets.form_fields import FormField
from pan123_tui.ui.widgets.text_input import NameInput
from pan123_tui.wording.inputs import not_found_text
from pan123_tui.wording.problems import explain_problem


class Refusal(NamedTuple):
    """Why the typed text leads to no folder."""

    typed: str = ""
    reason: str = ""
    may_be_made: bool = False
    """Whether Enter makes the missing folders of the path."""


class FolderField(FormField):
    """Shows a folder by its path if that is known; Enter looks up, then makes, what was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "browse", N_("choose folder"), id="folders.browse"),
        Binding("down", "move('cursor_down')", N_("choose"), id="folders.next"),
        Binding("up", "move('cursor_up')", show=False),
        Binding("escape", "close", show=False),
    ]

    suggestions = query_one(FolderSuggestions)

    def __init__(
        self,
        folder_id: int | None,
        *,
        folders: DriveFolders,
        label: str = "",
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        path = folders.path(folder_id) if folder_id else ""
        value = path or str(folder_id or "")
        self._placeholder = placeholder or _("Default (来自:离线下载)")
        field = NameInput(value, placeholder=self._placeholder, compact=True)
        super().__init__(label or _("Folder"), field, id=id)
        self._folders = folders
        self._found = {path: Folder(folder_id, "", ROOT_ID)} if path and folder_id else {}
        """The folders that were chosen or found, by the text of the field."""
        self._made: set[int] = set()
        self._refused = Refusal()
        self._below = ""
        """The end of the path, if the links go to a folder below this one."""

    @property
    def _known(self) -> Folder | None:
        """The folder found for the text; once it is gone, the text is looked up again."""
        found = self._found.get(self.input.value)
        return None if found is None or self._folders.is_gone(found.id) else found

    @property
    def folder_id(self) -> int | None:
        """The id of the folder; None if empty, a path that was not found yet, or invalid."""
        if (found := self._known) is not None:
            return found.id
        folder = parse_folder(self.input.value)
        return folder if isinstance(folder, int) else None

    def compose(self) -> ComposeResult:
        label, *rest = super().compose()
        with HorizontalGroup():
            yield label
            yield Static(_("choose"), classes="field-action", markup=False)
        yield from rest
        yield FolderSuggestions(self._folders)

    def on_mount(self) -> None:
        self.check()

    # What is known of the folder

    @property
    def is_settled(self) -> bool:
        """Whether it is clear which folder is meant, if any."""
        return not self.input.value.strip() or bool(self._finding)

    @property
    def _finding(self) -> str:
        """What is known of the folder besides the typed text; empty if it has yet to be found."""
        folder, found = parse_folder(self.input.value), self._known
        if not isinstance(folder, int):
            if found is None:
                return ""
            made = _("made") if found.id in self._made else ""
            note = f"#{found.id} {made}".strip()
            return f"→ {self.input.value}{self._below}" if self._below else note
        name = self._folders.name(folder) or (found.name if found is not None else "")
        return name and f"→ {sanitize(name)}{self._below}"

    def check(self) -> None:
        """Show what is wrong with the id or path, or the folder's name."""
        folder = parse_folder(self.input.value)
        if isinstance(folder, FolderProblem):
            self.say(error=_(folder.value))
        elif self.is_settled:
            self.say(hint=self._finding)
        elif self._refused.typed == self.input.value:
            self.say(error=self._refused.reason)
        elif isinstance(folder, tuple):
            self.say(error=_("Enter looks this up."))
        else:
            self.say(hint=_("Enter looks this up."))

    def go_below(self, subfolder: str) -> None:
        """Say that the links go to `subfolder` of the folder, or else of the root, unless empty."""
        if (below := subfolder and f"/{subfolder}") != self._below:
            self._below, self.input.placeholder = below, below or self._placeholder
            self.check()

    def take(self, folder: Folder, path: str = "") -> None:
        """Enter `folder` by its `path`, otherwise by its known path or its id."""
        text = path or self._folders.path(folder.id) or str(folder.id)
        self._found[text] = folder
        self.input.value = text
        self.input.cursor_position = len(text)  # where the path continues
        self.suggestions.close()
        self.check()

    def refuse(self, reason: str, *, may_be_made: bool) -> None:
        """Show why the typed text leads to no folder; `may_be_made`: Enter makes it."""
        self._refused = Refusal(self.input.value, reason, may_be_made)
        self.check()

    # Find

    @on(Input.Submitted)
    def take_typed(self, event: Input.Submitted) -> None:
        """Take the suggestion under the cursor, or find what was typed."""
        if self.suggestions.is_open and self.suggestions.highlighted is not None:
            event.stop()
            self.suggestions.action_select()
        elif isinstance(parse_folder(self.input.value), int | tuple) and not self._finding:
            event.stop()
            self._find()

    def look_up_again(self) -> None:
        """Look up a path that was entered in an earlier run."""
        if isinstance(parse_folder(self.input.value), tuple) and not self._finding:
            self._find(is_asked=False)

    async def look_up(self) -> bool:
        """Find the folder of a typed path; the second time, make it."""
        is_refused = self._refused.typed == self.input.value and not self._refused.may_be_made
        if isinstance(parse_folder(self.input.value), tuple) and not is_refused:
            try:
                return await self._find().wait()
            except WorkerCancelled:  # by another search, or the end of the screen or of the wait
                raise asyncio.CancelledError from None
        return False

    @work(group="find folder", exclusive=True)
    async def _find(self, *, is_asked: bool = True) -> bool:
        """Find the typed folder, or make it if the user has been told that it is missing.

        The user is told only if that `is_asked`.
        """
        typed, wanted = self.input.value, parse_folder(self.input.value)
        makes_missing = self._refused == (typed, self._refused.reason, True)
        self.suggestions.close()
        self.say(hint=_("Looking for the folder…"))
        path, reason, may_be_made = "", _("There is no folder {id}.").format(id=typed), False
        try:
            if isinstance(wanted, tuple):
                call = self._folders.call
                search = await find_folder(call, wanted, makes_missing=makes_missing)
                folder, may_be_made = search.folder, bool(search.missing)
                path = typed_path(search.found)
                if folder is None:
                    reason = not_found_text(search, _("Press enter again to make it."))
            else:
                folder = await self._folders.call(FindFolder(int(typed)))
        except Pan123Error as error:
            if self.input.value == typed:
                self.say(warning=explain_problem(error.problem).text)
            return False
        if self.input.value != typed:
            return False
        if folder is None:
            self.refuse(reason, may_be_made=may_be_made) if is_asked else self.check()
        else:
            if makes_missing:
                self._made.add(folder.id)
            self.take(folder, path)
        return folder is not None

    # Suggest

    @on(Input.Changed)
    def follow_typing(self) -> None:
        """Check what is typed, and suggest what it may become."""
        self.check()
        typed = self.input.value
        is_known = not typed or typed.isdigit() or self._known is not None
        if is_known or not self.input.has_focus:
            self.suggestions.close()
        else:
            self.suggestions.suggest(typed)

    @on(Input.Blurred)
    def action_close(self) -> None:
        """Hide the suggestions."""
        self.suggestions.close()

    @on(Click, ".field-action")
    def action_browse(self) -> None:
        """Suggest all folders, the recent ones first, unless something typed has suggestions."""
        self.input.focus()
        is_typing = self.suggestions.is_open and self.folder_id is None
        if is_typing and self.input.value not in ("", self._refused.typed):
            self.suggestions.suggest(self.input.value)
        else:
            self.suggestions.suggest("", self._folders.recent)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Take a suggested folder."""
        event.stop()
        known = self.suggestions.shown[event.option_index]
        self.take(known.folder, known.path)

    async def action_move(self, how: str) -> None:
        """Move the cursor of the suggestions while the input keeps the focus."""
        await self.suggestions.run_action(how)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave these keys to the screen while nothing is suggested."""
        if action in ("move", "close") and not self.suggestions.is_open:
            return False
        return super().check_action(action, parameters)
