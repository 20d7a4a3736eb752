"""A folder field takes a path: Enter finds its folder, and a wrong one is explained."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.widgets import Input

from pan123_tui.domain.errors import EngineIncompatible, RequestNotSent, RequestRejected
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderPage
from pan123_tui.domain.task import Task
from pan123_tui.ui.widgets.form_fields import FolderField
from tests.ui.dashboard_stage import PATIENCE_S, Story, story, task

FILMS, YEAR = Folder(7, "影视", ROOT_ID), Folder(9, "2024", 7)

REFUSALS = {
    5: RequestNotSent("Connection refused"),
    6: RequestRejected("没有权限", code=1),
    8: EngineIncompatible("Invalid value 'find_folder'"),
}


class FakeFolders:
    """Lists two folders, one in the other, and makes more."""

    def __init__(self) -> None:
        self.made: list[Folder] = []
        self.answers = threading.Event()
        """Whether questions are answered yet."""
        self.answers.set()

    async def _is_asked(self) -> None:
        await asyncio.to_thread(self.answers.wait, PATIENCE_S)

    async def page(self, parent_id: int, *, after: int) -> FolderPage:
        assert after == 0
        await self._is_asked()
        if self.made and parent_id == ROOT_ID:
            raise RequestNotSent("Connection refused")
        return FolderPage((FILMS,) if parent_id == ROOT_ID else (YEAR,))

    async def find(self, folder_id: int) -> Folder | None:
        await self._is_asked()
        if folder_id in REFUSALS:
            raise REFUSALS[folder_id]
        return YEAR if folder_id == YEAR.id else None

    async def make(self, name: str, parent_id: int) -> Folder:
        self.made.append(Folder(20 + len(self.made), name, parent_id))
        return self.made[-1]


async def test_a_typed_path_becomes_the_id_of_its_folder_or_says_what_is_missing() -> None:
    async with story([task(1)], size=(160, 30)) as ui:
        ui.engine.folders = FakeFolders()  # type: ignore[attr-defined]
        await ui.press("a")
        await ui.reads("Batch")
        field = ui.app.screen.query_one("#common-folder Input")
        field.focus()
        await ui.press("slash", "x", "enter")
        await ui.reads("There is no folder “x”.")
        await ui.press("ctrl+u")
        field.value = "影视/2025"  # type: ignore[attr-defined]
        await ui.reads("Enter finds this path")
        await ui.press("enter")
        await ui.reads("Did you mean “影视/2024”?")
        await ui.press("end", "backspace", "4", "enter")
        await ui.reads("#9")
        assert field.value == "影视/2024"  # type: ignore[attr-defined]


async def test_ctrl_s_finds_the_folder_of_a_typed_path_and_queues() -> None:
    async with _review_for_folder("影视/2024") as (ui, folders):
        await ui.press("ctrl+s")
        await ui.sees(lambda: any(it.name == "" and it.folder_id == 9 for it in _tasks(ui)))
        assert folders.made == []


async def test_ctrl_s_makes_a_mistyped_folder_only_at_the_second_press() -> None:
    async with _review_for_folder("影视/2025") as (ui, folders):
        await ui.press("ctrl+s")
        await ui.reads("Did you mean “影视/2024”?")
        assert (folders.made, len(_tasks(ui))) == ([], 1)
        await ui.press("ctrl+s")
        await ui.sees(lambda: any(it.name == "" and it.folder_id == 20 for it in _tasks(ui)))


@asynccontextmanager
async def _review_for_folder(path: str) -> AsyncIterator[tuple[Story, FakeFolders]]:
    """Open the review with one link and a typed folder."""
    async with story([task(1)], size=(160, 30)) as ui:
        folders = FakeFolders()
        ui.engine.folders = folders  # type: ignore[attr-defined]
        await ui.press("a", *"https://example.com/new.zip", "enter")
        await ui.reads("new.zip")
        ui.app.screen.query_one("#common-folder Input", Input).value = path
        yield ui, folders


def _tasks(ui: Story) -> list[Task]:
    return list(ui.engine.tasks.values())


async def test_enter_a_second_time_makes_the_folders_that_a_path_lacks() -> None:
    async with story([task(1)], size=(160, 30)) as ui:
        folders = FakeFolders()
        ui.engine.folders = folders  # type: ignore[attr-defined]
        await ui.press("a")
        await ui.reads("Batch")
        field = ui.app.screen.query_one("#common-folder Input")
        field.focus()
        field.value = "影视/新/2025"  # type: ignore[attr-defined]
        await ui.press("enter")
        await ui.reads("Press enter again to make it.")
        assert folders.made == []
        await ui.press("enter")
        await ui.reads("#21")
        assert folders.made == [Folder(20, "新", FILMS.id), Folder(21, "2025", 20)]
        field.value = "nowhere"  # type: ignore[attr-defined]
        await ui.press("enter")
        await ui.reads("could not be reached")
        await ui.press("enter", "enter")
        assert len(folders.made) == 2


async def test_enter_asks_the_service_for_a_typed_id_that_is_not_known() -> None:
    async with story([task(1)], size=(160, 30)) as ui:
        ui.engine.folders = FakeFolders()  # type: ignore[attr-defined]
        await ui.press("a")
        await ui.reads("Batch")
        ui.app.screen.query_one("#common-folder Input").focus()
        await ui.press("4")
        await ui.reads("Enter finds this id.")
        await ui.press("enter")
        await ui.reads("There is no folder 4.")
        await ui.press("backspace", "5", "enter")
        await ui.reads("123pan could not be reached.")
        await ui.press("backspace", "9", "enter")
        await ui.reads("→ 2024")


async def test_an_id_that_the_service_did_not_call_missing_can_be_used() -> None:
    async with story([task(1)], size=(160, 30)) as ui:
        ui.engine.folders = FakeFolders()  # type: ignore[attr-defined]
        await ui.press("a")
        await ui.reads("Batch")
        ui.app.screen.query_one("#common-folder Input").focus()
        await ui.press("8", "enter")
        await ui.reads("different versions")
        assert "find_folder" not in ui.text
        await ui.press("backspace", "6", "enter")
        await ui.reads("没有权限")
        assert "There is no folder" not in ui.text
        assert not ui.app.screen.query_one(FolderField).has_error


@pytest.mark.parametrize("typed", ["9", "影视/2024"])
async def test_a_late_answer_leaves_the_focus_where_the_user_has_gone(typed: str) -> None:
    async with story([task(1)], size=(160, 30)) as ui:
        folders = FakeFolders()
        folders.answers.clear()
        ui.engine.folders = folders  # type: ignore[attr-defined]
        await ui.press("a")
        await ui.reads("Batch")
        field, batch = (
            ui.app.screen.query_one(f"#{name} Input", Input)
            for name in ("common-folder", "add-batch")
        )
        field.focus()
        field.value = typed
        await ui.press("enter")
        await ui.reads("Looking for the folder…")
        await ui.press("tab", "h")
        folders.answers.set()
        await ui.reads("#9" if "/" in typed else "→ 2024")
        await ui.press("t")
        assert (field.value, batch.value) == ("影视/2024" if "/" in typed else "9", "ht")
