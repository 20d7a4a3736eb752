"""Folders named by their path: found page by page, and made where they are missing."""

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from pan123_tui.domain.commands import Command, CreateFolder, ListFolder
from pan123_tui.domain.folder_paths import find_folder
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderPage
from pan123_tui.domain.links.file_names import NameProblem

FILMS, MUSIC, ANIME, YEAR = (
    Folder(7, "影视", ROOT_ID),
    Folder(8, "音乐", ROOT_ID),
    Folder(9, "动画", 7),
    Folder(10, "2024", 9),
)
TREE: Mapping[int, list[list[Folder]]] = {
    ROOT_ID: [
        [Folder(1, "来自:离线下载", ROOT_ID)],
        [],
        [FILMS, MUSIC],
        [Folder(2, "Last", ROOT_ID)],
    ],
    FILMS.id: [[ANIME]],
    ANIME.id: [[YEAR]],
}


class Drive:
    """Answers the commands about folders from pages, and records them."""

    def __init__(self, pages: Mapping[int, list[list[Folder]]] = TREE) -> None:
        self.pages = {parent: list(pages) for parent, pages in pages.items()}
        self.listed: list[tuple[int, int]] = []
        self.made: list[tuple[str, int]] = []

    async def call(self, command: Command[Any]) -> Any:
        match command:
            case ListFolder(parent_id, after):
                self.listed.append((parent_id, after))
                pages = self.pages.get(parent_id, [[]])
                more = after + 1 if after + 1 < len(pages) else None
                return FolderPage(tuple(pages[after]), next_id=more)
            case CreateFolder(name, parent_id):
                self.made.append((name, parent_id))
                return Folder(100 + len(self.made), name, parent_id)
        raise NotImplementedError(command)


async def test_a_path_is_followed_from_the_root_and_no_page_is_read_in_vain() -> None:
    drive = Drive()
    search = await find_folder(drive.call, ("影视", "动画", "2024"))
    assert search.folder == YEAR
    assert drive.listed == [(ROOT_ID, 0), (ROOT_ID, 1), (ROOT_ID, 2), (7, 0), (9, 0)]
    search = await find_folder(drive.call, ("来自:离线下载",))
    assert search.folder is not None
    assert search.folder.id == 1


async def test_a_full_width_slash_separates_only_where_no_name_has_it() -> None:
    drive = Drive()
    assert (await find_folder(drive.call, ("影视／动画", "2024"))).folder == YEAR
    search = await find_folder(drive.call, ("影视／新",))
    assert (search.found, search.missing, drive.made) == (("影视",), ("新",), [])
    await find_folder(drive.call, ("影视／新",), makes_missing=True)
    assert drive.made == [("新", FILMS.id)]
    named = Folder(3, "影视／动画", ROOT_ID)
    search = await find_folder(Drive({ROOT_ID: [[FILMS, named]]}).call, ("影视／动画",))
    assert search.folder == named
    assert (await find_folder(drive.call, ("／",))).folder is None


async def test_a_missing_name_comes_with_the_closest_one_and_nothing_is_made() -> None:
    drive = Drive()
    search = await find_folder(drive.call, ("影视", "动漫", "x"))
    assert (search.folder, search.found, search.missing) == (None, ("影视",), ("动漫", "x"))
    assert search.closest == "动画"
    assert (await find_folder(drive.call, ("LAST",))).closest == "Last"
    assert (await find_folder(drive.call, ("zzz",))).closest == ""
    assert drive.made == []


async def test_only_what_is_missing_is_made_each_in_the_one_before() -> None:
    drive = Drive()
    search = await find_folder(drive.call, ("影视", "电影", "旧"), makes_missing=True)
    assert drive.made == [("电影", 7), ("旧", 101)]
    assert search.folder == Folder(102, "旧", 101)
    assert (await find_folder(drive.call, ("影视", "动画"), makes_missing=True)).folder == ANIME
    assert len(drive.made) == 2


async def test_a_name_that_cannot_be_made_makes_nothing_of_the_path() -> None:
    drive = Drive()
    search = await find_folder(drive.call, ("影视", "new", "a:b"), makes_missing=True)
    assert search.problem is NameProblem.FORBIDDEN
    assert drive.made == []


async def test_several_folders_of_a_name_are_a_question_and_no_guess() -> None:
    drive = Drive({ROOT_ID: [[FILMS, Folder(70, "影视", ROOT_ID)]]})
    search = await find_folder(drive.call, ("影视", "x"), makes_missing=True)
    assert (search.folder, search.twins) == (None, (7, 70))
    assert drive.made == []


async def test_a_name_is_the_same_in_each_encoding_of_its_accents() -> None:
    drive = Drive({ROOT_ID: [[Folder(5, normalize("NFC", "café"), ROOT_ID)]]})
    search = await find_folder(drive.call, (normalize("NFD", "café"),))
    assert search.folder is not None
