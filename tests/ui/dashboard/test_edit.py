"""Editing a task that failed, then queueing it again."""

from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.ui.dialogs.edit_link import EditScreen
from tests.ui.dashboard_stage import Story, story, task

S = TaskState


async def _open(told: Story) -> None:
    await told.press("e")
    await told.sees(lambda: isinstance(told.app.screen, EditScreen))


async def test_a_failed_task_gets_another_name_and_folder_and_is_queued() -> None:
    async with story([task(1, S.FAILED)]) as told:
        assert "e edit" in told.footer
        await _open(told)
        await told.press("tab", *"new.png", "tab", *"4711", "ctrl+s")
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
        edited = told.engine.tasks[1].request
        assert edited == DownloadRequest("https://example.com/files/part-01.iso", "new.png", 4711)


async def test_a_running_task_cannot_be_edited_and_the_key_bar_does_not_offer_it() -> None:
    async with story([task(1, S.RUNNING)]) as told:
        assert "edit" not in told.footer
        await told.press("e")
        assert told.app.screen is told.dashboard


async def test_what_cannot_be_sent_stays_on_the_screen_with_its_reason() -> None:
    async with story([task(1, S.REJECTED)]) as told:
        await _open(told)
        await told.press("ctrl+a", *"ftp://example.com/a", "enter")
        assert "the service takes http/https only" in told.text
        assert told.engine.tasks[1].state is S.REJECTED
        await told.press("escape")
        assert told.app.screen is told.dashboard
        assert told.engine.tasks[1].url.startswith("https:")


async def test_a_task_that_went_on_its_way_meanwhile_is_left_alone() -> None:
    async with story([task(1, S.QUEUED, sent_at=None)]) as told:
        await _open(told)
        told.engine.tell(task(1, S.RUNNING))
        await told.press("ctrl+s")
        await told.reads("This task is on its way already: it cannot be changed.")
