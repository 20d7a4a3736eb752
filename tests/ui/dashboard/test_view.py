"""What the dashboard shows, and what is not loaded for it."""

from collections import Counter

import pytest
from msgspec.structs import replace
from textual.events import Paste

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.domain.task import AutoRetry, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.dashboard import view
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.dashboard.view import ids_in_order
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.notes import NoteContext, failure_reason, note
from tests.store.store_samples import plain_task
from tests.ui.dashboard_stage import story, task


def collection() -> TaskCollection:
    return TaskCollection(
        [
            plain_task(1, TaskState.SUCCEEDED),
            plain_task(2, TaskState.RUNNING),
            plain_task(3, TaskState.QUEUED),
            plain_task(4, TaskState.FAILED),
        ]
    )


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

    tasks = [task(n, TaskState.QUEUED) for n in (1, 2, 3)]
    async with story(tasks) as told:
        for owner, name in ((view, "ids_in_order"), (TaskTable, "fill"), (KeyBar, "show_keys")):
            count(owner, name)
        told.engine.tell(task(4), task(1, TaskState.FAILED))
        await told.sees(lambda: len(told.names) == 4 and "failed" in told.text)
        assert done == {"ids_in_order": 1, "fill": 1, "show_keys": 1}
        done.clear()
        told.engine.tell(task(4, percent=77.0))
        await told.reads("77%")
        assert done == {"fill": 1}
        done.clear()
        told.dashboard.panel.update_query(reverse=True)
        told.dashboard.panel.update_query(view=View.ACTIVE)
        await told.sees(lambda: len(told.names) == 3)
        assert done["ids_in_order"] == done["fill"] == 1
        done.clear()
        await told.press("less_than_sign")  # the answer comes after its effects
        await told.hears("moved to the front")
        assert done["ids_in_order"] == done["fill"] == 1
        told.app.post_message(Paste("https://example.org/new.iso"))
        await told.reads("new.iso")
        done.clear()
        await told.press("ctrl+s")
        await told.sees(lambda: told.app.screen is told.dashboard and "new.iso" in told.text)
        assert done == {"ids_in_order": 1, "fill": 1, "show_keys": 1}
