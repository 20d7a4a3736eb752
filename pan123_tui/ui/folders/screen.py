"""Screen on which a folder of the account is chosen from a tree, or created."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.events import Click
from textual.getters import query_one
from textual.widgets import Static

from pan123_tui.client.folder_paths import fetch_pages
from pan123_tui.domain.commands import CreateFolder
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.folders.controller import FolderChoice, FolderController
from pan123_tui.ui.folders.tree import FolderTree, SpecialNode
from pan123_tui.ui.widgets.form_fields import FormField
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.text_input import NameInput
from pan123_tui.wording.links import name_problem_text
from pan123_tui.wording.problems import explain_problem


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
        errors = check_name(self.field.input.value)
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
            created = await self._controller.call(CreateFolder(name, self._parent_folder.id))
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
        Binding("n", "new_folder", N_("new folder"), id="folders.new"),
        Binding("f5", "read_again", N_("read again"), id="folders.refresh", show=False),
        Binding("escape", "cancel", N_("back"), id="folders.back"),
    ]

    folders = query_one(FolderTree)
    status = query_one("#folder-status", Static)

    def __init__(self, controller: FolderController, *, current: int | None = None) -> None:
        """The cursor starts on the folder with the id `current`, if it is listed."""
        super().__init__()
        self._controller = controller
        self._current = current

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="folder-box", classes="dialog") as box:
            box.border_title = _("Choose a folder")
            yield FolderTree()
            yield Static("", id="folder-status", markup=False)
            yield KeyBar(first=("folders.choose", "folders.open"))

    def on_mount(self) -> None:
        super().on_mount()
        self.action_read_again()

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()

    @on(FolderTree.Chosen)
    def choose(self, event: FolderTree.Chosen) -> None:
        match event.data:
            case SpecialNode.DEFAULT:
                self.close(FolderChoice())
            case Folder(id=folder_id) as folder if folder_id != ROOT_ID:
                self.close(FolderChoice(folder))
            case Folder():
                why = _(
                    "The service cannot put files into the root folder: choose or make another one."
                )
                self.status.update(why)

    @on(FolderTree.Opened)
    @work(group="fetch-folder")
    async def fetch_opened(self, event: FolderTree.Opened) -> None:
        """Show the folders in the opened one, page by page."""
        node, folder = event.node, event.folder
        count = 0
        self.folders.set_note(node, _("reading…"))
        try:
            async for folders in fetch_pages(self._controller.call, folder.id):
                self.folders.add_folders(node, folders)
                count += len(folders)
        except Pan123Error as error:
            self.folders.set_note(node, _("not read: enter tries again"))
            explanation = explain_problem(error.problem)
            text = join_sentences(explanation.summary, explanation.details)
        else:
            self.folders.set_note(node, "" if count else _("no folders in this one"))
            text = ""
        self.status.set_class(bool(text), "-error")
        self.status.update(text)

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
        self.folders.populate(self._recent(), current=self._current)

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
