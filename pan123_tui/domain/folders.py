"""The folders of the cloud drive: what one holds, page by page, and which were seen so far."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

ROOT_ID = 0
MAX_CACHED_FOLDERS = 5_000
"""How many folders are remembered."""
MAX_RECENT_FOLDERS = 12


class Folder(Struct, frozen=True):
    """A folder; `id` is what a task's `folder_id` names. The root has the id 0."""

    id: int
    name: str
    """Outside text, never markup."""
    parent_id: int


class FileEntry(Struct, frozen=True):
    """A file; times are Unix seconds, None where the service gave none that can be read."""

    id: int
    name: str
    """Outside text, never markup."""
    parent_id: int
    size: int
    """Bytes."""
    created_at: float | None = None
    updated_at: float | None = None


class FolderPage(Struct, frozen=True):
    """One page of a folder's content; it may be empty although more pages follow."""

    folders: tuple[Folder, ...] = ()
    files: tuple[FileEntry, ...] = ()
    next_id: int | None = None
    """The `last_id` to ask for the next page with; None: this is the last one."""


class FolderCache(Struct, frozen=True):
    """The folders of an account that were seen so far; the root is not among them."""

    folders: Mapping[int, Folder] = field(default_factory=dict)
    """By id, the longest unseen first."""
    recent: tuple[int, ...] = ()
    """The ids of those that links were sent to, the latest first."""
    uid: int | None = None
    """Whose they are; None: nobody has said so yet."""

    @property
    def names(self) -> dict[int, str]:
        """Name by id."""
        return {folder.id: folder.name for folder in self.folders.values()}

    def path(self, folder_id: int) -> tuple[str, ...]:
        """Give the names from the root down to a folder, as far as they are known."""
        names: list[str] = []
        seen: set[int] = set()
        while (folder := self.folders.get(folder_id)) is not None and folder_id not in seen:
            seen.add(folder_id)
            names.append(folder.name)
            folder_id = folder.parent_id
        return tuple(reversed(names))

    def with_seen(self, folders: Iterable[Folder]) -> "FolderCache":
        """Take note of `folders`."""
        seen = {folder.id: folder for folder in folders}
        if all(self.folders.get(folder_id) == folder for folder_id, folder in seen.items()):
            return self
        kept = {i: folder for i, folder in self.folders.items() if i not in seen}
        for folder_id in [i for i in kept if i not in self.recent]:
            if len(kept) + len(seen) <= MAX_CACHED_FOLDERS:
                break
            del kept[folder_id]
        return replace(self, folders=kept | seen)

    def with_recent(self, folder_id: int) -> "FolderCache":
        """Take note that links were sent to a folder."""
        others = [i for i in self.recent if i != folder_id]
        return replace(self, recent=(folder_id, *others)[:MAX_RECENT_FOLDERS])

    def for_account(self, uid: int) -> "FolderCache":
        """Give the book for the account `uid`: an empty one if this is another's."""
        return replace(self, uid=uid) if self.uid in (None, uid) else FolderCache(uid=uid)
