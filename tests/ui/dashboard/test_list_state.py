"""The order of the shown tasks, and what is not loaded for it."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain import task_collection
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.domain.task import AutoRetry, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.dashboard.columns import TaskColumn
from pan123_tui.ui.dashboard.list_state import ListState
from pan123_tui.wording.notes import NoteContext, failure_reason, note
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


def test_a_search_finds_what_a_note_says_and_the_reason_that_a_coming_retry_hides() -> None:
    planned, problem = AutoRetry(0, 1, 99.0), Problem(ProblemKind.FOLDER_MISSING)
    failed = replace(plain_task(4, TaskState.FAILED), auto_retry=planned, fail_reason="")
    queued = replace(plain_task(3, TaskState.QUEUED), folder_id=7, problem=problem)
    names = {7: "数据"}
    state = ListState(Query())
    state.notes = NoteContext(folder_names=names, status=Status(missing_folders=(7,)))
    for search, found in {"“retry 1 of 1”": [4], "“waits for folder 数据”": [3]}.items():
        state.change(search=search)
        assert state.order(TaskCollection([plain_task(1), queued, failed]), now=9.0) == found
    lost = replace(failed, problem=Problem(ProblemKind.REQUEST_NOT_SENT))
    assert "retry" in note(lost, state.notes)
    state.change(search=f'"{failure_reason(lost)}"')
    assert state.order(TaskCollection([lost]), now=9.0) == [4]


@pytest.mark.parametrize("view", [View.ALL, View.ACTIVE])
@pytest.mark.parametrize("reverse", [False, True])
def test_no_ended_task_is_decoded_for_what_does_not_ask_for_it(
    monkeypatch: pytest.MonkeyPatch, view: View, reverse: bool
) -> None:
    tasks = collection()
    monkeypatch.setattr(task_collection, "decode_task", None)
    list_state = ListState(Query(view=view, reverse=reverse))
    expected = [4, 3, 2, 1] if view is View.ALL else [3, 2]
    assert list_state.order(tasks, now=9.0) == (expected[::-1] if reverse else expected)


def test_a_heading_sorts_from_its_own_end_first_and_the_other_way_round_the_second_time() -> None:
    state = ListState(Query())
    seen = []
    for column in (TaskColumn.NAME, TaskColumn.NAME, TaskColumn.STATE, TaskColumn.NAME):
        assert state.sort_by_column(column)
        seen.append((state.query.sort, state.query.reverse))
    assert seen == [
        (SortKey.NAME, False),
        (SortKey.NAME, True),
        (SortKey.STATE, False),
        (SortKey.NAME, False),
    ]


def test_what_is_in_trouble_is_sorted_by_host_and_has_an_order_of_its_own() -> None:
    list_state = ListState(Query(sort=SortKey.NAME))
    orders = []
    for view, sort in ((View.TROUBLE, SortKey.STATE), (View.DONE, None), (View.TROUBLE, None)):
        list_state.change(view=view)
        orders.append(list_state.query.sort)
        list_state.change(**({"sort": sort} if sort else {}))
    assert orders == [SortKey.HOST, SortKey.NAME, SortKey.STATE]


def test_the_direction_of_an_order_comes_back_with_its_views() -> None:
    list_state = ListState(Query(sort=SortKey.NAME, reverse=True))
    list_state.change(view=View.TROUBLE)
    assert not list_state.query.reverse
    list_state.change(view=View.DONE)
    assert (list_state.query.sort, list_state.query.reverse) == (SortKey.NAME, True)
