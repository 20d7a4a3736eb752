"""What the dashboard shows of links that were just added."""

from pathlib import Path
from typing import cast

from textual.events import Paste

from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.add_links.draft import Draft
from pan123_tui.ui.add_links.screen import AddScreen
from pan123_tui.ui.dashboard.screen import DashboardScreen
from tests.ui.dashboard_stage import Story, story, task

LINKS = "\n".join(f"https://new.example/{n}.zip" for n in range(30))


async def _add(told: Story, *, shown: int = 90) -> None:
    told.dashboard.post_message(Paste(LINKS))
    await told.reads("30 links to queue")
    await told.press("ctrl+s")
    await told.sees(lambda: isinstance(told.app.screen, DashboardScreen))
    await told.sees(lambda: len(told.dashboard.table.order) == shown)


async def test_new_links_are_announced_and_shown_where_the_cursor_was_at_the_top() -> None:
    async with story([task(n) for n in range(1, 61)]) as told:
        told.dashboard.panel.update_query(sort=SortKey.ADDED, reverse=False)
        await told.press("g")
        await _add(told)
        assert told.toasts == ["30 links queued."]
        await told.sees(lambda: told.names[0].endswith(".zip"))
        assert told.dashboard.table.cursor_index == 0
        await told.press("G")
        told.engine.tell(task(99))  # by another program
        await told.sees(lambda: len(told.dashboard.table.order) == 91)
        assert told.dashboard.table.cursor_id == 1


async def test_new_links_come_into_view_from_every_tab_and_search() -> None:
    active, everything = Query(View.ACTIVE), Query()
    for before, after, shown in (
        (active, active, 30),
        (Query(View.TROUBLE), everything, 90),
        (Query(View.DONE, search="part"), everything, 90),
        (Query(View.DONE, search="zip"), Query(search="zip"), 30),
    ):
        async with story([task(n, TaskState.SUCCEEDED) for n in range(1, 61)]) as told:
            told.dashboard.panel.update_query(view=before.view, search=before.search)
            await _add(told, shown=shown)
            await told.sees(lambda: told.names[0] == "29.zip")
            assert told.dashboard.panel.list_query == after


async def test_what_was_added_is_revealed_once_all_of_it_is_there() -> None:
    async with story([task(1)]) as told:
        panel = told.dashboard.panel
        panel.update_query(search="part-01")
        told.app.engine.added |= {2, 3}
        panel.request()
        told.engine.tell(task(2))
        await told.sees(lambda: 2 in told.app.model.tasks)
        assert panel.list_query.search == "part-01"
        told.engine.tell(task(3))
        await told.sees(lambda: not panel.list_query.search)


async def test_links_that_wait_in_the_draft_are_said_at_the_start_and_counted_since(
    tmp_path: Path,
) -> None:
    links = "https://a.example/1.zip https://a.example/2.zip"
    Draft(links).write(tmp_path / "draft.json")
    async with story([task(1)], state_dir=tmp_path) as told:
        await told.hears("Links wait in the draft: a shows them")
        await told.reads("draft 2")
        await told.press("a")
        await told.sees(lambda: isinstance(told.app.screen, AddScreen))
        cast("AddScreen", told.app.screen).action_drop()
        await told.press("escape")
        await told.reads("draft 1")
