"""The folders that a typed path may become: a list below or above its field."""

from collections.abc import Sequence

from textual import work
from textual.geometry import Offset
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.folder_paths import fetch_pages, find_folder
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.query import natural_key
from pan123_tui.i18n import _
from pan123_tui.ui.folders.drive_folders import DriveFolders, KnownFolder, typed_path
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.problems import explain_problem

MAX_ROWS = 8
"""Its largest height, as in the style sheet."""
Path = tuple[str, ...]
"""The names from the root; empty: the root."""


class FolderSuggestions(OptionList, can_focus=False):
    """Looks into each folder of the typed path once, page by page."""

    is_open = var(False, toggle_class="-open", bindings=True)

    def __init__(self, folders: DriveFolders) -> None:
        super().__init__(markup=False, compact=True)
        self._folders = folders
        self._listed: dict[Path, list[Folder]] = {}
        self._typed: str | None = None
        """What to complete; None: nothing is wanted."""
        self._recent: Sequence[KnownFolder] = ()
        self.shown: Sequence[KnownFolder] = ()
        """The folders of the lines."""

    def suggest(self, typed: str, recent: Sequence[KnownFolder] = ()) -> None:
        """Show the folders that `typed` may become, after the `recent` ones."""
        self._typed, self._recent = typed, recent
        path = _path_of(typed)
        if path not in self._listed:
            self._listed[path] = []
            self._list(path)
        else:
            self._show()

    def close(self) -> None:
        """Hide the list."""
        self._typed, self._recent = None, ()
        self._show()

    @work(group="list folders")
    async def _list(self, path: Path) -> None:
        """Look into the folder at `path`."""
        self._show(_("reading…"))
        try:
            if (parent_id := await self._id_of(path)) is not None:
                async for page in fetch_pages(self._folders.call, parent_id):
                    self._listed[path] += page
                    self._show()
        except Pan123Error as error:
            del self._listed[path]
            self._show(explain_problem(error.problem).summary)
        else:
            self._show()

    async def _id_of(self, path: Path) -> int | None:
        if not path:
            return ROOT_ID
        for folder in self._listed.get(path[:-1], ()):
            if folder.name == path[-1]:
                return folder.id
        found = (await find_folder(self._folders.call, path)).folder
        return found.id if found is not None else None

    def _show(self, note: str = "") -> None:
        """Show what fits, or `note` where there is nothing yet."""
        fitting = self._fitting() if self._typed is not None else []
        known = [*self._recent, *fitting, *self._elsewhere(fitting)]
        names = [plain_content(it.folder.name if it in fitting else it.path) for it in known]
        self.shown = known
        self.set_options(names)
        if note and not known and self._typed is not None:
            self.add_option(Option(note, disabled=True))
        self._place()
        self.is_open = bool(self.option_count)

    def _place(self) -> None:
        """Keep the field in sight: without room below, the list goes above it."""
        field = next(it.region for it in self.ancestors if isinstance(it, Widget))
        rows = min(self.option_count + 2, MAX_ROWS)  # with the frame
        keys = [bar.region.y for bar in self.screen.query(KeyBar)]
        bottom = min(keys, default=self.screen.size.height) - 1  # the line above the key bar
        is_above = field.bottom + rows > bottom and field.y >= rows
        self.offset = Offset(0, -field.height - rows if is_above else 0)

    def _fitting(self) -> list[KnownFolder]:
        """Return the folders whose name contains the last typed part, prefix matches first."""
        typed = self._typed or ""
        path, part = _path_of(typed), typed.rpartition("/")[2].strip().casefold()
        fitting = [it for it in self._listed.get(path, ()) if part in it.name.casefold()]
        fitting.sort(key=lambda it: (it.name.casefold().find(part) > 0, natural_key(it.name)))
        return [KnownFolder(it, typed_path((*path, it.name))) for it in fitting]

    def _elsewhere(self, fitting: Sequence[KnownFolder]) -> list[KnownFolder]:
        """Return the other known folders whose path contains what was typed."""
        shown = {it.folder.id for it in fitting}
        known = self._folders.containing(self._typed) if self._typed else []
        others = (it for it in known if it.folder.id not in shown)
        return sorted(others, key=lambda it: natural_key(it.path))


def _path_of(typed: str) -> Path:
    """Return the path before the last slash of `typed`."""
    return tuple(filter(None, map(str.strip, typed.rpartition("/")[0].split("/"))))
