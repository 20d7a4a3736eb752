"""The folder screen: a tree that is read where it is opened, a search, and new folders."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from textual.pilot import Pilot

from pan123_tui.domain.errors import RequestNotSent, RequestRejected
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache
from pan123_tui.ui.folders.controller import FolderChoice, FolderController
from pan123_tui.ui.folders.screen import FolderScreen
from tests.ui.stage import Stage, shown

FILMS, MUSIC, YEAR, ODD = (
    Folder(7, "影视", ROOT_ID),
    Folder(8, "音乐", ROOT_ID),
    Folder(9, "2024", 7),
    Folder(10, "[/b] 10", ROOT_ID),
)
TREE: Mapping[int, list[list[Folder]]] = {
    ROOT_ID: [[ODD], [], [FILMS, MUSIC]],
    7: [[YEAR]],
    8: [[]],
    9: [[]],
    10: [[]],
}
"""The pages of each folder."""
PATIENCE_S = 20.0


class PaperDrive:
    """In place of the folder desk: what it is asked for comes from a mapping."""

    def __init__(self, pages: Mapping[int, list[list[Folder]]], recent: Iterable[int] = ()) -> None:
        self.pages_of = dict(pages)
        self.recent = list(recent)
        self.book = FolderCache()
        self.asked: list[int] = []
        self.trouble: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def names(self) -> dict[int, str]:
        return self.book.names

    def path(self, folder_id: int) -> tuple[str, ...]:
        return self.book.path(folder_id)

    async def pages(self, parent_id: int) -> AsyncIterator[tuple[Folder, ...]]:
        self.asked.append(parent_id)
        await self.gate.wait()
        for page in self.pages_of[parent_id]:
            if self.trouble:
                raise self.trouble
            self.book = self.book.with_seen(page)
            yield tuple(page)

    async def make(self, name: str, parent_id: int) -> Folder:
        if self.trouble:
            raise self.trouble
        folder = Folder(100, name, parent_id)
        self.book = self.book.with_seen([folder])
        return folder


class Visit:
    """What a person does at the folder screen."""

    def __init__(self, pilot: Pilot[None], drive: PaperDrive) -> None:
        self.pilot = pilot
        self.drive = drive
        self.given: list[FolderChoice | None] = []

    @property
    def text(self) -> str:
        return shown(self.pilot.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def reads(self, words: str) -> None:
        await self.sees(lambda: words in self.text)

    async def sees(self, is_true: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not is_true():
                    await asyncio.sleep(0.01)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(self.text) from None


@asynccontextmanager
async def visit(
    drive: PaperDrive, *, size: tuple[int, int] = (80, 24), **kwargs: Any
) -> AsyncIterator[Visit]:
    async with Stage().run_test(size=size) as pilot:
        told = Visit(pilot, drive)
        screen = FolderScreen(cast("FolderController", drive), **kwargs)
        pilot.app.push_screen(screen, told.given.append)
        await pilot.pause()
        yield told


async def test_the_top_is_read_page_by_page_and_shown_in_the_order_of_names() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.reads("音乐")
        lines = told.text.splitlines()
        at = {name: next(n for n, line in enumerate(lines) if name in line) for name in _NAMES}
        assert at["All folders"] < at["[/b] 10"] < at["影视"] < at["音乐"]
        assert told.drive.asked == [ROOT_ID]


_NAMES = ("All folders", "[/b] 10", "影视", "音乐")


async def test_a_folder_is_read_when_it_is_opened_and_only_then() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.reads("音乐")
        await told.press("j", "j", "j", "right")
        await told.reads("2024")
        assert told.drive.asked == [ROOT_ID, 7]
        await told.press("left", "right")
        assert told.drive.asked == [ROOT_ID, 7]
        await told.press("right", "enter")
        assert told.given == [FolderChoice(YEAR)]


async def test_the_folder_of_the_service_stands_first_and_is_no_number() -> None:
    async with visit(PaperDrive(TREE)) as told:
        assert "来自:离线下载" in told.text
        await told.press("enter")
        assert told.given == [FolderChoice()]


async def test_those_used_lately_come_before_the_tree_and_the_current_one_has_the_cursor() -> None:
    drive = PaperDrive(TREE, recent=(9, 8, 55))
    drive.book = FolderCache().with_seen([FILMS, YEAR, MUSIC])
    async with visit(drive, current=8) as told:
        assert "2024  影视" in told.text
        assert "#55" in told.text
        await told.press("enter")
        assert told.given == [FolderChoice(MUSIC)]


async def test_the_root_cannot_be_chosen_and_the_screen_says_why() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.press("j", "enter")
        await told.reads("no files into the root")
        assert told.given == []


async def test_a_folder_without_folders_says_so() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.reads("音乐")
        await told.press("j", "j", "right")
        await told.reads("no folders in here")


async def test_a_line_that_is_cut_is_told_and_enter_tries_again() -> None:
    drive = PaperDrive(TREE)
    drive.trouble = RequestNotSent("Connection refused")
    async with visit(drive) as told:
        await told.reads("enter tries again")
        drive.trouble = None
        await told.press("j", "j", "enter")
        await told.reads("音乐")
        assert "tries again" not in told.text


async def test_a_search_reads_what_was_not_opened_yet() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.press("slash", *"2024")
        await told.reads("1 folder found")
        await told.reads("all were read")
        assert "2024  影视" in told.text
        assert sorted(set(told.drive.asked)) == [0, 7, 8, 9, 10]
        await told.press("enter")
        assert told.given == [FolderChoice(YEAR)]


async def test_arrows_move_through_what_was_found() -> None:
    drive = PaperDrive({ROOT_ID: [[]]})
    drive.book = FolderCache().with_seen(
        [Folder(1, "a1", 0), Folder(2, "a2", 0), Folder(3, "b", 0)]
    )
    async with visit(drive) as told:
        await told.press("slash", "a", "down", "enter")
        assert told.given == [FolderChoice(Folder(2, "a2", 0))]


async def test_while_a_search_is_typed_the_foot_names_its_keys() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.reads("音乐")
        assert "open" in told.text
        await told.press("slash", "2")
        foot = next(line for line in told.text.splitlines() if "next hit" in line)
        assert "choose" in foot
        assert "back" in foot
        assert "new folder" not in foot


async def test_escape_leaves_the_search_first_and_then_the_screen() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.press("slash", "x", "escape")
        assert "All folders" in told.text
        await told.press("escape")
        assert told.given == [None]


async def test_a_new_folder_is_made_where_the_cursor_is_and_has_the_cursor_then() -> None:
    async with visit(PaperDrive(TREE)) as told:
        await told.reads("音乐")
        await told.press("j", "j", "j", "n")
        assert "in “影视”" in told.text
        await told.press(*"new", "enter")
        await told.reads("new")
        await told.sees(lambda: "New folder" not in told.text)
        await told.press("enter")
        assert told.given == [FolderChoice(Folder(100, "new", 7))]


async def test_a_name_that_is_refused_stays_and_the_reason_stands_beside_it() -> None:
    drive = PaperDrive(TREE)
    async with visit(drive) as told:
        await told.reads("音乐")
        await told.press("n", *"a/b")
        await told.press("enter")
        assert "New folder" in told.text
        await told.press("backspace", "backspace")
        drive.trouble = RequestRejected("该目录下已经有同名文件夹,无法进行创建", code=1)
        await told.press("enter")
        await told.reads("同名文件夹")
        drive.trouble = None
        await told.press("b", "enter")
        await told.reads("ab")
        assert 100 in drive.book.folders


async def test_names_of_folders_are_never_markup_and_long_ones_do_not_break_the_box() -> None:
    drive = PaperDrive({ROOT_ID: [[ODD, Folder(11, "长" * 120, 0)]]})
    for size in ((40, 12), (50, 20), (80, 24), (140, 40)):
        async with visit(drive, size=size) as told:
            await told.reads("[/b] 10")
            assert all(len(line) <= size[0] for line in told.text.splitlines())
