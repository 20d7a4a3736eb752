"""A field for a folder's id or path, which suggests folders as a shell does."""

from typing import NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.events import Click, Key
from textual.geometry import Offset
from textual.getters import query_one
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.commands import FindFolder
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.folders import FolderFault, parse_folder
from pan123_tui.domain.query import natural_key
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, key_name
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.widgets.form_fields import FormField, NameInput
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.inputs import fault_text, not_found_text
from pan123_tui.wording.problems import explain_problem

MAX_ROWS = 8
"""The largest height of the suggestions, as in the style sheet."""
Path = tuple[str, ...]
"""The names from the root; empty: the root."""


class FolderSuggestions(OptionList, can_focus=False):
    """The folders that a typed path may become; each one on the path is read once."""

    is_open = var(False, toggle_class="-open", bindings=True)

    def __init__(self, engine: EngineLink) -> None:
        super().__init__(markup=False, compact=True)
        self.border_subtitle = Content(_("{key} closes").format(key=key_name("escape")))
        self._engine = engine
        self._read: set[Path] = set()
        self._typed: str | None = None

    def suggest(self, typed: str | None) -> None:
        """Show what `typed` may become, after the recent folders if it is empty; None: nothing."""
        self._typed = typed
        self._show()
        if typed is not None and (path := _path_of(typed)) not in self._read:
            self._read.add(path)
            self._read_folder(path)

    @work(group="list folders")
    async def _read_folder(self, path: Path) -> None:
        """Have the engine read the folder at `path`, by looking there for a name that none has."""
        self._show(_("reading…"))
        note = ""
        try:
            await self._engine.ask(FindFolder((*path, "")))
        except Pan123Error as error:
            self._read.discard(path)
            note = explain_problem(error.problem).summary
        self._show(note)

    def _show(self, note: str = "") -> None:
        found = {} if self._typed is None else self._matching(self._typed)
        self.set_options(Option(plain_content(it), id=str(i)) for i, it in found.items())
        if note and not found and self._typed is not None:
            self.add_option(Option(note, disabled=True))
        self.is_open = bool(self.option_count)
        # The field stays in sight: without room below, the list goes above it.
        field = next(it.region for it in self.ancestors if isinstance(it, Widget))
        rows = min(self.option_count + 2, MAX_ROWS)  # with the frame
        keys = [bar.region.y for bar in self.screen.query(KeyBar)]
        bottom = min(keys, default=self.screen.size.height) - 1  # the line above the key bar
        is_above = field.bottom + rows > bottom and field.y >= rows
        self.offset = Offset(0, -field.height - rows if is_above else 0)

    def _matching(self, typed: str) -> dict[int, str]:
        """Return the folders to suggest: by name if in the typed folder, all others by path."""
        tree, path = self._engine.model.folders, _path_of(typed)
        part = typed.rpartition("/")[2].strip().casefold()
        parent_id = tree.at(path)
        inside = [] if parent_id is None else tree.children(parent_id)
        fitting = [it for it in inside if part in it.name.casefold()]
        fitting.sort(key=lambda it: (it.name.casefold().find(part) > 0, natural_key(it.name)))
        names = {it.id: it.name for it in fitting}
        if not typed:
            return tree.existing(tree.recent) | names
        paths = tree.existing(tree.folders.keys() - names).items()
        others = [(i, path) for i, path in paths if typed.casefold() in path.casefold()]
        return names | dict(sorted(others, key=lambda it: natural_key(it[1])))


def _path_of(typed: str) -> Path:
    """Return the path before the last slash of `typed`."""
    return tuple(filter(None, map(str.strip, typed.replace("／", "/").split("/")[:-1])))


class PathInput(NameInput):
    """An input in which the path that was just chosen is continued by a slash, or replaced."""

    chosen = ""

    def on_key(self, event: Key) -> None:
        if event.is_printable:
            self._begin(event.character or "")

    def pasted(self, text: str) -> str | None:
        self._begin(text)
        return super().pasted(text)

    def _begin(self, text: str) -> None:
        is_chosen = self.value == self.chosen and self.cursor_at_end
        if is_chosen and not text.startswith(("/", "／")):
            self.select_all()


class Refusal(NamedTuple):
    """Why the typed text leads to no folder."""

    typed: str = ""
    reason: str = ""
    may_be_made: bool = False
    """Whether Enter makes the missing folders of the path."""


class FolderField(FormField):
    """Shows a folder by its path if that is known; Enter looks up, then makes, what was typed."""

    BINDINGS = [
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
        engine: EngineLink,
        label: str = "",
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        self._placeholder = placeholder or _("Default (来自:离线下载)")
        value = engine.model.folders.typed(folder_id) if folder_id else ""
        self._path = PathInput(value, placeholder=self._placeholder, compact=True)
        super().__init__(label or _("Folder"), self._path, id=id)
        self._engine = engine
        self._refused = Refusal()
        self._taken = value
        """The text of the folder that was chosen or found last."""
        self._below = ""
        """The end of the path, if the links go to a folder below this one."""

    def compose(self) -> ComposeResult:
        label, *rest = super().compose()
        with HorizontalGroup():
            yield label
            choose = _("choose")
            yield Static(f"[{choose}]", classes="field-action", markup=False)
        yield from rest
        yield FolderSuggestions(self._engine)

    def on_mount(self) -> None:
        self.check()

    # What is known of the folder

    @property
    def _target(self) -> int | Path | FolderFault | None:
        return parse_folder(self.input.value)

    @property
    def folder_id(self) -> int | None:
        """The id of the folder; None if empty, a path that is not known, or invalid."""
        if isinstance(target := self._target, tuple):
            return self._engine.model.folders.at(target)
        return target if isinstance(target, int) else None

    @property
    def _finding(self) -> str:
        """What is known of the folder besides the typed text; empty if it has yet to be found."""
        if (folder_id := self.folder_id) is None:
            return ""
        if isinstance(self._target, tuple):
            return f"→ {self.input.value}{self._below}" if self._below else f"ID {folder_id}"
        name = self._engine.model.folder_names.get(folder_id, "")
        return name and f"→ {sanitize(name)}{self._below}"

    @property
    def is_settled(self) -> bool:
        """Whether the folder was chosen or found, or is a known one's id, and not half typed."""
        is_whole = self.input.value == self._taken or isinstance(self._target, int)
        return is_whole and bool(self._finding)

    def check(self) -> None:
        target, finding = self._target, self._finding
        if isinstance(target, FolderFault):
            self.say(error=fault_text(target))
        elif target is None or finding:
            self.say(hint=finding)
        elif self._refused.typed == self.input.value:
            self.say(error=self._refused.reason)
        elif isinstance(target, tuple):
            self.say(error=_("Enter looks this up."))
        else:
            self.say(hint=_("Enter looks this up."))

    def go_below(self, subfolder: str) -> None:
        """Say that the links go to `subfolder` of the folder, or else of the root, unless empty."""
        if (below := subfolder and f"/{subfolder}") != self._below:
            self._below, self.input.placeholder = below, below or self._placeholder
            self.check()

    def take(self, folder_id: int) -> None:
        self._taken = self.input.value = self._engine.model.folders.typed(folder_id)
        self.input.cursor_position = len(self._taken)  # where the path continues
        self.action_close()
        self.check()

    def refuse(self, reason: str, *, may_be_made: bool) -> None:
        """Show why the typed text leads to no folder; `may_be_made`: Enter makes it."""
        self._refused = Refusal(self.input.value, reason, may_be_made)
        self.check()

    # Find

    @on(Input.Submitted)
    def take_typed(self, event: Input.Submitted) -> None:
        if self.suggestions.is_open and self.suggestions.highlighted is not None:
            event.stop()
            self.suggestions.action_select()
        elif isinstance(self._target, int | tuple) and not self._finding:
            event.stop()
            self.run_worker(self._find(), group="find folder", exclusive=True)

    async def look_up(self) -> bool:
        """Find the folder of a typed path; the second time, make it."""
        is_refused = self._refused.typed == self.input.value and not self._refused.may_be_made
        return isinstance(self._target, tuple) and not is_refused and await self._find()

    async def _find(self) -> bool:
        """Find the typed folder, or make it if the user has been told that it is missing."""
        typed, target = self.input.value, self._target
        if not isinstance(target, int | tuple):
            return False
        makes_missing = self._refused == (typed, self._refused.reason, True)
        self.action_close()
        self.say(hint=_("Looking for the folder…"))
        try:
            search = await self._engine.ask(FindFolder(target, makes_missing))
        except Pan123Error as error:
            if self.input.value == typed:
                self.say(warning=explain_problem(error.problem).text)
            return False
        if self.input.value != typed:
            return False
        if (folder := search.folder) is None:
            reason = _("There is no folder {id}.").format(id=typed)
            if search.missing:
                reason = not_found_text(search, _("Press enter again to make it."))
            self.refuse(reason, may_be_made=bool(search.missing))
            return False
        self.take(folder.id)
        if makes_missing:
            self.say(hint=_("folder made"))
        return True

    # Suggest

    @on(Input.Changed)
    def follow_typing(self) -> None:
        self.check()
        typed = self.input.value
        is_path = typed and not typed.isdigit() and typed != self._taken
        self.suggestions.suggest(typed if is_path and self.input.has_focus else None)

    @on(Input.Blurred)
    def action_close(self) -> None:
        self.suggestions.suggest(None)

    @on(Click, ".field-action")
    def action_browse(self) -> None:
        self.input.focus()
        self.suggestions.suggest("")

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.take(int(event.option_id or 0))
        self._path.chosen = self.input.value

    async def action_move(self, how: str) -> None:
        await self.suggestions.run_action(how)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave these keys to the screen while nothing is suggested."""
        if action in ("move", "close") and not self.suggestions.is_open:
            return False
        return super().check_action(action, parameters)
