"""Folders named by their path: found page by page, and made where they are missing."""

from unicodedata import normalize

from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.links.file_names import NameFault
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.status import EventPublisher
from tests.engine_stage import open_session
from tests.paper_service import Pages, PaperService

FILMS, MUSIC, ANIME, YEAR = (
    Folder(7, "影视", ROOT_ID),
    Folder(8, "音乐", ROOT_ID),
    Folder(9, "动画", 7),
    Folder(10, "2024", 9),
)
TREE: Pages = {
    ROOT_ID: [
        [Folder(1, "来自:离线下载", ROOT_ID)],
        [],
        [FILMS, MUSIC],
        [Folder(2, "Last", ROOT_ID)],
    ],
    FILMS.id: [[ANIME]],
    ANIME.id: [[YEAR]],
}


def drive_of(pages: Pages = TREE) -> tuple[PaperService, Folders]:
    drive = PaperService(pages=pages)
    return drive, Folders(open_session(drive), EventPublisher())


async def test_a_path_is_followed_from_the_root_and_no_page_is_read_in_vain() -> None:
    drive, folders = drive_of()
    search = await folders.find(("影视", "动画", "2024"))
    assert search.folder == YEAR
    assert drive.listed == [(ROOT_ID, 0), (ROOT_ID, 1), (ROOT_ID, 2), (7, 0), (9, 0)]
    search = await folders.find(("来自:离线下载",))
    assert search.folder is not None
    assert search.folder.id == 1


async def test_a_missing_name_comes_with_the_closest_one_and_nothing_is_made() -> None:
    drive, folders = drive_of()
    search = await folders.find(("影视", "动漫", "x"))
    assert (search.folder, search.found, search.missing) == (None, ("影视",), ("动漫", "x"))
    assert search.closest == "动画"
    assert (await folders.find(("LAST",))).closest == "Last"
    assert (await folders.find(("zzz",))).closest == ""
    assert drive.made == []


async def test_only_what_is_missing_is_made_each_in_the_one_before() -> None:
    drive, folders = drive_of()
    search = await folders.find(("影视", "电影", "旧"), makes_missing=True)
    assert drive.made == [Folder(20, "电影", 7), Folder(21, "旧", 20)]
    assert search.folder == Folder(21, "旧", 20)
    assert (await folders.find(("影视", "动画"), makes_missing=True)).folder == ANIME
    assert len(drive.made) == 2


async def test_a_name_that_cannot_be_made_makes_nothing_of_the_path() -> None:
    drive, folders = drive_of()
    search = await folders.find(("影视", "new", "a:b"), makes_missing=True)
    assert search.problem is NameFault.FORBIDDEN
    assert drive.made == []


async def test_a_name_is_the_same_in_each_encoding_of_its_accents() -> None:
    _drive, folders = drive_of({ROOT_ID: [[Folder(5, normalize("NFC", "café"), ROOT_ID)]]})
    assert (await folders.find((normalize("NFD", "café"),))).folder is not None
