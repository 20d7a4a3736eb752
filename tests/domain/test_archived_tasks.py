"""Ended tasks come back as they were, and what is asked of all of them is the same as of each."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain import task_collection
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import ArchivedTasks, TaskHeader
from pan123_tui.store.schema import encode_task
from tests.store.store_samples import any_task, plain_task

any_tasks = st.lists(st.integers(1, 50), unique=True).flatmap(
    lambda ids: st.tuples(*map(any_task, ids))
)


def held(*tasks: Task) -> ArchivedTasks:
    ended = ArchivedTasks()
    for task in tasks:
        ended.put(task)
    return ended


@given(any_tasks)
def test_any_tasks_come_back_as_they_were(tasks: tuple[Task, ...]) -> None:
    ended = held(*tasks)
    assert ended == {task.id: task for task in tasks}
    for task in tasks:
        assert ended[task.id].checked_at == task.checked_at
        assert ended[task.id].poll_failures == task.poll_failures


@given(any_tasks)
def test_a_header_says_what_the_task_says(tasks: tuple[Task, ...]) -> None:
    ended = held(*tasks)
    for header in ended.headers():
        for field in TaskHeader.__struct_fields__:
            assert getattr(header, field) == getattr(ended[header.id], field)


def test_the_documents_of_the_store_are_tasks() -> None:
    ended = ArchivedTasks({2: encode_task(plain_task(2)), 5: encode_task(plain_task(5))})
    assert ended == {2: plain_task(2), 5: plain_task(5)}


def test_each_is_found_by_its_id_and_no_other() -> None:
    ended = held(plain_task(2), plain_task(5))
    assert ended[5] == plain_task(5)
    assert 3 not in ended
    with pytest.raises(KeyError):
        ended[3]


def test_nothing_held_is_nothing() -> None:
    assert (len(ArchivedTasks()), list(ArchivedTasks().values())) == (0, [])
    assert list(ArchivedTasks().headers()) == []


def test_the_states_are_counted_without_decoding_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = held(
        plain_task(1, TaskState.SUCCEEDED),
        plain_task(2, TaskState.FAILED),
        plain_task(3, TaskState.SUCCEEDED),
    )
    monkeypatch.setattr(task_collection, "_decode", None)
    counts = Counter(header.state for header in ended.headers())
    assert counts == {TaskState.SUCCEEDED: 2, TaskState.FAILED: 1}


@pytest.mark.parametrize("odd", [{"url": "https://h/\ud800"}, {"percent": math.inf}])
def test_what_json_cannot_hold_is_kept_exactly(odd: dict[str, object]) -> None:
    task = replace(plain_task(1), **odd)
    ended = held(task)
    assert ended[1] is task
    assert [header.id for header in ended.headers()] == [1]


def test_a_copy_is_not_changed_with_the_other() -> None:
    ended = held(plain_task(1), plain_task(4))
    copied = ended.copy()
    ended.discard(1)
    ended.put(plain_task(7))
    assert list(copied) == [1, 4]
