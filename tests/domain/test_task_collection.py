"""The collection of all tasks reads as one mapping, however each task is stored."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from tests.store.store_samples import plain_task

DONE, ACTIVE = TaskState.SUCCEEDED, TaskState.RUNNING
IDS = st.integers(1, 8)


def test_what_was_stored_as_ended_and_moves_again_counts_once() -> None:
    collection = TaskCollection(
        [plain_task(1, ACTIVE)], TaskCollection([plain_task(1, DONE)]).archived
    )
    assert collection[1].state is ACTIVE
    assert (len(collection), [task.state for task in collection.values()]) == (1, [ACTIVE])


def test_what_is_taken_out_is_gone_until_it_is_put_back() -> None:
    collection = TaskCollection([plain_task(1, DONE), plain_task(2, DONE)])
    removed = collection.pop(1)
    assert (1 in collection, list(collection)) == (False, [2])
    with pytest.raises(KeyError):
        collection.pop(1)
    collection.put(removed)
    assert collection[1] == removed


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

    @rule()
    def restart(self) -> None:
        """Archived tasks are passed on as an earlier run leaves them."""
        self.collection = TaskCollection(
            self.collection.unfinished.values(), self.collection.archived.copy()
        )

    @invariant()
    def it_reads_like_the_dict(self) -> None:
        assert dict(self.collection) == self.model
        assert list(self.collection.values()) == [self.model[i] for i in sorted(self.model)]
        assert len(self.collection) == len(self.model)


TestCollections: Any = Books.TestCase
TestCollections.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
