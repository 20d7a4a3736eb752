"""The account's folders: one is chosen by its place in the tree, by a search, or made."""

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
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.errors import Pan123Error, Problem
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.folders.controller import FolderChoice, FolderController, FolderSearch
from pan123_tui.ui.folders.tree import FolderTree, Node, SpecialNode
from pan123_tui.ui.widgets.form_fields import FormField
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.formats import explain_problem, number
from pan123_tui.wording.links import name_problem_text


class SearchField(Input):
    """Tells where the arrows lead; typing and enter are told as any field does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("choose"), id="folders.choose_hit"),
        Binding("down", "move(1)", N_("next hit"), id="folders.next_hit"),
        Binding("up", "move(-1)", N_("former hit"), id="folders.former_hit", show=False),
    ]

    @dataclass
    class Moved(Message):
        """Another hit is wanted: the next, or the former."""

        step: int

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as Textual has it
        super().__init__(id=id, placeholder=_("search"), compact=True)
        self.set_reactive(Input.cursor_blink, False)

    def action_move(self, step: int) -> None:
        self.post_message(self.Moved(step))


class NewFolderScreen(ModalScreen[Folder | None]):
    """Gives the folder that was made, or None; while it is refused, the name stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "make", N_("make"), id="new_folder.make"),
        Binding("escape", "cancel", N_("back"), id="new_folder.cancel"),
    ]

    field = query_one(FormField)

    def __init__(self, desk: FolderController, parent: Folder) -> None:
        super().__init__()
        self._desk = desk
        self._within = parent
        self._is_making = False

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="new-folder-box", classes="dialog") as box:
            box.border_title = _("New folder")
            where = _("Name, in “{folder}”").format(folder=self._within.name or _("All folders"))
            yield FormField(plain_content(where).plain, Input(compact=True))
            yield KeyBar()

    def on_input_changed(self) -> None:
        faults = check_name(self.field.input.value).errors
        self.field.say(error="; ".join(map(name_problem_text, faults)))

    def on_input_submitted(self) -> None:
        self.action_make()

    def action_make(self) -> None:
        name = self.field.input.value.strip()
        if name and not self.field.has_error and not self._is_making:
            self._is_making = True
            self._try(name)

    @work(group="make-folder")
    async def _try(self, name: str) -> None:
        try:
            made = await self._desk.make(name, self._within.id)
        except Pan123Error as error:
            self.field.say(error=explain_problem(error.problem).text)
        else:
            if self.is_current:
                self.dismiss(made)
        finally:
            self._is_making = False

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)


SEARCH_AFTER_S = 0.6
"""How long typing must rest before folders are read for it."""

FIRST_KEYS = ("folders.choose", "folders.choose_hit", "folders.open", "folders.next_hit")


class FolderScreen(ModalScreen[FolderChoice | None]):
    """Gives the folder that was chosen, or None."""

    AUTO_FOCUS = "FolderTree"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", N_("search"), id="folders.search"),
        Binding("n", "new_folder", N_("new folder"), id="folders.new"),
        Binding("f5", "read_again", N_("read again"), id="folders.refresh", show=False),
        Binding("escape", "back", N_("back"), id="folders.back"),
    ]

    folders = query_one(FolderTree)
    field = query_one("#folder-search", SearchField)
    hits = query_one("#folder-hits", OptionList)

    def __init__(self, desk: FolderController, *, current: int | None = None) -> None:
        """`current` is the folder that is chosen already."""
        super().__init__()
        self._desk = desk
        self._current = current
        self._search = FolderSearch(desk)
        self._found: list[Folder] = []

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="folder-box", classes="dialog") as box:
            box.border_title = _("Choose a folder")
            yield SearchField(id="folder-search")
            yield FolderTree()
            yield OptionList(id="folder-hits", compact=True, markup=False)
            yield Static("", id="folder-note", markup=False)
            yield KeyBar(first=FIRST_KEYS)

    def on_mount(self) -> None:
        self.hits.can_focus = False
        self._begin()

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self._dismiss(None)

    # The tree

    @on(FolderTree.Opened)
    def read_folder(self, event: FolderTree.Opened) -> None:
        self._read(event.node)

    @on(FolderTree.Chosen)
    def choose(self, event: FolderTree.Chosen) -> None:
        match event.data:
            case SpecialNode.DEFAULT:
                self._dismiss(FolderChoice())
            case Folder(id=folder_id) as folder if folder_id != ROOT_ID:
                self._dismiss(FolderChoice(folder))
            case Folder():
                self._say(_("The service puts no files into the root: choose or make a folder."))

    @work(group="read-folder")
    async def _read(self, node: Node) -> None:
        if not isinstance(node.data, Folder):
            return
        count = 0
        self.folders.note(node, _("reading …"))
        try:
            async for folders in self._desk.pages(node.data.id):
                self.folders.place(node, folders)
                self.folders.name_recent(self._recent())
                count += len(folders)
        except Pan123Error as error:
            self.folders.note(node, _("not read: enter tries again"))
            self._show_error(error.problem)
        else:
            self.folders.note(node, "" if count else _("no folders in here"))
            self._say("")

    def _begin(self) -> None:
        self.folders.show(self._recent())
        lines = [node.data for node in self.folders.root.children]
        ids = [data.id if isinstance(data, Folder) else None for data in lines]
        self.folders.cursor_line = ids.index(self._current) if self._current in ids else 0

    def _recent(self) -> list[tuple[Folder, str]]:
        """Give the folders used lately, each with the path to it."""
        names = self._desk.names
        return [
            (
                self._desk.book.folders.get(folder_id)
                or Folder(folder_id, names.get(folder_id, f"#{folder_id}"), ROOT_ID),
                " / ".join(self._desk.path(folder_id)[:-1]),
            )
            for folder_id in self._desk.recent
        ]

    # The search

    @on(Input.Changed, "#folder-search")
    def search(self, event: Input.Changed) -> None:
        event.stop()
        is_searching = bool(event.value.strip())
        self.set_class(is_searching, "-searching")
        self._show_hits()
        if is_searching:
            self._read_on()
        else:
            self.workers.cancel_group(self, "search-folders")
            self._say("")

    @on(Input.Submitted, "#folder-search")
    def take_hit(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.hits.highlighted
        if at is not None and at < len(self._found):
            self._dismiss(FolderChoice(self._found[at]))

    @on(SearchField.Moved)
    def move_through_hits(self, event: SearchField.Moved) -> None:
        if event.step > 0:
            self.hits.action_cursor_down()
        else:
            self.hits.action_cursor_up()

    @on(OptionList.OptionSelected)
    def take_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._dismiss(FolderChoice(self._found[event.option_index]))

    @work(group="search-folders", exclusive=True)
    async def _read_on(self) -> None:
        """Look further than what is known: folder after folder, while the search is open."""
        await asyncio.sleep(SEARCH_AFTER_S)
        try:
            async for _read in self._search.go_on():
                self._show_hits()
        except Pan123Error as error:
            self._show_error(error.problem)
        else:
            self._show_hits()

    def _show_hits(self) -> None:
        text = self.field.value
        hits = self._search.find(text) if text.strip() else []
        found = [folder for folder, _path in hits]
        if found != self._found:
            at = self.hits.highlighted or 0
            kept = self._found[at] if at < len(self._found) else None
            self._found = found
            self.hits.set_options([_option(path) for _folder, path in hits])
            self.hits.highlighted = found.index(kept) if kept in found else (0 if found else None)
        if text.strip():
            self._say(self._progress(len(found)))

    def _progress(self, count: int) -> str:
        found = ngettext("{count} folder found", "{count} folders found", count)
        read = ngettext("{count} read", "{count} read", self._search.read)
        said = [found.format(count=number(count)), read.format(count=number(self._search.read))]
        if self._search.is_complete:
            said[1] = _("all were read")
        elif not self._search.may_go_on:
            said[1] += " · " + _("there are more")
        return " · ".join(said)

    # Keys

    def action_search(self) -> None:
        self.field.focus()

    @work(group="new-folder", exclusive=True)
    async def action_new_folder(self) -> None:
        """Make a folder where the cursor is, and put the cursor on it."""
        node = self.folders.parent_for_new
        if not isinstance(node.data, Folder):
            return
        screen = NewFolderScreen(self._desk, node.data)
        made = await self.app.push_screen_wait(screen)
        if made is not None:
            node.expand()
            self.folders.note(node, "")
            placed = self.folders.place(node, [made])
            if placed is not None:
                self.call_after_refresh(self.folders.move_cursor, placed)

    def action_read_again(self) -> None:
        """Forget what was read, and begin anew."""
        self._search = FolderSearch(self._desk)
        self._begin()

    def action_back(self) -> None:
        """Leave the search, then the screen."""
        if self.field.value or self.field.has_focus:
            self.field.clear()
            self.folders.focus()
        else:
            self._dismiss(None)

    def _show_error(self, problem: Problem) -> None:
        explanation = explain_problem(problem)
        self._say(f"{explanation.summary} {explanation.details}".rstrip(), is_error=True)

    def _say(self, text: str, *, is_error: bool = False) -> None:
        note = self.query_one("#folder-note", Static)
        note.set_class(is_error, "-error")
        note.update(text)

    def _dismiss(self, pick: FolderChoice | None) -> None:
        if self.is_current:
            self.dismiss(pick)


def _option(path: tuple[str, ...]) -> Option:
    *above, name = path
    where = " / ".join(above)
    return Option(Content.assemble(plain_content(name), "  ", (plain_content(where).plain, "dim")))
