"""Screen on which a folder of the account is chosen from a tree, searched or created."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.content import Content
from textual.events import Click
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.errors import Pan123Error, Problem
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_sentences, ngettext
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.folders.controller import FolderChoice, FolderController, FolderSearch
from pan123_tui.ui.folders.tree import FolderTree, Node, SpecialNode
from pan123_tui.ui.widgets.form_fields import FormField
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.ui.widgets.text_input import NameInput, TextInput
from pan123_tui.wording.formats import number
from pan123_tui.wording.links import name_problem_text
from pan123_tui.wording.problems import explain_problem

SEARCH_DELAY_S = 0.6
"""Pause after the last key before folders are fetched for a search."""
FIRST_KEYS = ("folders.choose", "folders.choose_hit", "folders.open", "folders.next_hit")


class SearchField(TextInput):
    """A search field whose up and down keys move through the matches."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("choose"), id="folders.choose_hit"),
        Binding("down", "move(1)", N_("next match"), id="folders.next_hit"),
        Binding("up", "move(-1)", N_("previous match"), id="folders.former_hit", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor moves `step` matches down; a negative number moves it up."""

        step: int

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, placeholder=_("search"), compact=True)
        self.set_reactive(Input.cursor_blink, False)

    def action_move(self, step: int) -> None:
        self.post_message(self.Moved(step))


class FolderNameInput(NameInput):
    """An input for the name of a new folder, whose Enter is in the key bar."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("make"), id="new_folder.make"),
    ]


class NewFolderScreen(Dialog[Folder | None]):
    """Returns the created folder, or None if cancelled; a rejected name stays in its field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("back"), id="new_folder.cancel"),
    ]

    field = query_one(FormField)

    def __init__(self, controller: FolderController, parent: Folder) -> None:
        super().__init__()
        self._controller = controller
        self._parent_folder = parent
        self._is_creating = False

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="new-folder-box", classes="dialog") as box:
            box.border_title = _("New folder")
            parent = self._parent_folder.name or _("All folders")
            label = sanitize(_("Name, in “{folder}”").format(folder=parent))
            yield FormField(label, FolderNameInput(compact=True))
            yield KeyBar()

    def on_input_changed(self) -> None:
        errors = check_name(self.field.input.value).errors
        self.field.say(error="; ".join(map(name_problem_text, errors)))

    def on_input_submitted(self) -> None:
        """Make the folder, unless its name has a fault."""
        name = self.field.input.value.strip()
        if name and not self.field.has_error and not self._is_creating:
            self._is_creating = True
            self._create(name)

    @work(group="make-folder")
    async def _create(self, name: str) -> None:
        try:
            created = await self._controller.create(name, self._parent_folder.id)
        except Pan123Error as error:
            self.field.say(error=explain_problem(error.problem).text)
        else:
            self.close(created)
        finally:
            self._is_creating = False


class FolderScreen(Dialog[FolderChoice | None]):
    """Returns the chosen folder, or None if cancelled."""

    AUTO_FOCUS = "FolderTree"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", N_("search"), id="folders.search"),
        Binding("n", "new_folder", N_("new folder"), id="folders.new"),
        Binding("f5", "read_again", N_("read again"), id="folders.refresh", show=False),
        Binding("escape", "back", N_("back"), id="folders.back"),
    ]

    folders = query_one(FolderTree)
    field = query_one("#folder-search", SearchField)
    matches = query_one("#folder-matches", OptionList)

    def __init__(self, controller: FolderController, *, current: int | None = None) -> None:
        """The cursor starts on the folder with the id `current`, if it is listed."""
        super().__init__()
        self._controller = controller
        self._current = current
        self._search = FolderSearch(controller)
        self._found: list[Folder] = []

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="folder-box", classes="dialog") as box:
            box.border_title = _("Choose a folder")
            yield SearchField(id="folder-search")
            yield FolderTree()
            yield OptionList(id="folder-matches", compact=True, markup=False)
            yield Static("", id="folder-status", markup=False)
            yield KeyBar(first=FIRST_KEYS)

    def on_mount(self) -> None:
        self.matches.can_focus = False
        self._reset_tree()

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()

    # The tree

    @on(FolderTree.Opened)
    def fetch_opened(self, event: FolderTree.Opened) -> None:
        self._fetch(event.node)

    @on(FolderTree.Chosen)
    def choose(self, event: FolderTree.Chosen) -> None:
        match event.data:
            case SpecialNode.DEFAULT:
                self.close(FolderChoice())
            case Folder(id=folder_id) as folder if folder_id != ROOT_ID:
                self.close(FolderChoice(folder))
            case Folder():
                self._show_status(
                    _("The service puts no files into the root: choose or make a folder.")
                )

    @work(group="fetch-folder")
    async def _fetch(self, node: Node) -> None:
        if not isinstance(node.data, Folder):
            return
        count = 0
        self.folders.set_note(node, _("reading…"))
        try:
            async for folders in self._controller.fetch_pages(node.data.id):
                self.folders.add_folders(node, folders)
                self.folders.update_recent(self._recent(), is_gone=self._controller.is_gone)
                count += len(folders)
        except Pan123Error as error:
            self.folders.set_note(node, _("not read: enter tries again"))
            self._show_error(error.problem)
        else:
            self.folders.set_note(node, "" if count else _("no folders in this one"))
            self._show_status("")

    def _reset_tree(self) -> None:
        self.folders.populate(self._recent())
        rows = [node.data for node in self.folders.root.children]
        ids = [data.id if isinstance(data, Folder) else None for data in rows]
        self.folders.cursor_line = ids.index(self._current) if self._current in ids else 0

    def _recent(self) -> list[tuple[Folder, str]]:
        """Return the recently used folders, each with the path of its parent."""
        names = self._controller.names
        return [
            (
                self._controller.cache.folders.get(folder_id)
                or Folder(folder_id, names.get(folder_id, f"#{folder_id}"), ROOT_ID),
                " / ".join(self._controller.path(folder_id)[:-1]),
            )
            for folder_id in self._controller.recent
        ]

    # The search

    @on(Input.Changed, "#folder-search")
    def search(self, event: Input.Changed) -> None:
        event.stop()
        is_searching = bool(event.value.strip())
        self.set_class(is_searching, "-searching")
        self._show_matches()
        if is_searching:
            self._fetch_more()
        else:
            self.workers.cancel_group(self, "search-folders")
            self._show_status("")

    @on(Input.Submitted, "#folder-search")
    def choose_highlighted(self, event: Input.Submitted) -> None:
        event.stop()
        index = self.matches.highlighted
        if index is not None and index < len(self._found):
            self.close(FolderChoice(self._found[index]))

    @on(SearchField.Moved)
    def move_through_matches(self, event: SearchField.Moved) -> None:
        if event.step > 0:
            self.matches.action_cursor_down()
        else:
            self.matches.action_cursor_up()

    @on(OptionList.OptionSelected)
    def choose_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.close(FolderChoice(self._found[event.option_index]))

    @work(group="search-folders", exclusive=True)
    async def _fetch_more(self) -> None:
        """Fetch more folders while the search is open, and show new matches after each."""
        await asyncio.sleep(SEARCH_DELAY_S)
        try:
            async for _folder in self._search.fetch_more():
                self._show_matches()
        except Pan123Error as error:
            self._show_error(error.problem)
        else:
            self._show_matches()

    def _show_matches(self) -> None:
        text = self.field.value
        matches = self._search.find(text) if text.strip() else []
        found = [folder for folder, _path in matches]
        if found != self._found:
            index = self.matches.highlighted or 0
            current = self._found[index] if index < len(self._found) else None
            self._found = found
            self.matches.set_options([_option(path) for _folder, path in matches])
            index = found.index(current) if current in found else 0
            self.matches.highlighted = index if found else None
        if text.strip():
            self._show_status(self._progress(len(found)))

    def _progress(self, count: int) -> str:
        found = ngettext("{count} folder found", "{count} folders found", count)
        fetched = self._search.fetched
        read = ngettext("{count} read", "{count} read", fetched).format(count=number(fetched))
        if self._search.is_complete:
            read = _("all were read")
        elif not self._search.can_continue:
            read += " · " + _("there are more")
        return f"{found.format(count=number(count))} · {read}"

    # Keys

    def action_search(self) -> None:
        self.field.focus()

    @work(group="new-folder", exclusive=True)
    async def action_new_folder(self) -> None:
        """Create a folder inside the one under the cursor, and move the cursor to it."""
        node = self.folders.parent_for_new
        if not isinstance(node.data, Folder):
            return
        screen = NewFolderScreen(self._controller, node.data)
        created = await self.app.push_screen_wait(screen)
        if created is not None:
            node.expand()
            self.folders.set_note(node, "")
            added = self.folders.add_folders(node, [created])
            self.call_after_refresh(self.folders.move_cursor, added)

    def action_read_again(self) -> None:
        """Fetch all folders again."""
        self._search = FolderSearch(self._controller)
        self._reset_tree()

    def action_back(self) -> None:
        """Close the search if it is open, else the screen."""
        if self.field.value or self.field.has_focus:
            self.field.clear()
            self.folders.focus()
        else:
            self.close()

    def _show_error(self, problem: Problem) -> None:
        explanation = explain_problem(problem)
        self._show_status(join_sentences(explanation.summary, explanation.details), is_error=True)

    def _show_status(self, text: str, *, is_error: bool = False) -> None:
        status = self.query_one("#folder-status", Static)
        status.set_class(is_error, "-error")
        status.update(text)


def _option(path: tuple[str, ...]) -> Option:
    *parents, name = path
    parent_path = sanitize(" / ".join(parents))
    return Option(Content.assemble(plain_content(name), "  ", (parent_path, "dim")))
