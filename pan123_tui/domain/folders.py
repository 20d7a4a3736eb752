"""The folders of the cloud drive: what is typed, pages of content, and the tree of those seen."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from unicodedata import normalize

from msgspec import Struct, field
from msgspec.structs import replace

from pan123_tui.domain.errors import Int64
from pan123_tui.domain.links.file_names import MAX_NAME_CHARS, NameFault

ROOT_ID = 0
MAX_FOLDERS = 5_000
MAX_RECENT = 5
MAX_PAGES = 300
"""How many pages of a folder are read: 30,000 entries."""
MAX_ID_DIGITS = 18
"""The most digits that always fit the service's 64-bit number."""


class FolderFault(Enum):
    NOT_A_NUMBER = auto()
    NAME = auto()
    ROOT = auto()
    """The service does not allow `dirID` 0 as a target."""


def parse_folder(text: str) -> int | tuple[str, ...] | FolderFault | None:
    """Return the folder id or the path from the root in `text`; None if `text` is blank.

    A folder whose name is digits is written with a slash, as in "/2024".
    """
    digits = text.strip()
    if not digits:
        return None
    if digits.isdigit():
        is_id = digits.isascii() and len(digits) <= MAX_ID_DIGITS
        return (int(digits) or FolderFault.ROOT) if is_id else FolderFault.NOT_A_NUMBER
    names = tuple(filter(None, map(str.strip, text.replace("／", "/").split("/"))))
    if any(name in (".", "..") or len(name) > MAX_NAME_CHARS for name in names):
        return FolderFault.NAME
    return names or FolderFault.ROOT


class Folder(Struct, frozen=True):
    """Its name is outside text, never markup."""

    id: Int64
    name: str
    parent_id: Int64
    is_trashed: bool = False


class FileEntry(Struct, frozen=True):
    """Its name is outside text, never markup."""

    id: Int64
    name: str
    parent_id: Int64
    size: Int64
    """Bytes."""
    created_at: float | None = None
    """Unix seconds; None: missing or unreadable."""
    is_blocked: bool = False
    """By the service's review."""


class FolderPage(Struct, frozen=True):
    """May be empty even if more pages follow."""

    folders: tuple[Folder, ...] = ()
    files: tuple[FileEntry, ...] = ()
    next_id: int | None = None
    """The `last_id` of the next page; None: this is the last page."""


class FolderSearch(Struct, frozen=True):
    folder: Folder | None
    found: tuple[str, ...] = ()
    """The names of the path that exist, from the root."""
    missing: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    problem: NameFault | None = None
    """Why the missing folders could not be made, if that was wanted."""

    @property
    def closest(self) -> str:
        """The one of `neighbours` most like the first missing name; empty if none is."""
        from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

        names = {name.casefold(): name for name in self.neighbours}
        close = get_close_matches(self.missing[0].casefold(), names, n=1, cutoff=0.5)
        return names[close[0]] if close else ""


class FolderTree(Struct, frozen=True):
    folders: Mapping[int, Folder] = field(default_factory=dict)
    """By id, the least recently seen first."""
    recent: tuple[int, ...] = ()
    """The ids of folders that links were sent to, the latest first."""
    uid: int | None = None
    gone: frozenset[int] = frozenset()
    """The ids of folders that no longer exist; tasks still name some of them."""

    @property
    def names(self) -> dict[int, str]:
        """The paths of the folders by id, or their names if only those are known."""
        return {i: "/".join(self.path(i)) or it.name for i, it in self.folders.items()}

    def path(self, folder_id: int) -> tuple[str, ...]:
        """Return the path of a folder if it is known from the root down."""
        line = self._line(folder_id)
        is_known = line and line[0].parent_id == ROOT_ID
        return tuple(folder.name for folder in line) if is_known else ()

    def typed(self, folder_id: int) -> str:
        """Return what a user types for a folder: its path, or its id if that would not find it."""
        path = "/".join(self.path(folder_id))
        path = f"/{path}" if path.isdigit() else path
        target = parse_folder(path)
        is_clear = isinstance(target, tuple) and self.at(target) == folder_id
        return path if is_clear or (path and self.is_gone(folder_id)) else str(folder_id)

    def at(self, names: Iterable[str]) -> int | None:
        """Return the folder at a path (empty: the root) if it is known."""
        folder_id = ROOT_ID
        for name in names:
            same = [it.id for it in self.children(folder_id) if is_same_name(it.name, name)]
            if not same:
                return None
            folder_id = same[-1]  # the others are gone: the service allows a name once
        return folder_id

    def children(self, parent_id: int) -> list[Folder]:
        """Return the folders in a folder (0: the root) that are not known to be gone."""
        inside = (it for it in self.folders.values() if it.parent_id == parent_id)
        return [it for it in inside if not self.is_gone(it.id)]

    def existing(self, folder_ids: Iterable[int]) -> dict[int, str]:
        """Return the paths of those folders that have one and are not known to be gone."""
        paths = {i: "/".join(self.path(i)) for i in folder_ids}
        return {i: path for i, path in paths.items() if path and not self.is_gone(i)}

    def unknown_on_path(self, folder_id: int) -> int:
        """Return the folder to fetch next for the path of `folder_id`; the root: none."""
        line = self._line(folder_id)
        above = line[0].parent_id if line else folder_id
        return ROOT_ID if above in self.folders else above  # a circle has no top

    def is_gone(self, folder_id: int) -> bool:
        """Return whether a folder, or one above it, is known to be gone."""
        return not self.gone.isdisjoint((folder_id, *(it.id for it in self._line(folder_id))))

    def _line(self, folder_id: int) -> list[Folder]:
        line: dict[int, Folder] = {}
        while (folder := self.folders.get(folder_id)) is not None and folder_id not in line:
            line[folder_id] = folder
            folder_id = folder.parent_id
        return [*reversed(line.values())]

    def with_seen(self, folders: Iterable[Folder]) -> "FolderTree":
        """Return a tree with `folders` added or updated; this one if nothing changed."""
        seen = {folder.id: folder for folder in folders}
        if all(self.folders.get(folder_id) == folder for folder_id, folder in seen.items()):
            return self
        known = {i: folder for i, folder in self.folders.items() if i not in seen} | seen
        forgotten = {*list(known)[:-MAX_FOLDERS]}.difference(self.recent)
        return replace(self, folders={i: known[i] for i in known if i not in forgotten})

    def with_recent(self, folder_id: int) -> "FolderTree":
        others = [i for i in self.recent if i != folder_id]
        return replace(self, recent=(folder_id, *others)[:MAX_RECENT])

    def with_gone(self, *folder_ids: int, is_gone: bool) -> "FolderTree":
        """Return a tree in which these folders are gone, or else exist."""
        gone = self.gone.union(folder_ids) if is_gone else self.gone.difference(folder_ids)
        recent = tuple(i for i in self.recent if i not in gone)
        return replace(self, gone=gone, recent=recent)

    def for_account(self, uid: int) -> "FolderTree":
        """Return the tree for the account `uid`: an empty one if this is another account's."""
        return replace(self, uid=uid) if self.uid in (None, uid) else FolderTree(uid=uid)


def is_same_name(name: str, other: str) -> bool:
    """Return whether two names are equal, however their accents are encoded."""
    return normalize("NFC", name) == normalize("NFC", other)
