"""The book of all tasks reads as one mapping, however each of them is held."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from pan123_tui.domain.ended_tasks import EndedTasks, Entry
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_book import TaskBook
from pan123_tui.store.records import encode_task
from tests.unit.store_samples import plain_task

DONE, ACTIVE = TaskState.SUCCEEDED, TaskState.RUNNING
IDS = st.integers(1, 8)


def held(*tasks: Task) -> EndedTasks:
    ascending = sorted(tasks, key=lambda task: task.id)
    return EndedTasks(Entry(task.id, task.state, encode_task(task)) for task in ascending)


def test_both_kinds_read_as_one_by_ascending_id() -> None:
    book = TaskBook([plain_task(2), plain_task(9)], held(plain_task(1, DONE), plain_task(5, DONE)))
    assert list(book) == [1, 2, 5, 9]
    assert [task.id for task in book.values()] == [1, 2, 5, 9]
    assert len(book) == 4
    assert list(book.live) == [2, 9]


def test_a_value_counts_where_the_same_id_is_encoded_too() -> None:
    book = TaskBook([plain_task(1, ACTIVE)], held(plain_task(1, DONE)))
    assert book[1].state is ACTIVE
    assert (len(book), [task.state for task in book.values()]) == (1, [ACTIVE])
    assert book.taken_out == set()


def test_what_is_taken_out_is_gone_until_it_is_put_back() -> None:
    book = TaskBook([], held(plain_task(1, DONE), plain_task(2, DONE)))
    taken = book.pop(1)
    assert (1 in book, list(book), book.taken_out) == (False, [2], {1})
    book.put(taken)
    assert (book[1], book.taken_out) == (taken, set())


def test_what_has_gone_to_the_archive_is_held_encoded() -> None:
    done = plain_task(3, DONE)
    book = TaskBook([done, plain_task(4, ACTIVE)])
    book.adopt(held(done))
    assert list(book.live) == [4]
    assert (book[3], len(book)) == (done, 2)


def test_what_became_another_meanwhile_stays_so() -> None:
    done = plain_task(3, DONE)
    book = TaskBook([done])
    book.put(replace(done, name="renamed"))
    book.adopt(held(done))
    assert (book[3].name, len(book)) == ("renamed", 1)


def test_what_was_taken_out_meanwhile_stays_out() -> None:
    done = plain_task(3, DONE)
    book = TaskBook([done])
    book.pop(3)
    book.adopt(held(done))
    assert (len(book), list(book.values())) == (0, [])


class Books(RuleBasedStateMachine):
    """A book beside a plain dict, with archives made of what is there at some moment."""

    def __init__(self) -> None:
        super().__init__()
        self.book, self.model = TaskBook(), dict[int, Task]()
        self.archived: dict[int, Task] = {}

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
    def write_archive(self) -> None:
        """It is written from what is there, and adopted only later."""
        ended = {i: task for i, task in self.model.items() if task.is_finished}
        kept = {i: task for i, task in self.archived.items() if i in self.model}
        self.archived = kept | ended

    @rule()
    def adopt(self) -> None:
        # A later start would find what was removed or changed since in the other file.
        self.book.adopt(held(*self.archived.values()))

    @invariant()
    def it_reads_like_the_dict(self) -> None:
        assert dict(self.book) == self.model
        assert list(self.book.values()) == [self.model[i] for i in sorted(self.model)]
        assert len(self.book) == len(self.model)


TestBooks: Any = Books.TestCase
TestBooks.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
