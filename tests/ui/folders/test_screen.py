"""The folder screen: a tree that is fetched when opened, and new folders."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import PendingUpdates
from pan123_tui.domain.commands import Command, CreateFolder, ListFolder
from pan123_tui.domain.errors import RequestNotSent, RequestRejected
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.domain.task import Task
from pan123_tui.ui.folders.controller import FolderChoice, FolderController
from pan123_tui.ui.folders.screen import FolderScreen
from pan123_tui.ui.folders.tree import FolderTree
from tests.ui.stage import Stage, StageUser

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


class FakeFolderController:
    """Stands in for `FolderController`; serves the pages of a mapping and records requests."""

    def __init__(self, pages: Mapping[int, list[list[Folder]]], recent: Iterable[int] = ()) -> None:
        self.pages_of = dict(pages)
        self.recent = list(recent)
        self.cache = FolderCache()
        self.requested: list[int] = []
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def names(self) -> dict[int, str]:
        return self.cache.names

    def path(self, folder_id: int) -> tuple[str, ...]:
        return self.cache.path(folder_id)

    def is_gone(self, folder_id: int) -> bool:
        return self.cache.is_gone(folder_id)

    async def call(self, command: Command[Any]) -> Any:
        if isinstance(command, ListFolder):
            number = command.after
            if not number:
                self.requested.append(command.parent_id)
                await self.gate.wait()
            pages = self.pages_of[command.parent_id]
            page = FolderPage(
                tuple(pages[number]), next_id=number + 1 if number + 1 < len(pages) else None
            )
        else:
            assert isinstance(command, CreateFolder)
            page = FolderPage((Folder(100, command.name, command.parent_id),))
        if self.error:
            raise self.error
        self.cache = self.cache.with_seen(page.folders)
        return page if isinstance(command, ListFolder) else page.folders[0]


class FolderUser(StageUser):
    """Uses the folder screen."""

    controller: FakeFolderController


@asynccontextmanager
async def open_folders(
    controller: FakeFolderController, *, size: tuple[int, int] = (80, 24), **kwargs: Any
) -> AsyncIterator[FolderUser]:
    async with Stage().run_test(size=size) as pilot:
        ui = FolderUser(pilot)
        ui.controller = controller
        screen = FolderScreen(cast("FolderController", controller), **kwargs)
        pilot.app.push_screen(screen, ui.results.append)
        await pilot.pause()
        yield ui


async def test_the_root_is_fetched_page_by_page_and_sorted_by_name() -> None:
    async with open_folders(FakeFolderController(TREE)) as ui:
        await ui.reads("音乐")
        lines = ui.text.splitlines()
        at = {name: next(n for n, line in enumerate(lines) if name in line) for name in _NAMES}
        assert at["All folders"] < at["[/b] 10"] < at["影视"] < at["音乐"]
        assert ui.controller.requested == [ROOT_ID]


_NAMES = ("All folders", "[/b] 10", "影视", "音乐")


async def test_a_folder_is_fetched_when_it_is_opened_and_only_once() -> None:
    async with open_folders(FakeFolderController(TREE)) as ui:
        await ui.reads("音乐")
        await ui.press("j", "j", "j", "right")
        await ui.reads("2024")
        assert ui.controller.requested == [ROOT_ID, 7]
        await ui.press("left", "right")
        assert ui.controller.requested == [ROOT_ID, 7]
        await ui.press("right", "enter")
        assert ui.results == [FolderChoice(YEAR)]


async def test_the_default_folder_of_the_service_is_first_and_can_be_chosen() -> None:
    async with open_folders(FakeFolderController(TREE)) as ui:
        assert "来自:离线下载" in ui.text
        await ui.press("enter")
        assert ui.results == [FolderChoice()]


async def test_recent_folders_precede_the_tree_and_the_current_one_has_the_cursor() -> None:
    controller = FakeFolderController(TREE, recent=(9, 8, 55))
    controller.cache = FolderCache().with_seen([FILMS, YEAR, MUSIC])
    async with open_folders(controller, current=8) as ui:
        assert "2024  影视" in ui.text
        assert "#55" in ui.text
        await ui.press("enter")
        assert ui.results == [FolderChoice(MUSIC)]


async def test_of_recent_folders_with_the_same_path_only_the_newest_that_exists_is_shown() -> None:
    model = TaskModel()
    folders = FolderController(cast("EngineClient", FakeFolderController({})), model)
    twins = [Folder(n, "影视", ROOT_ID) for n in (5, 6)]
    others = [
        Folder(30, "2024", 5),
        Folder(31, "2024", 6),
        Folder(40, "a", 99),
        Folder(41, "a", 98),
    ]
    cache = FolderCache().with_seen([*twins, MUSIC, *others])
    for folder_id in (40, 6, MUSIC.id, 5, 41, 31, 30):
        cache = cache.with_recent(folder_id)
    tasks = {n: Task(id=n, url="https://e.com/a", created_at=n, folder_id=n) for n in (6, 7, 9)}
    missing = Status(missing_folders=(9,))
    model.apply(PendingUpdates(tasks=tasks, folders=cache, status=missing))
    assert folders.recent == [31, 41, 6, MUSIC.id, 40, 7], "the parents of 40 and 41 may differ"
    model.apply(PendingUpdates(folders=cache.with_gone({7, 6})))
    assert folders.recent == [30, 41, 5, MUSIC.id, 40]


@pytest.mark.parametrize(("keys", "chosen"), [(["down"], YEAR), (["down", "up"], None)])
async def test_the_cursor_skips_the_heading_of_the_recent_folders(
    keys: list[str], chosen: Folder | None
) -> None:
    controller = FakeFolderController(TREE, recent=(9,))
    controller.cache = FolderCache().with_seen([FILMS, YEAR])
    async with open_folders(controller) as ui:
        await ui.reads("Recent")
        await ui.press(*keys, "enter")
        assert ui.results == [FolderChoice(chosen)]


async def test_the_root_cannot_be_chosen_and_the_screen_says_why() -> None:
    async with open_folders(FakeFolderController(TREE)) as ui:
        await ui.press("j", "enter")
        await ui.reads("cannot put files into the root")
        assert ui.results == []


async def test_an_empty_folder_shows_a_note() -> None:
    async with open_folders(FakeFolderController(TREE)) as ui:
        await ui.reads("音乐")
        await ui.press("j", "j", "right")
        await ui.reads("no folders in this one")


async def test_a_failed_fetch_is_reported_and_enter_retries_it() -> None:
    controller = FakeFolderController(TREE)
    controller.error = RequestNotSent("Connection refused")
    async with open_folders(controller) as ui:
        await ui.reads("enter tries again")
        controller.error = None
        await ui.press("j", "j", "enter")
        await ui.reads("音乐")
        assert "tries again" not in ui.text


@pytest.mark.paints  # which builds the lines that the cursor moves on
async def test_a_new_folder_is_created_at_the_cursor_and_gets_the_cursor() -> None:
    async with open_folders(FakeFolderController(TREE)) as ui:
        await ui.reads("音乐")
        await ui.press("j", "j", "j", "n")
        assert "in “影视”" in ui.text
        assert " make" in ui.text  # the key bar says what Enter does
        await ui.press(*"new", "enter")
        await ui.sees(lambda: "New folder" not in ui.text)
        tree = ui.pilot.app.screen.query_one(FolderTree)
        await ui.sees(lambda: tree.cursor_node and tree.cursor_node.data == Folder(100, "new", 7))
        await ui.press("enter")
        assert ui.results == [FolderChoice(Folder(100, "new", 7))]


async def test_a_rejected_name_stays_with_the_reason_beside_it() -> None:
    controller = FakeFolderController(TREE)
    async with open_folders(controller) as ui:
        await ui.reads("音乐")
        await ui.press("n", *"a/b")
        await ui.press("enter")
        assert "New folder" in ui.text
        await ui.press("backspace", "backspace")
        controller.error = RequestRejected("该目录下已经有同名文件夹,无法进行创建", code=1)
        await ui.press("enter")
        await ui.reads("同名文件夹")
        controller.error = None
        await ui.press("b", "enter")
        await ui.reads("ab")
        assert 100 in controller.cache.folders


async def test_names_of_folders_are_never_markup_and_long_ones_do_not_break_the_box() -> None:
    controller = FakeFolderController({ROOT_ID: [[ODD, Folder(11, "长" * 120, 0)]]})
    for size in ((40, 12), (50, 20), (80, 24), (140, 40)):
        async with open_folders(controller, size=size) as ui:
            await ui.reads("[/b] 10")
            assert all(len(line) <= size[0] for line in ui.text.splitlines())
