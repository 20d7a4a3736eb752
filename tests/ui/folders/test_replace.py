"""The dashboard offers another folder for the links whose folder is gone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, RequestRejected
from pan123_tui.domain.events import FoldersChanged, Status
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.domain.task import TaskState
from tests.ui.dashboard_stage import PaperEngine, Story, story, task

GONE, OTHER, MADE = (Folder(7, "[b]影视", ROOT_ID), Folder(8, "音乐", ROOT_ID), 9)
PROBLEM = Problem(ProblemKind.FOLDER_MISSING, "指定目录ID文件不存在", 1)


class FakeFolders:
    """Lists one folder, and makes the missing one again."""

    def __init__(self, error: Pan123Error | None) -> None:
        self._error = error

    async def page(self, _parent_id: int, *, after: int) -> FolderPage:
        return FolderPage((OTHER,))

    async def make(self, name: str, parent_id: int) -> Folder:
        if self._error:
            raise self._error
        return Folder(MADE, name, parent_id)


@asynccontextmanager
async def missing(error: Pan123Error | None = None, **kwargs: Any) -> AsyncIterator[Story]:
    """Open the dashboard with three links for a missing folder, and one for another."""
    queued = [
        task(n, TaskState.QUEUED, folder_id=GONE.id, problem=PROBLEM, created_at=1.0)
        for n in (1, 2, 3)
    ]
    status = Status(missing_folders=(GONE.id,))
    async with story([*queued, task(4)], status=status, size=(150, 30), **kwargs) as ui:
        _engine(ui).folders = FakeFolders(error)
        cache = FolderCache({GONE.id: GONE, OTHER.id: OTHER})
        ui.engine.listen(FoldersChanged(cache))
        await ui.reads("The folder [b]影视 is gone: its links wait. e on one of them chooses")
        yield ui


def _engine(ui: Story) -> PaperEngine:
    return ui.engine


def targets(ui: Story) -> set[int | None]:
    return {task.folder_id for task in ui.engine.tasks.values() if task.id < 4}


async def test_a_missing_folder_is_said_by_its_name_and_its_rows_say_what_they_wait_for() -> None:
    async with missing() as ui:
        assert ui.text.count("waits for folder [b]影视") == 3
        await ui.reads("The folder [b]影视 is gone: its links wait.")
        assert ui.toasts == []
    async with story([task(1)], status=Status(missing_folders=(7,))) as ui:
        await ui.reads("The folder 7 is gone: its links wait.")


@pytest.mark.parametrize(
    ("keys", "shown", "target"),
    [
        (["enter"], f"#{MADE}", MADE),
        (["ctrl+u"], "Default", None),
        (["ctrl+o"], "音乐", OTHER.id),
    ],
)
async def test_all_its_links_go_to_the_folder_made_again_to_the_services_own_or_to_another(
    keys: list[str], shown: str, target: int | None
) -> None:
    async with missing() as ui:
        await ui.press("j", "e")
        await ui.reads("3 links to send")
        await ui.reads("It will be made again")
        await ui.press(*keys)
        await ui.reads(shown)
        if target == OTHER.id:
            await ui.press("down", "enter")
        await ui.press("enter")
        await ui.reads("3 links queued again.")
        assert targets(ui) == {target}
        await ui.sees(lambda: "is gone: its links wait. e on" not in ui.text)
        await ui.press("e")
        await ui.reads("Edit the link")


async def test_a_folder_that_cannot_be_made_again_leaves_its_links_waiting() -> None:
    async with missing(RequestRejected("父级文件ID不存在", code=1)) as ui:
        await ui.press("j", "e")
        await ui.reads("It will be made again")
        await ui.press("ctrl+s")
        await ui.reads("父级文件ID不存在")
        assert targets(ui) == {GONE.id}
        await ui.engine.remove([1, 2, 3])  # by another screen
        await ui.press("ctrl+u", "enter")
        await ui.hears("No link is queued for this folder.")
        await ui.press("escape")
        assert ui.app.screen is ui.dashboard
