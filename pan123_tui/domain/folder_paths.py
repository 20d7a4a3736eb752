"""Finds folders by their path from the root, makes missing ones, and lists their contents."""

from collections.abc import AsyncIterator, Iterable
from typing import Protocol, TypeVar
from unicodedata import normalize

from pan123_tui.domain.commands import Command, CreateFolder, ListFolder
from pan123_tui.domain.folders import MAX_PAGES, ROOT_ID, Folder, PathSearch
from pan123_tui.domain.links.file_names import check_name

T = TypeVar("T")


class FolderCall(Protocol):
    """Has a folder command carried out, as `EngineClient.call` does."""

    async def __call__(self, command: Command[T], /) -> T:
        """Return the result; raises a `Pan123Error`."""


async def fetch_pages(call: FolderCall, parent_id: int) -> AsyncIterator[tuple[Folder, ...]]:
    """Yield the folders in `parent_id` (0: the root) page by page; raises a `Pan123Error`."""
    after = 0
    for _ in range(MAX_PAGES):
        page = await call(ListFolder(parent_id, after))
        yield page.folders
        if page.next_id is None:
            return
        after = page.next_id


async def find_folder(
    call: FolderCall, names: tuple[str, ...], *, makes_missing: bool = False
) -> PathSearch:
    """Find the folder at the path `names` from the root; if wanted, make what is missing.

    A full-width slash, as Chinese input methods type it, separates where no name has it. Raises a
    `Pan123Error`.
    """
    split = tuple(part for name in names for part in name.split("／") if part)
    if not split or split == names:
        return await _find(call, names, makes_missing=makes_missing)
    search = await _find(call, names, makes_missing=False)
    is_known = search.folder is not None or search.twins
    return search if is_known else await _find(call, split, makes_missing=makes_missing)


async def _find(call: FolderCall, names: tuple[str, ...], *, makes_missing: bool) -> PathSearch:
    """Do as `find_folder` with plain names.

    The service allows a name once per folder, so the page that has it is the last one read.
    """
    folder = Folder(ROOT_ID, "", ROOT_ID)
    for depth, name in enumerate(names):
        same, others = await _look_for(call, name, folder.id)
        if len(same) > 1:
            return PathSearch(None, names[:depth], twins=tuple(twin.id for twin in same))
        if same:
            folder = same[0]
        else:
            found, missing = names[:depth], names[depth:]
            error = next(filter(None, map(check_name, missing)), None)
            if error or not makes_missing:
                problem = error if makes_missing else None
                return PathSearch(None, found, missing, _closest(name, others), problem=problem)
            for below in missing:
                folder = await call(CreateFolder(below, folder.id))
            return PathSearch(folder, names)
    return PathSearch(folder, names)


async def _look_for(
    call: FolderCall, name: str, parent_id: int
) -> tuple[list[Folder], list[Folder]]:
    """Return the folders called `name` on the first page that has one, and the others seen."""
    others: list[Folder] = []
    async for folders in fetch_pages(call, parent_id):
        same = [folder for folder in folders if _is_same(folder.name, name)]
        if same:
            return same, others
        others += folders
    return [], others


def _is_same(name: str, other: str) -> bool:
    """Return whether two names are equal, however their accents are encoded."""
    return normalize("NFC", name) == normalize("NFC", other)


def _closest(name: str, others: Iterable[Folder]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    by_lower = {other.name.casefold(): other.name for other in others}
    matches = get_close_matches(name.casefold(), by_lower, n=1, cutoff=0.5)
    return by_lower[matches[0]] if matches else ""
