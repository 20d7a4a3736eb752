"""The folders and files of one account."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain, count
from pathlib import PurePosixPath
from typing import Any

from pan123_tui.simulator.messages import NOT_FOUND, PARENT_MISSING, SAME_NAME, Refusal, bad_request

CHINA = timezone(timedelta(hours=8))
ROOT_ID = 0
DEFAULT_FOLDER = "来自:离线下载"


@dataclass(slots=True, kw_only=True)
class DriveEntry:
    id: int
    name: str
    parent_id: int
    is_folder: bool
    size: int = 0
    trashed: bool = False
    status: int = 0
    at: float = 0.0
    """Creation time, Unix seconds."""


@dataclass(slots=True)
class Drive:
    """One account's tree; `new_id` returns increasing ids, `clock` Unix seconds."""

    new_id: Callable[[], int]
    clock: Callable[[], float]
    entries: dict[int, DriveEntry] = field(default_factory=dict)
    """By id, in increasing order."""

    def add_folder(self, name: str, parent_id: int = ROOT_ID) -> int:
        """Add a folder without any check and return its id."""
        return self._add(name, parent_id, is_folder=True).id

    def add_file(self, name: str, parent_id: int, *, size: int, at: float = 0.0) -> DriveEntry:
        """Add a file, at `at` or now, to a folder; a name in use gets a number."""
        taken, path = {it.name for it in self._visible(parent_id)}, PurePosixPath(name)
        numbered = (f"{path.stem}({number}){path.suffix}" for number in count(1))
        free = next(it for it in chain([name], numbered) if it not in taken)
        entry = self._add(free, parent_id, is_folder=False)
        entry.size, entry.at = size, at or entry.at
        return entry

    def make_folder(self, name: str, parent_id: int) -> int:
        """Create a folder and return its id; raises `Refusal` as *mkdir* does."""
        self.require_folder(parent_id, bad_request(PARENT_MISSING))
        if any(e.is_folder and e.name == name for e in self._visible(parent_id)):
            raise bad_request(SAME_NAME)
        return self.add_folder(name, parent_id)

    def default_folder(self) -> int:
        """Return the id of the folder for downloads without `dirID`."""
        for entry in self._visible(ROOT_ID):
            if entry.is_folder and entry.name == DEFAULT_FOLDER:
                return entry.id
        return self.add_folder(DEFAULT_FOLDER)

    def require_folder(self, folder_id: int, refusal: Refusal | None = None) -> None:
        """Raise a refusal unless `folder_id` is the root or a folder."""
        entry = self.entries.get(folder_id)
        if folder_id != ROOT_ID and (entry is None or not entry.is_folder or entry.trashed):
            raise refusal or Refusal(5066, NOT_FOUND)

    def page(self, parent_id: int, *, limit: int, after: int) -> tuple[list[DriveEntry], int]:
        """Return the entries with ids above `after`, trash included, and the `lastFileId`."""
        self.require_folder(parent_id)
        rest = [e for e in self.entries.values() if e.parent_id == parent_id and e.id > after]
        shown = sorted(rest, key=lambda entry: entry.id)[:limit]
        return shown, shown[-1].id if len(rest) > limit else -1

    def entry(self, entry_id: int) -> DriveEntry:
        """Return a folder or file, even from the trash; raises `Refusal` if unknown."""
        if entry_id not in self.entries:
            raise Refusal(5066, NOT_FOUND)
        return self.entries[entry_id]

    def require_file(self, file_id: int) -> DriveEntry:
        """Return a file that is not in the trash; raises `Refusal` otherwise."""
        entry = self.entry(file_id)
        if entry.is_folder or entry.trashed:
            raise Refusal(5066, NOT_FOUND)
        return entry

    def _add(self, name: str, parent_id: int, *, is_folder: bool) -> DriveEntry:
        entry = DriveEntry(
            id=self.new_id(), name=name, parent_id=parent_id, is_folder=is_folder, at=self.clock()
        )
        self.entries[entry.id] = entry
        return entry

    def _visible(self, parent_id: int) -> list[DriveEntry]:
        return [e for e in self.entries.values() if e.parent_id == parent_id and not e.trashed]


def to_detail(entry: DriveEntry) -> dict[str, Any]:
    """Return `entry` with the field names of *file/detail*, which differ from *file/list*."""
    return to_list_item(entry) | {"fileID": entry.id, "parentFileID": entry.parent_id}


def to_list_item(entry: DriveEntry) -> dict[str, Any]:
    """Return `entry` with the field names of *file/list*; times are UTC+8 without a zone."""
    at = datetime.fromtimestamp(entry.at, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "fileId": entry.id,
        "filename": entry.name,
        "parentFileId": entry.parent_id,
        "type": 1 if entry.is_folder else 0,
        "size": entry.size,
        "status": entry.status,
        "trashed": int(entry.trashed),
        "createAt": at,
    }
