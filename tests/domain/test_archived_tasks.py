"""Archived tasks are returned as they were, and their headers agree with them."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain import task_collection
from pan123_tui.domain.task import Task, TaskHeader, TaskState
from pan123_tui.domain.task_collection import ArchivedTasks
from tests.store.store_samples import any_task, plain_task

any_tasks = st.lists(any_task(st.integers(1, 50)), unique_by=lambda task: task.id).map(tuple)


def archive_of(*tasks: Task) -> ArchivedTasks:
    archived = ArchivedTasks()
    for task in tasks:
        archived.put(task)
    return archived


@given(any_tasks)
def test_any_tasks_come_back_as_they_were(tasks: tuple[Task, ...]) -> None:
    archived = archive_of(*tasks)
    assert archived == {task.id: task for task in tasks}
    for task in tasks:
        assert archived[task.id].checked_at == task.checked_at


@given(any_tasks)
def test_a_header_agrees_with_its_task(tasks: tuple[Task, ...]) -> None:
    archived = archive_of(*tasks)
    for header in archived.headers():
        for field in TaskHeader.__struct_fields__:
            assert getattr(header, field) == getattr(archived[header.id], field)


def test_the_states_are_counted_without_decoding_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    archived = archive_of(
        plain_task(1, TaskState.SUCCEEDED),
        plain_task(2, TaskState.FAILED),
        plain_task(3, TaskState.SUCCEEDED),
    )
    monkeypatch.setattr(task_collection, "decode_task", None)
    counts = Counter(header.state for header in archived.headers())
    assert counts == {TaskState.SUCCEEDED: 2, TaskState.FAILED: 1}


@pytest.mark.parametrize("odd", [{"url": "https://h/\ud800"}, {"percent": math.inf}])
def test_what_json_cannot_hold_is_kept_exactly(odd: dict[str, object]) -> None:
    task = replace(plain_task(1), **odd)
    archived = archive_of(task)
    assert archived[1] is task
    assert archived.document(1) is archived.document(2) is None
    assert [header.id for header in archived.headers()] == [1]


def test_a_copy_is_not_changed_with_the_other() -> None:
    archived = archive_of(plain_task(1), plain_task(4))
    copied = archived.copy()
    archived.discard(1)
    archived.put(plain_task(7))
    assert list(copied) == [1, 4]
