"""Views, search, filter and order on the dashboard."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.events import Paste

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, FoldersChanged, Status
from pan123_tui.domain.folders import Folder, FolderTree
from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.dashboard import filter_bar, view
from pan123_tui.ui.dashboard import screen as dashboard
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.view import ViewTabs, ids_in_order
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.dashboard import empty_texts
from pan123_tui.wording.notes import NoteContext, failure_reason, note
from tests.store.store_samples import plain_task
from tests.ui.dashboard_stage import NOW, story, task
from tests.ui.stage import Stage, resize, shown

S = TaskState


async def test_the_sort_menu_marks_the_present_order_and_says_where_it_is_reversed() -> None:
    async with story([task(1), task(2)], size=(80, 24)) as told:
        await told.press("s", "down", "enter", "S", "s")
        assert "√ name" in told.text
        assert "reversed" in next(line for line in told.text.splitlines() if "√" in line)
        assert "added" in told.text
        await told.press("home", "enter")
        assert told.names == ["part-02.iso", "part-01.iso"], "another order begins unreversed"


async def test_the_number_keys_choose_what_is_shown_and_an_empty_tab_says_what_it_hides() -> None:
    tasks = [task(1, S.RUNNING), task(2, S.FAILED), task(3, S.QUEUED)]
    async with story(tasks) as told:
        assert told.names == ["part-03.iso", "part-02.iso", "part-01.iso"]
        await told.press("3")
        assert told.names == ["part-02.iso"]
        await told.press("2")
        assert told.names == ["part-03.iso", "part-01.iso"]
        await told.press("4")
        await told.reads("3 tasks are in other tabs: 1 shows all.")
        await told.press("1", "j")
        assert told.dashboard.table.cursor_id == 2


async def test_a_tab_is_entered_at_its_first_row_unless_the_task_is_in_it() -> None:
    async with story([task(n, S.FAILED if n < 4 else S.RUNNING) for n in range(1, 8)]) as told:
        table = told.dashboard.table
        await told.press("j", "j", "j", "3")
        assert table.cursor_id == 3
        await told.press("j", "1")
        assert table.cursor_id == 2
        await told.press("2")
        assert table.cursor_id == 7


async def test_the_task_whose_details_are_open_stays_in_the_list_whatever_becomes_of_it() -> None:
    async with story([task(1, S.FAILED), task(2, S.FAILED)]) as told:
        await told.press("3", "enter", "r")
        await told.hears("1 link queued again.")
        await told.sees(lambda: told.app.model.tasks[2].state is S.QUEUED)
        assert [*told.dashboard.table.order] == [2, 1]
        assert told.dashboard.table.cursor_id == 2
        await told.press("escape")
        await told.press("2", "3")
        assert [*told.dashboard.table.order] == [1]


async def test_a_list_sorted_by_size_is_in_order_as_soon_as_a_file_is_found() -> None:
    done = [task(n, S.SUCCEEDED, finished_at=NOW) for n in (1, 2)]
    async with story(done, size=(80, 24)) as told:
        told.dashboard.panel.update_query(sort=SortKey.SIZE)
        await told.sees(lambda: told.dashboard.table.order == (2, 1))
        told.engine.tell(
            replace(done[0], arrival=ArrivalCheck(ArrivalStatus.FOUND, NOW, "a", 2**30))
        )
        await told.sees(lambda: told.dashboard.table.order == (1, 2))
        assert "size ▾" in told.text


@pytest.mark.parametrize(
    ("search", "in_view", "matches", "words"),
    [
        ("x", 1, 0, "The search hides 1 task: esc clears it."),
        ("x", 0, 0, "The search hides 3 tasks: esc clears it."),
        ("x", 1, 2, "2 tasks in other tabs match: 1 shows them."),
        ("https://h/x", 1, 0, "To add this link, press esc, then paste it again."),
    ],
)
def test_an_empty_list_says_what_the_search_hides_and_what_to_do(
    search: str, in_view: int, matches: int, words: str
) -> None:
    query = Query(search=search)
    _, text = empty_texts(3, Status(), query=query, in_view=in_view, matches=matches)
    assert text == words


async def test_a_search_that_finds_nothing_says_which_syntax_does_not_exist() -> None:
    async with story([task(1, S.RUNNING), task(2, S.FAILED)], size=(50, 14)) as told:
        await told.press("slash", *"failed or running")
        await told.reads("“or” is searched for as text. All words must match; ")
        await told.reads("The search hides 2 tasks: esc clears it.")
        await told.press("ctrl+u", *"part or")
        assert "as text" in told.text
        await told.press("ctrl+u", *"nothing")
        await told.reads("The search hides 2 tasks")
        assert "as text" not in told.text


async def test_an_empty_tab_says_what_the_search_finds_in_the_others_and_how_to_see_it() -> None:
    async with story([task(1, S.RUNNING), task(2, S.FAILED), task(3)]) as told:
        await told.press("3", "slash", *"part-01")
        await told.reads("1 task in another tab matches: enter, then 1 shows it.")
        await told.press("enter")
        await told.reads("1 task in another tab matches: 1 shows it.")
        await told.press("slash")
        await told.reads("enter, then 1 shows it.")
        await told.press(*"part-0x")
        await told.reads("The search hides 1 task")
        await told.press("backspace", "1", "enter", "1")
        assert told.names == ["part-01.iso"]


async def test_many_tasks_are_searched_once_nothing_more_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filter_bar, "MANY_TASKS", 9)
    monkeypatch.setattr(filter_bar, "TYPING_PAUSE_S", 3600.0)
    async with story([task(n) for n in range(1, 11)]) as told:
        await told.press("slash", *"part-07")
        assert len(told.names) == 10
        monkeypatch.setattr(filter_bar, "TYPING_PAUSE_S", 0.01)
        await told.press("backspace", "8")
        await told.sees(lambda: told.names == ["part-08.iso"])


@pytest.mark.parametrize("connection", [Connection.ONLINE, Connection.NO_ACCOUNT])
def test_an_empty_list_says_what_becomes_of_links_without_an_account(
    connection: Connection,
) -> None:
    status = Status(connection)
    _, text = empty_texts(0, status, query=Query(), in_view=0)
    assert ("before you log in" in text) is (connection is Connection.NO_ACCOUNT)


async def test_a_search_is_live_and_escape_takes_it_back_but_not_the_tab() -> None:
    async with story([task(n, S.FAILED if n > 2 else S.QUEUED) for n in range(1, 21)]) as told:
        await told.press("3", "slash", *"part-1")
        assert len(told.names) == 10
        await told.press("enter", "j")
        assert told.dashboard.table.cursor_index == 1
        await told.press("escape", "escape")
        assert len(told.names) == 18
        await told.press("1", "slash", *"state:faild")
        await told.reads("no such state; the states are queued, ")
        assert len(told.names) == 20
        await told.press("backspace", *"ed", "enter")
        assert len(told.names) == 18


async def test_a_search_that_enter_keeps_as_it_is_is_named_without_a_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pan123_tui.ui.dashboard.screen.TICK_S", 3600.0)
    async with story([task(n) for n in range(1, 4)]) as told:
        for keys in (("slash", *"part", "enter"), ("slash", "enter")):
            await told.press(*keys)
            await told.reads("3 of 3  ·  esc clears it  ·  / part")


async def test_the_search_in_use_is_one_line_whatever_its_length() -> None:
    async with story([task(n) for n in range(1, 4)], size=(50, 20)) as told:
        await told.press("slash", *"host:example.com age<1w name~part", "enter")
        await told.reads(" 3 of 3  ·  esc clears it  ·  / host:example.com…\n          %")
        await resize(told.pilot, 100, 20)
        await told.reads("·  / host:example.com age<1w name~part\n    state")


async def test_the_tab_of_trouble_says_why_and_from_which_host() -> None:
    tasks = [
        task(1, S.FAILED, fail_reason="HTTP 403", url="https://cdn.example/a.iso"),
        task(2, S.FAILED, url="https://b.example/b.iso"),
        task(3, S.RUNNING),
    ]
    async with story(tasks) as told:
        await told.press("j", "3")
        for columns in (50, 80, 110):
            await resize(told.pilot, columns, 20)
            row = next(line for line in told.text.splitlines() if "HTTP 403" in line)
            assert "a.iso" in row
            assert ("cdn.example" in row) is ("host ▴" in told.text) is (columns >= 80)
        assert "no reason given" in told.text
        assert told.names == ["b.iso", "a.iso"]
        await told.press("1")
        assert "added ▾" in told.text
        assert told.names == ["part-03.iso", "b.iso", "a.iso"], "each tab keeps its own order"


async def test_a_click_chooses_a_tab_and_sorts_by_a_heading_where_that_means_anything() -> None:
    tasks = [
        task(1, S.FAILED, url="https://a.example/1"),
        task(2, S.FAILED, url="https://b.example/2"),
    ]
    async with story([*tasks, task(3)], size=(100, 20)) as told:
        await told.pilot.click(ViewTabs, offset=(25, 0))
        await told.sees(lambda: told.names == ["1", "2"])
        await told.pilot.click(ViewTabs, offset=(95, 0))
        heading = next(line for line in told.text.splitlines() if "note" in line)
        y = told.text.splitlines().index(heading)
        await told.pilot.click(offset=(heading.index("note") + 1, y))
        assert told.names == ["1", "2"]
        await told.pilot.click(offset=(heading.index("host") + 1, y))
        assert told.names == ["2", "1"]
        assert "host ▾" in told.text
        for sign in "▴▾":
            await told.pilot.click(offset=(heading.index("name") + 1, y))
            await told.reads(f"name {sign}")


async def test_a_search_finds_what_is_named_or_ends_later_even_below_another_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dashboard, "TICK_S", 3600)
    tasks = [task(n, folder_id=7 if n == 5 else None) for n in range(1, 11)]
    async with story(tasks, size=(140, 30)) as told:
        await told.reads("ID 7")
        await told.press("slash", *"folder:影", "enter")
        await told.reads("0 of 10")
        told.engine.listen(FoldersChanged(FolderTree({7: Folder(7, "影视", 0)})))
        await told.sees(lambda: told.names == ["part-05.iso"])
        await told.reads("影视")
        told.engine.tell(task(11, folder_id=7))
        await told.sees(lambda: told.names == ["part-11.iso", "part-05.iso"])
        await told.press("slash", *"state:done", "enter", "a")
        told.engine.end(2, S.SUCCEEDED)
        await told.sees(lambda: told.app.model.tasks[2].is_finished)
        await told.press("escape")
        await told.sees(lambda: told.names == ["part-02.iso"])


MANY = {View.ALL: 12345, View.ACTIVE: 3, View.TROUBLE: 2, View.DONE: 12340}
FEW = dict.fromkeys(View, 20)


@pytest.mark.parametrize(
    ("columns", "views", "line"),
    [
        (140, MANY, " 1:all 12,345  2:active 3  3:trouble 2  4:done 12,340"),
        (50, MANY, " all 12,345  active 3  trouble 2  done 12,340"),
        (40, FEW, " all 20  active 20  trouble 20  done 20"),
    ],
)
async def test_tabs_lose_their_keys_where_there_is_no_room(
    columns: int, views: Mapping[View, int], line: str
) -> None:
    tabs = ViewTabs()
    async with Stage([tabs]).run_test(size=(columns, 12)) as pilot:
        tabs.counts, tabs.list_query = views, Query(View.TROUBLE)
        await pilot.pause()
        assert shown(pilot.app).splitlines()[0] == line


async def test_the_tab_of_what_is_in_trouble_stands_out_while_it_has_any() -> None:
    tabs = ViewTabs()
    async with Stage([tabs]).run_test(size=(80, 12)):
        for views, is_seen in ((MANY, True), ({**MANY, View.TROUBLE: 0}, False)):
            tabs.counts = views
            assert ("$text-error" in [span.style for span in tabs.render().spans]) is is_seen


async def test_the_tasks_on_the_screen_are_polled_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [task(n, S.FAILED if n == 40 else S.RUNNING) for n in range(1, 61)]
    async with story(tasks) as told:
        asked: list[tuple[int, ...]] = []
        monkeypatch.setattr(told.app.client, "send", lambda it: asked.append(it.ids))
        for keys in (["G"], ["3"], ["1"], ["g"]):
            await told.press(*keys)
            await told.sees(lambda: asked[-1] == told.dashboard.table.visible_ids())
        count = len(asked)
        await told.press("j")
        assert len(asked) == count, "the same ones are not asked for again"
        await told.press("s")
        told.engine.tell(task(61))
        await told.sees(lambda: 61 in told.app.model.tasks)
        await told.press("escape")
        assert asked[-1][0] == 61
        told.dashboard.table.scroll_to(y=20, animate=False)  # as the wheel does
        await told.pilot.pause()
        told.engine.tell(replace(told.engine.tasks[1], percent=77.0))
        await told.sees(lambda: asked[-1] == told.dashboard.table.visible_ids())


async def test_below_a_dialog_ages_stand_still_and_tasks_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dashboard, "TICK_S", 0.01)
    async with story([task(1)]) as told:
        await told.reads("1 min")
        for minutes in (10, 20):
            await told.press("s")
            shown = told.dashboard.panel.facts
            told.engine.now += 600
            await told.press("down", "up")
            assert told.dashboard.panel.facts is shown
            told.engine.tell(task(1, percent=minutes * 3.0))
            percent = f"{minutes * 3}%"
            await told.sees(lambda it=percent: it in told.dashboard.table.render_line(1).text)  # type: ignore[misc]
            await told.press("escape")
            await told.reads(f"{minutes + 1} min")
            await told.reads(percent)


async def test_the_next_run_shows_the_same_tab_order_search_and_details(tmp_path: Path) -> None:
    tasks = [task(1, S.FAILED), task(2, S.FAILED), task(3)]
    async with story(tasks, state_dir=tmp_path) as told:
        await told.press("3", "S", "slash", *"part", "enter", "enter")
        assert told.dashboard.panel.is_detail_open
        before = told.names
    async with story(tasks, state_dir=tmp_path) as told:
        assert told.names == before
        assert told.dashboard.panel.list_query == Query(
            View.TROUBLE, search="part", sort=SortKey.HOST, reverse=True
        )
        assert "/ part" in told.text.splitlines()[1], "it says what hides the others"
        await told.sees(lambda: told.dashboard.panel.is_detail_open)
        await told.press("escape", "escape", "1")
        query = replace(told.dashboard.panel.list_query, other_order=None)
        assert query == Query(), "the order of trouble is not that of the others"
    async with story(tasks, state_dir=tmp_path) as told:
        assert len(told.names) == 3
        assert not told.dashboard.panel.is_detail_open


# Batches


def of_batch(number: int, state: TaskState, label: str = "", *, at: float = NOW) -> Task:
    return task(number, state, batch=label, created_at=at)


THREE = (
    of_batch(1, S.SUCCEEDED, "影视 [b]1"),
    of_batch(2, S.FAILED, "影视 [b]1"),
    of_batch(3, S.RUNNING, "影视 [b]1"),
)


async def test_b_shows_the_batch_under_the_cursor_and_goes_back() -> None:
    async with story([*THREE, task(4, S.FAILED)]) as told:
        await told.press("slash", *"state:failed", "enter", "j", "b")
        assert len(told.names) == 3
        assert '3 of 4  ·  esc clears it  ·  / batch="影视 [b]1"' in told.text
        await told.press("3")
        assert told.names == ["part-02.iso"]
        await told.reads('1 of 2  ·  esc clears it  ·  / batch="影视 [b]1"')
        await told.press("b", "1")
        assert len(told.names) == 4
        i18n.set_language("zh")
        await told.press("b")
        assert told.dashboard.panel.list_query.search == '批次="影视 [b]1"'
        assert len(told.names) == 3


async def test_the_search_completes_the_labels_and_knows_the_last_batch() -> None:
    async with story([*THREE, of_batch(4, S.RUNNING, "b"), of_batch(5, S.QUEUED)]) as told:
        await told.press("slash", *"batch:影", "tab")
        assert len(told.names) == 3
        await told.press("escape", "slash", *"batch:last", "enter")
        assert told.names == ["part-05.iso"]
        await told.press("3")
        await told.reads("1 task in another tab matches: 1 shows it.")


def test_a_search_finds_what_a_note_says_and_the_reason_that_a_coming_retry_hides() -> None:
    planned, problem = AutoRetry(0, 1, 99.0), Problem(ProblemKind.FOLDER_MISSING)
    failed = replace(plain_task(4, TaskState.FAILED), auto_retry=planned, fail_reason="")
    queued = replace(plain_task(3, TaskState.QUEUED), folder_id=7, problem=problem)
    lost = replace(failed, id=5, problem=Problem(ProblemKind.REQUEST_NOT_SENT))
    notes = NoteContext(folder_names={7: "数据"}, status=Status(missing_folders=(7,)))
    tasks = TaskCollection([plain_task(1), queued, failed, lost])
    assert "retry" in note(lost, notes)
    for words, found in (
        ("retry 1 of 1", [5, 4]),
        ("waits for folder 数据", [3]),
        (failure_reason(lost), [5]),
    ):
        assert [*ids_in_order(Query(search=f'"{words}"'), tasks, notes)] == found


def test_what_is_in_trouble_is_sorted_by_host_and_each_order_comes_back_with_its_views() -> None:
    query, orders = Query(sort=SortKey.NAME, reverse=True), []
    for changes in (
        {"view": View.TROUBLE},
        {"sort": SortKey.STATE},
        {"view": View.DONE},
        {"view": View.TROUBLE},
    ):
        query = query.changed(**changes)
        orders.append((query.sort, query.reverse))
    assert orders == [
        (SortKey.HOST, False),
        (SortKey.STATE, False),
        (SortKey.NAME, True),
        (SortKey.STATE, False),
    ]


async def test_one_event_orders_the_list_and_fills_the_table_at_most_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: Counter[str] = Counter()

    def count(owner: object, name: str) -> None:
        stock = getattr(owner, name)
        counted = lambda *of, **options: done.update([name]) or stock(*of, **options)  # noqa: E731
        monkeypatch.setattr(owner, name, counted)

    wide = task(1, TaskState.RETRYING)  # whose note asks for as much as those of others later
    async with story([wide, *(task(n, TaskState.QUEUED) for n in (2, 3, 4))]) as told:
        for owner, name in ((view, "ids_in_order"), (TaskTable, "fill"), (KeyBar, "show_keys")):
            count(owner, name)
        told.engine.tell(task(5), task(2, TaskState.FAILED))
        await told.sees(lambda: len(told.names) == 5 and "failed" in told.text)
        assert done == {"ids_in_order": 1, "fill": 1, "show_keys": 1}
        done.clear()
        told.engine.tell(task(5, percent=77.0))
        await told.reads("77%")
        assert done == {"fill": 1}
        done.clear()
        told.dashboard.panel.update_query(reverse=True)
        told.dashboard.panel.update_query(view=View.ACTIVE)
        await told.sees(lambda: len(told.names) == 4)
        assert done["ids_in_order"] == done["fill"] == 1
        done.clear()
        await told.press("less_than_sign")  # the answer comes after its effects
        await told.hears("moved to the front")
        assert done["ids_in_order"] == 1
        assert done["fill"] <= 3, "the message takes a line from the table, its note some cells"
        told.app.post_message(Paste("https://example.org/new.iso"))
        await told.reads("new.iso")
        done.clear()
        await told.press("ctrl+s")
        await told.sees(lambda: told.app.screen is told.dashboard and "new.iso" in told.text)
        done.pop("fill")  # as often as the way back and the message have the table laid out
        assert done == {"ids_in_order": 1, "show_keys": 1}
