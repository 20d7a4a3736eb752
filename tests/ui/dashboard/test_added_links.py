"""What the dashboard shows of links that were just added."""

from textual.events import Paste

from pan123_tui.config.schema import Defaults
from pan123_tui.config.settings import Settings
from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.add_links.fields import CommonFields
from pan123_tui.ui.dashboard.screen import DashboardScreen
from tests.ui.dashboard_stage import Story, story, task

LINKS = "\n".join(f"https://new.example/{n}.zip" for n in range(30))


async def _add(told: Story, *, shown: int = 90) -> None:
    told.dashboard.post_message(Paste(LINKS))
    await told.reads("30 links to queue")
    await told.press("ctrl+s")
    await told.sees(lambda: isinstance(told.app.screen, DashboardScreen))
    await told.sees(lambda: told.dashboard.table.total == shown)


async def test_new_links_are_announced_and_shown_where_the_cursor_was_at_the_top() -> None:
    async with story([task(n) for n in range(1, 61)]) as told:
        told.dashboard.panel.update_query(sort=SortKey.ADDED, reverse=False)
        await told.press("g")
        await _add(told)
        assert told.toasts == ["30 links queued."]
        await told.sees(lambda: told.names[0].endswith(".zip"))
        assert told.dashboard.table.cursor_index == 0


async def test_the_cursor_stays_where_another_program_adds_a_link() -> None:
    async with story([task(n) for n in range(1, 61)]) as told:
        await told.press("G")
        told.engine.tell(task(61))
        await told.sees(lambda: told.dashboard.table.total == 61)
        assert told.dashboard.table.cursor_task_id == 1


async def test_new_links_come_into_view_from_every_tab() -> None:
    done = [task(n, TaskState.SUCCEEDED) for n in range(1, 61)]
    for key, view, shown in (("2", View.ACTIVE, 30), ("3", View.ALL, 90)):
        async with story(done) as told:
            await told.press(key)
            await _add(told, shown=shown)
            await told.sees(lambda: told.names[0] == "29.zip")
            assert told.dashboard.panel.list_query.view is view


async def test_new_links_end_a_search_only_where_it_hides_them() -> None:
    for search, left in (("part", ""), ("zip", "zip")):
        async with story([task(n) for n in range(1, 61)]) as told:
            told.dashboard.panel.update_query(search=search, view=View.DONE)
            await _add(told, shown=30 if left else 90)
            await told.sees(lambda: told.names[0] == "29.zip")
            assert told.dashboard.panel.list_query == Query(search=left)


async def test_the_review_begins_with_the_defaults_of_the_settings() -> None:
    defaults = Defaults(folder_id=5, callback_url="https://cb.example/")
    async with story([task(1)], settings=Settings(defaults=defaults)) as told:
        await told.press("a")
        await told.sees(lambda: told.app.screen.query(CommonFields))
        common = told.app.screen.query_one(CommonFields)
        assert (common.folder.folder_id, common.callback.url) == (5, "https://cb.example/")
