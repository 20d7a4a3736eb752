"""The collection of all tasks reads as one mapping, however each task is stored."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from pan123_tui.domain.task import Task, TaskHeader, TaskState
from pan123_tui.domain.task_collection import ArchivedTasks, TaskCollection
from tests.store.store_samples import any_task, plain_task

DONE, ACTIVE = TaskState.SUCCEEDED, TaskState.RUNNING
IDS = st.integers(1, 8)


def test_what_was_stored_as_ended_and_moves_again_counts_once() -> None:
    collection = TaskCollection(
        [plain_task(1, ACTIVE)], TaskCollection([plain_task(1, DONE)]).archived
    )
    assert collection[1].state is ACTIVE
    assert (len(collection), [task.state for task in collection.values()]) == (1, [ACTIVE])


any_tasks = st.lists(any_task(st.integers(1, 50)), unique_by=lambda task: task.id).map(tuple)


def archive_of(*tasks: Task) -> ArchivedTasks:
    archived = ArchivedTasks()
    for task in tasks:
        archived.put(task)
    return archived


@given(any_tasks)
def test_an_archived_task_comes_back_and_agrees_with_its_header(tasks: tuple[Task, ...]) -> None:
    archived = archive_of(*tasks)
    assert archived == {task.id: task for task in tasks}
    for task in tasks:
        assert archived[task.id].checked_at == task.checked_at
    for header in archived.headers():
        for field in TaskHeader.__struct_fields__:
            assert getattr(header, field) == getattr(archived[header.id], field)


@pytest.mark.parametrize("odd", [{"url": "https://h/\ud800"}, {"percent": math.inf}])
def test_what_json_cannot_hold_is_kept_exactly(odd: dict[str, object]) -> None:
    task = replace(plain_task(1), **odd)
    archived = archive_of(task)
    assert archived[1] is task
    assert archived.document(1) is archived.document(2) is None
    assert [header.id for header in archived.headers()] == [1]


class Books(RuleBasedStateMachine):
    """A collection compared with a plain dict."""

    def __init__(self) -> None:
        super().__init__()
        self.collection, self.model = TaskCollection(), dict[int, Task]()

    @rule(task_id=IDS, state=st.sampled_from([DONE, ACTIVE]), name=st.sampled_from("ab"))
    def put(self, task_id: int, state: TaskState, name: str) -> None:
        task = replace(plain_task(task_id, state), name=name)
        self.collection.put(task)
        self.model[task_id] = task

    @rule(task_id=IDS)
    def pop(self, task_id: int) -> None:
        if task_id in self.model:
            assert self.collection.pop(task_id) == self.model.pop(task_id)

    @rule(tasks=st.lists(st.tuples(IDS, st.sampled_from([DONE, ACTIVE])), max_size=3))
    def update(self, tasks: list[tuple[int, TaskState]]) -> None:
        """The tasks of another collection, as those of a new engine, replace these."""
        more = TaskCollection(plain_task(*task) for task in tasks)
        self.collection.update(more)
        self.model.update(more)

    @rule()
    def restart(self) -> None:
        """Archived tasks are passed on as an earlier run leaves them."""
        self.collection = TaskCollection(
            self.collection.unfinished.values(), ArchivedTasks(self.collection.archived.entries)
        )

    @invariant()
    def it_reads_like_the_dict(self) -> None:
        assert sorted(it.id for it in self.collection.headers()) == sorted(self.model)
        assert all(task_id in self.collection for task_id in self.model)
        assert dict(self.collection) == self.model
        assert list(self.collection.values()) == [self.model[i] for i in sorted(self.model)]
        assert len(self.collection) == len(self.model)


TestCollections: Any = Books.TestCase
TestCollections.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
