"""The collection of all tasks reads as one mapping by ascending id."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from tests.store.store_samples import plain_task

DONE, ACTIVE = TaskState.SUCCEEDED, TaskState.RUNNING
IDS = st.integers(1, 8)


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
        self.collection.update(more.values())
        self.model.update(more)

    @invariant()
    def it_reads_like_the_dict(self) -> None:
        finished = {i for i, task in self.model.items() if task.is_finished}
        assert self.collection.finished.keys() == finished
        assert self.collection.unfinished.keys() == self.model.keys() - finished
        assert all(task_id in self.collection for task_id in self.model)
        assert dict(self.collection) == self.model
        assert list(self.collection.values()) == [self.model[i] for i in sorted(self.model)]
        assert len(self.collection) == len(self.model)


TestCollections: Any = Books.TestCase
TestCollections.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
