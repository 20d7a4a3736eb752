"""What a folder of the cloud drive holds, page by page, without the trash."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; `id` is what a task's `folder_id` names. The root has the id 0."""

    id: int
    name: str
    """Outside text, never markup."""
    parent_id: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file; times are Unix seconds, None where the service gave none that can be read."""

    id: int
    name: str
    """Outside text, never markup."""
    parent_id: int
    size: int
    """Bytes."""
    created_at: float | None = None
    updated_at: float | None = None


@dataclass(frozen=True, slots=True)
class FolderPage:
    """One page of a folder's content; it may be empty although more pages follow."""

    folders: tuple[Folder, ...] = ()
    files: tuple[FileEntry, ...] = ()
    next_id: int | None = None
    """The `last_id` to ask for the next page with; None: this is the last one."""
