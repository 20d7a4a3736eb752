"""Editing a task that failed, then queueing it again."""

from msgspec.structs import replace

from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.ui.add_links.edit_links import EditLinksScreen
from tests.ui.dashboard_stage import Story, story, task

S = TaskState


async def _open(told: Story) -> None:
    await told.press("e")
    await told.sees(lambda: isinstance(told.app.screen, EditLinksScreen))


async def test_a_task_gets_another_name_and_folder_and_what_cannot_be_sent_stays_typed() -> None:
    async with story([task(1, S.REJECTED)]) as told:
        await _open(told)
        await told.press("enter")
        await told.hears("Nothing was changed.")
        await told.press("ctrl+a", *"rtmp://example.com/a", "enter")
        assert "123pan takes http and https only" in told.text
        assert told.engine.tasks[1].state is S.REJECTED
        await told.press("escape")
        assert told.app.screen is told.dashboard
        assert told.engine.tasks[1].url.startswith("https:")
        await _open(told)
        await told.press("tab", *"new.png", "tab", *"4711", "ctrl+s")
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
        edited = told.engine.tasks[1].request
        assert edited == DownloadRequest("https://example.com/files/part-01.iso", "new.png", 4711)


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
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
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
