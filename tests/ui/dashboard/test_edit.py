"""Editing a task that failed, then queueing it again."""

from typing import Any, cast
from unittest.mock import patch

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind, RequestRejected, StoreUnwritable
from pan123_tui.domain.events import FoldersChanged, Status
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.ui.add_links.forms import EditLinksScreen
from pan123_tui.ui.dashboard.actions import ACTIONS
from tests.ui.dashboard_stage import Story, story, task

S = TaskState


async def _open(told: Story) -> None:
    await told.press("e")
    await told.sees(lambda: isinstance(told.app.screen, EditLinksScreen))


async def test_a_task_gets_another_name_and_folder_and_what_cannot_be_sent_stays_typed() -> None:
    async with story([task(1, S.REJECTED)]) as told:
        await _open(told)
        await told.reads("ctrl+s queue again")
        await told.press("enter")
        await told.hears("Nothing was changed.")
        await told.press("ctrl+a", *"rtmp://example.com/a", "enter")
        assert "the open API takes http and https only" in told.text
        assert told.engine.tasks[1].state is S.REJECTED
        await told.press("escape")
        assert told.app.screen is told.dashboard
        assert told.engine.tasks[1].url.startswith("https:")
        await _open(told)
        await told.press("tab", *"new.png", "tab", *"4711", "ctrl+s")
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
        edited = told.engine.tasks[1].request
        assert edited == DownloadRequest("https://example.com/files/part-01.iso", "new.png", 4711)


async def test_a_link_that_is_sent_between_the_key_and_its_form_is_not_edited() -> None:
    async with story([task(1, S.RUNNING)]) as told:
        edit = ACTIONS["tasks.edit"].run(told.dashboard.panel)
        await cast("Any", edit)
        await told.hears("Only a queued or failed link can be edited.")
        assert told.app.screen is told.dashboard


async def test_a_link_that_another_task_has_is_refused_and_stays_typed() -> None:
    async with story([task(1, S.FAILED), task(2, S.RUNNING)]) as told:
        await told.press("1", "j", "e")
        await told.sees(lambda: isinstance(told.app.screen, EditLinksScreen))
        await told.press("ctrl+a", *"https://EXAMPLE.com/files/%70art-02.iso", "ctrl+s")
        await told.hears("This link is already in the list.")
        await told.sees(lambda: "%70art-02" in told.text)
        assert told.engine.tasks[1].state is S.FAILED


async def test_all_marked_tasks_get_another_folder_and_names_from_a_template() -> None:
    tasks = [
        task(1, S.FAILED, callback_url="https://me.example/hook"),
        task(2, S.FAILED, name="own.iso", folder_id=7),
        task(3, S.RUNNING),
        task(4, S.QUEUED),
    ]
    late = task(5, S.QUEUED)
    async with story(tasks) as told:
        await told.press("ctrl+a", "e")
        await told.sees(lambda: isinstance(told.app.screen, EditLinksScreen))
        await told.reads("Edit 3 links")
        assert "as it is" in told.text
        await told.press("ctrl+s")
        await told.hears("2 links queued again.")
        assert told.engine.tasks[1].state is S.QUEUED
        assert [told.engine.tasks[n].request for n in (1, 2, 4)] == [
            tasks[n - 1].request for n in (1, 2, 4)
        ]
        told.engine.tell(late)
        await told.sees(lambda: "part-05.iso" in told.names)
        told.app.clear_notifications()
        await told.press("ctrl+a", "e", "ctrl+s")
        await told.sees(lambda: told.toasts == ["Nothing was changed."])
        told.app.clear_notifications()
        await told.press("e", *"x", "ctrl+s")
        await told.reads("several links need {n}")
        told.engine.tell(replace(late, state=S.RUNNING))
        await told.press("home", *"{n}-", "end", "backspace", *"{name}", "tab", *"4711", "ctrl+s")
        text = "3 links changed. 1 link was sent meanwhile and stays as it was."
        await told.sees(lambda: told.toasts == [text])
        assert [told.engine.tasks[n].request for n in (1, 2, 4)] == [
            DownloadRequest(tasks[0].url, "1-part-01.iso", 4711, "https://me.example/hook"),
            DownloadRequest(tasks[1].url, "2-own.iso", 4711),
            DownloadRequest(tasks[3].url, "3-part-04.iso", 4711),
        ]
        assert {told.engine.tasks[n].folder_id for n in (3, 5)} == {None}


async def test_all_links_to_a_missing_folder_are_edited_and_it_is_made_again() -> None:
    gone = Folder(7, "[b]影视", ROOT_ID)
    problem = Problem(ProblemKind.FOLDER_MISSING, "指定目录ID文件不存在", 1)
    facts: dict[str, Any] = {"folder_id": gone.id, "problem": problem, "created_at": 1.0}
    queued = [task(n, S.QUEUED, **facts) for n in (1, 2, 3)]
    status = Status(missing_folders=(gone.id,))
    tasks = [*queued, task(4, S.SUBMITTING, folder_id=gone.id)]
    async with story(tasks, status=status, size=(150, 30)) as told:
        await told.reads("The folder ID 7 is gone: its links wait.")
        told.engine.listen(FoldersChanged(FolderTree({gone.id: gone}, gone=frozenset({gone.id}))))
        await told.reads("The folder [b]影视 is gone: its links wait. e on one of them chooses")
        assert told.text.count("waits for folder [b]影视") == 3
        assert told.toasts == []
        await told.press("j", "e")
        await told.reads("Edit 3 links")
        await told.reads("It will be made again")
        told.engine.drive.trouble = RequestRejected("父级文件ID不存在", code=1)
        await told.press("ctrl+s")
        await told.reads("父级文件ID不存在")
        told.engine.drive.trouble = None
        await told.press("enter")
        await told.reads("folder made")
        with patch.object(
            told.engine.repository, "commit", side_effect=StoreUnwritable("No space")
        ) as commit:
            await told.press("enter")
            await told.hears("No space")
            await told.sees(lambda: commit.call_count == 3)
        told.app.clear_notifications()
        await told.reads("Edit 3 links")
        await told.press("enter")
        await told.hears("3 links changed.")
        assert {it.folder_id for it in told.engine.tasks.values() if it.id < 4} == {20}
        await told.press("e")
        await told.reads("Edit the link")
