"""Another folder is offered for the links whose folder is gone."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import PendingUpdates
from pan123_tui.domain.commands import Command, RetryTasks
from pan123_tui.domain.errors import Pan123Error, Problem, ProblemKind, RequestRejected
from pan123_tui.domain.events import FoldersChanged, Status
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.ui.folders.drive_folders import DriveFolders
from pan123_tui.ui.folders.replace import ReplaceFolderScreen
from tests.engine_stage import execute
from tests.ui.dashboard_stage import story, task
from tests.ui.stage import Stage, StageUser
from tests.ui.textual_private import messages

GONE, OTHER, MADE = (Folder(7, "[b]影视", ROOT_ID), Folder(8, "音乐", ROOT_ID), 9)
CACHE = FolderCache({GONE.id: GONE, OTHER.id: OTHER})
PROBLEM = Problem(ProblemKind.FOLDER_MISSING, "指定目录ID文件不存在", 1)
IDS = (1, 2, 3)


class FakeFolders:
    """Lists one folder, and makes the missing one again."""

    error: Pan123Error | None = None

    async def page(self, _parent_id: int, *, after: int) -> FolderPage:
        return FolderPage((OTHER,))

    async def make(self, name: str, parent_id: int) -> Folder:
        if self.error:
            raise self.error
        return Folder(MADE, name, parent_id)


async def test_a_missing_folder_is_named_and_made_again_and_then_no_longer_asked_for() -> None:
    facts: dict[str, Any] = {"folder_id": GONE.id, "problem": PROBLEM, "created_at": 1.0}
    queued = [task(n, TaskState.QUEUED, **facts) for n in IDS]
    status = Status(missing_folders=(GONE.id,))
    async with story([*queued, task(4)], status=status, size=(150, 30)) as ui:
        ui.engine.folders = FakeFolders()
        await ui.reads("The folder 7 is gone: its links wait.")
        ui.engine.listen(FoldersChanged(CACHE))
        await ui.reads("The folder [b]影视 is gone: its links wait. e on one of them chooses")
        assert ui.text.count("waits for folder [b]影视") == 3
        assert ui.toasts == []
        await ui.press("j", "e")
        await ui.reads("3 links to send")
        await ui.reads("It will be made again")
        await ui.press("enter")
        await ui.reads(f"#{MADE}")
        await ui.press("enter")
        await ui.reads("3 links queued again.")
        assert {it.folder_id for it in ui.engine.tasks.values() if it.id < 4} == {MADE}
        await ui.sees(lambda: "is gone: its links wait. e on" not in ui.text)
        await ui.press("e")
        await ui.reads("Edit the link")


@pytest.mark.parametrize(
    ("keys", "shown", "then", "target"),
    [
        (["ctrl+u"], "Default", ["enter"], 0),
        (["ctrl+o"], "音乐", ["down", "enter", "enter"], OTHER.id),
        (["ctrl+s"], "父级文件ID不存在", ["ctrl+u", "ctrl+s"], 0),
    ],
)
async def test_its_links_go_to_the_services_own_folder_or_to_another_even_if_none_can_be_made(
    keys: list[str], shown: str, then: list[str], target: int
) -> None:
    folders, asked = FakeFolders(), []
    folders.error = RequestRejected("父级文件ID不存在", code=1)
    left = IDS if target else ()
    model = TaskModel()
    model.apply(PendingUpdates(folders=CACHE))

    async def call(command: Command[Any]) -> Any:
        if isinstance(command, RetryTasks):
            asked.append(command)
            return left
        return await execute(cast("Engine", SimpleNamespace(folders=folders)), command)

    drive = DriveFolders(cast("EngineClient", SimpleNamespace(call=call)), model)
    async with Stage().run_test(notifications=True) as pilot:
        ui = StageUser(pilot)
        pilot.app.push_screen(ReplaceFolderScreen(drive, GONE.id, IDS), ui.results.append)
        await ui.reads("It will be made again")
        await ui.press(*keys)
        await ui.reads(shown)
        assert asked == []
        await ui.press(*then)
        await ui.sees(lambda: ui.results)
        assert asked == [RetryTasks(IDS, to=target)]
        said = "3 links queued again." if left else "No link is queued for this folder."
        assert messages(pilot.app) == [said]
