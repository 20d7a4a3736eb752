"""The book of all tasks reads as one mapping, however each of them is held."""

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


def test_both_kinds_read_as_one_by_ascending_id() -> None:
    book = TaskCollection(
        [plain_task(2), plain_task(9), plain_task(5, DONE), plain_task(1, DONE)],
    )
    assert list(book) == [1, 2, 5, 9]
    assert [task.id for task in book.values()] == [1, 2, 5, 9]
    assert len(book) == 4
    assert list(book.unfinished) == [2, 9]
    assert set(book.archived) == {1, 5}


def test_what_was_stored_as_ended_and_moves_again_counts_once() -> None:
    book = TaskCollection([plain_task(1, ACTIVE)], TaskCollection([plain_task(1, DONE)]).archived)
    assert book[1].state is ACTIVE
    assert (len(book), [task.state for task in book.values()]) == (1, [ACTIVE])


def test_what_is_taken_out_is_gone_until_it_is_put_back() -> None:
    book = TaskCollection([plain_task(1, DONE), plain_task(2, DONE)])
    taken = book.pop(1)
    assert (1 in book, list(book)) == (False, [2])
    with pytest.raises(KeyError):
        book.pop(1)
    book.put(taken)
    assert book[1] == taken


def test_the_headers_are_those_of_all_tasks() -> None:
    book = TaskCollection([plain_task(4, ACTIVE), plain_task(3, DONE)])
    assert {header.id: header.state for header in book.headers()} == {3: DONE, 4: ACTIVE}


class Books(RuleBasedStateMachine):
    """A book beside a plain dict."""

    def __init__(self) -> None:
        super().__init__()
        self.book, self.model = TaskCollection(), dict[int, Task]()

    @rule(task_id=IDS, state=st.sampled_from([DONE, ACTIVE]), name=st.sampled_from("ab"))
    def put(self, task_id: int, state: TaskState, name: str) -> None:
        task = replace(plain_task(task_id, state), name=name)
        self.book.put(task)
        self.model[task_id] = task

    @rule(task_id=IDS)
    def pop(self, task_id: int) -> None:
        if task_id in self.model:
            assert self.book.pop(task_id) == self.model.pop(task_id)

    @rule()
    def restart(self) -> None:
        """What has ended is handed over as a former run leaves it."""
        self.book = TaskCollection(self.book.unfinished.values(), self.book.archived.copy())

    @invariant()
    def it_reads_like_the_dict(self) -> None:
        assert dict(self.book) == self.model
        assert list(self.book.values()) == [self.model[i] for i in sorted(self.model)]
        assert len(self.book) == len(self.model)


TestBooks: Any = Books.TestCase
TestBooks.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
