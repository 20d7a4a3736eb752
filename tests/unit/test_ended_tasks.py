"""Tasks that are held encoded: they come back as they were, and are found without being made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.ended_tasks import EndedTasks, Entry
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.store.records import encode_task
from tests.unit.store_samples import any_task, plain_task


def entry(task: Task) -> Entry:
    return Entry(task.id, task.state, encode_task(task))


def held(*tasks: Task) -> EndedTasks:
    return EndedTasks(map(entry, tasks))


@given(
    st.lists(st.integers(1, 50), unique=True).flatmap(lambda ids: st.tuples(*map(any_task, ids)))
)
def test_any_tasks_come_back_whatever_their_order(tasks: tuple[Task, ...]) -> None:
    ended = held(*tasks)
    assert list(ended) == sorted(task.id for task in tasks)
    assert [task.id for task in ended.values()] == list(ended)
    for task in tasks:
        document = encode_task(task)
        assert bytes(encode_task(ended[task.id])) == bytes(document)


def test_each_is_found_by_its_id_and_no_other() -> None:
    ended = held(plain_task(2), plain_task(5))
    assert ended[5] == plain_task(5)
    assert 3 not in ended
    with pytest.raises(KeyError):
        ended[3]


def test_nothing_held_is_nothing() -> None:
    assert (len(EndedTasks()), list(EndedTasks().values())) == (0, [])
    assert list(EndedTasks().containing("x")) == []


def test_the_states_are_counted_without_making_a_task() -> None:
    ended = held(
        plain_task(1, TaskState.SUCCEEDED),
        plain_task(2, TaskState.FAILED),
        plain_task(3, TaskState.SUCCEEDED),
    )
    assert ended.tallies[TaskState.SUCCEEDED] == 2
    assert ended.tallies[TaskState.FAILED] == 1
    assert ended.tallies[TaskState.RUNNING] == 0


def test_those_with_a_field_are_found_by_its_name() -> None:
    in_folder = Task(id=2, url="https://h/b", created_at=1.0, folder_id=77)
    ended = held(plain_task(1), in_folder, plain_task(3))
    assert list(ended.containing('"folder_id":')) == [in_folder]


def test_a_task_that_holds_the_text_twice_is_given_once() -> None:
    twice = Task(id=1, url="https://h/same", name="same", created_at=1.0)
    assert list(held(twice, plain_task(2)).containing("same")) == [twice]


def test_its_entries_make_another_one_like_it() -> None:
    ended = held(plain_task(1, TaskState.FAILED), plain_task(4))
    again = EndedTasks(ended.entries())
    assert again == ended
    assert again.tallies == ended.tallies
