"""What was added together is a batch, by its label or its time."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.domain.batches import (
    BatchEnds,
    BatchResult,
    FolderRule,
    batch_labels,
    batch_name,
    batch_results,
    batch_term,
    folder_name,
)
from pan123_tui.domain.events import TasksChanged, TasksLoaded
from pan123_tui.domain.filter import FilterContext, parse
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Shown, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import batch_title

S = TaskState
NOON = 1_764_072_333.25
"""2025-11-25 12:05:33 UTC, and a part of a second."""
FOUND = ArrivalCheck(ArrivalStatus.FOUND, NOON, size=500)
NOT_FOUND = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOON)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def task(number: int, label: str = "", *, at: float = NOON, **facts: Any) -> Task:
    known = {"state": S.RUNNING} | facts
    return Task(id=number, url=f"https://h/{number}", created_at=at, batch=label, **known)


def chosen(expression: str, *tasks: Task) -> list[int]:
    parsed = parse(expression)
    assert parsed.errors == ()
    matches = parsed.predicate(FilterContext(NOON, {}, {task.id: task for task in tasks}))
    return [task.id for task in tasks if matches(task)]


def test_a_batch_is_named_by_its_label_else_by_its_time() -> None:
    assert batch_name(task(1, "影视")) == "影视"
    assert batch_name(task(1)) == "2025-11-25 12:05:33"
    assert batch_name(task(1, at=1e300)) == batch_name(task(1, at=float("nan"))) == "-"


def test_a_part_of_a_name_chooses_a_batch_only_if_none_is_called_so() -> None:
    nights = task(1, "Night"), task(2, "night 2"), task(3, "long night"), task(4)
    assert chosen("batch:night", *nights) == chosen("batch=night", *nights) == [1]
    assert chosen("-batch:night", *nights) == [2, 3, 4]
    assert chosen("batch~night", *nights) == [1, 2, 3]
    assert chosen("批次:night,long", *nights) == [1, 3]


@pytest.mark.parametrize("later_s", [0, 86_400, 400 * 86_400])
def test_a_batch_is_found_by_what_the_screen_calls_it(later_s: float) -> None:
    title = batch_title(batch_name(task(1)), NOON + later_s)
    shown = title.removeprefix("Batch added ").removeprefix("yesterday ")
    assert chosen(f'batch:"{shown}"', task(1), task(2, at=NOON - 60)) == [1]


def test_the_archive_is_counted_with_the_rest() -> None:
    tasks = [
        *(task(n, "a", state=S.SUCCEEDED, arrival=FOUND) for n in (1, 2)),
        task(3, "a", state=S.SUCCEEDED),
        task(4, "a", state=S.SUCCEEDED, arrival=NOT_FOUND),
        *(task(5 + n, "a", state=s) for n, s in enumerate((S.FAILED, S.REJECTED, S.MISSING))),
        task(8, "a", state=S.UNCONFIRMED),
        *(task(9 + n, "a", state=s) for n, s in enumerate((S.QUEUED, S.RETRYING))),
        task(11, state=S.SUCCEEDED),
    ]
    results = batch_results(TaskCollection(tasks), {"a", "nowhere"})
    counts = {Shown.DONE: 4, Shown.FAILED: 2, Shown.UNSURE: 2, Shown.QUEUED: 1, Shown.RUNNING: 1}
    assert results["a"] == BatchResult("a", counts, (500, 500), is_open=True)
    assert results["a"].total == 10
    assert "nowhere" not in results


@given(st.text(st.characters(), max_size=100))
def test_every_label_can_be_filtered_by(text: str) -> None:
    label = clean_label(text)
    assert clean_label(label) == label
    assert label.isprintable()
    if label:
        for language in ("en", "zh_CN"):
            term = batch_term(label, language)
            assert chosen(term, task(1, label), task(2, "another")) == [1]
            assert term.startswith("batch" if language == "en" else "批次")


def test_a_filter_selects_the_last_batch_and_a_part_of_a_time() -> None:
    tasks = (task(1, at=NOON - 86_400), task(2, "Anime 1"), task(3, "anime 2"), task(4))
    assert chosen("batch:last", *tasks) == chosen("批次：最近", *tasks) == [4]
    assert chosen("batch:anime", *tasks) == [2, 3]
    assert chosen("batch:11-24", *tasks) == [1]
    assert chosen("batch=last", *tasks) == []


def test_whether_an_expression_selects_whole_batches() -> None:
    assert parse('batch="a b"').is_of_batches
    assert not parse("batch:a state:failed").is_of_batches
    assert not parse("").is_of_batches


@pytest.mark.parametrize(
    ("rule", "label", "name"),
    [
        ("none", "night", ""),
        ("date", "night", "2025-11-25"),
        ("batch", " the  night/2 ", "the night_2"),
        ("batch", "", ""),
    ],
)
def test_a_rule_names_the_folder_of_a_batch(rule: FolderRule, label: str, name: str) -> None:
    assert folder_name(rule, label, NOON) == name


def test_a_batch_ends_with_its_last_open_task() -> None:
    ends = BatchEnds()
    tasks = [task(1, "a"), task(2, "a"), task(3, "b"), task(4, "c", state=S.FAILED)]
    assert ends.ended_by(TasksLoaded(tuple(tasks))) == []
    done = [replace(it, state=S.SUCCEEDED) for it in tasks]
    assert ends.ended_by(TasksChanged((done[0],))) == []
    retried = replace(done[1], state=S.FAILED, auto_retry=AutoRetry(0, 1, NOON))
    assert ends.ended_by(TasksChanged((retried,))) == [], "it is sent again by itself"
    assert ends.ended_by(TasksChanged((done[1],), removed={3: done[1]})) == ["a", "b"]
    assert ends.ended_by(TasksChanged((done[1], task(5, "b")))) == []
    results = batch_results(TaskCollection([*done, task(5, "b")]), {"a", "b"})
    assert [it.name for it in results.values() if it.is_open] == ["b"], "it is open again"


def test_the_labels_of_unfinished_tasks_come_first() -> None:
    ended = task(1, "old", state=S.SUCCEEDED)
    assert batch_labels(TaskCollection([ended, task(2, "new"), task(3)])) == ["new", "old"]
