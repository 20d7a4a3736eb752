"""The order of the shown tasks, and what is not loaded for it."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain import task_collection
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sorting import SortKey
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.dashboard.columns import PlacedColumn, RowContext, TaskColumn, render_cells
from pan123_tui.ui.dashboard.list_state import ListState
from pan123_tui.wording.formats import freshness
from tests.store.store_samples import plain_task


def collection() -> TaskCollection:
    return TaskCollection(
        [
            plain_task(1, TaskState.SUCCEEDED),
            plain_task(2, TaskState.RUNNING),
            plain_task(3, TaskState.QUEUED),
            plain_task(4, TaskState.FAILED),
        ]
    )


@pytest.mark.parametrize("view", [View.ALL, View.ACTIVE])
@pytest.mark.parametrize("reverse", [False, True])
def test_no_ended_task_is_decoded_for_what_does_not_ask_for_it(
    monkeypatch: pytest.MonkeyPatch, view: View, reverse: bool
) -> None:
    tasks = collection()
    monkeypatch.setattr(task_collection, "_decode", None)
    list_state = ListState(Query(view=view, reverse=reverse))
    expected = [4, 3, 2, 1] if view is View.ALL else [3, 2]
    assert list_state.order(tasks, now=9.0) == (expected[::-1] if reverse else expected)


def test_a_view_of_what_has_ended_finds_former_tasks() -> None:
    assert ListState(Query(view=View.TROUBLE)).order(collection(), now=9.0) == [4]


def test_what_is_in_trouble_is_sorted_by_host_and_has_an_order_of_its_own() -> None:
    list_state = ListState(Query(sort=SortKey.NAME))
    list_state.change(view=View.TROUBLE)
    assert list_state.query.sort is SortKey.HOST
    list_state.change(sort=SortKey.STATE)
    list_state.change(view=View.DONE)
    assert list_state.query.sort is SortKey.NAME
    list_state.change(view=View.TROUBLE)
    assert list_state.query.sort is SortKey.STATE


def test_a_search_includes_archived_tasks() -> None:
    found = Task(id=7, url="https://h/needle.bin", created_at=1.0, state=TaskState.SUCCEEDED)
    tasks = TaskCollection([found])
    assert ListState(Query(search="needle")).order(tasks, now=9.0) == [7]


def test_the_column_of_checks_sorts_by_the_time_that_it_shows() -> None:
    now = 1_000.0
    checked = {1: 900.0, 2: 700.0, 3: 800.0}
    tasks = [replace(plain_task(i, TaskState.RUNNING), checked_at=at) for i, at in checked.items()]
    list_state = ListState(Query())
    assert list_state.sort_by_column(TaskColumn.CHECKED)
    assert list_state.order(TaskCollection(tasks), now=now) == [2, 3, 1]
    assert list_state.sorted_column is TaskColumn.CHECKED
    column = PlacedColumn(TaskColumn.CHECKED, 10)
    shown = [render_cells([column], task, RowContext(now))[0][0].text.strip() for task in tasks]
    assert shown == [freshness(now - at) for at in checked.values()]
