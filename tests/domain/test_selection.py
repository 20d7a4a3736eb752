"""Which tasks the words of a command line choose."""

import pytest

from pan123_tui.domain.filter import FilterErrorReason, FilterSyntaxError
from pan123_tui.domain.selection import parse_selection
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection

NOW = 1_700_000_000.0
S = TaskState


def a_task(number: int, state: TaskState, batch: str, folder_id: int | None = None) -> Task:
    url = f"https://{'cdn' if number % 2 else 'www'}.example.com/part-{number}.iso"
    at = NOW - 86_400 * number
    return Task(id=number, url=url, created_at=at, state=state, batch=batch, folder_id=folder_id)


TASKS = TaskCollection(
    [
        a_task(1, S.FAILED, "night"),
        a_task(2, S.RUNNING, "night", folder_id=7),
        a_task(3, S.SUCCEEDED, "my night"),
        a_task(4, S.REJECTED, "day"),
        a_task(5, S.FAILED, "day", folder_id=7),
        a_task(12, S.UNCONFIRMED, "day"),
    ]
)


def chosen(*words: str) -> list[int]:
    names = {7: "影视"}
    selection = parse_selection(words)
    selected = selection.select(TASKS, now=NOW, folder_names=names, note=lambda _task: "")
    return [it.id for it in selected]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["12"], [12]),
        (["4-12"], [4, 5, 12]),
        (["5", "1-2", "1"], [1, 2, 5]),
        (["all"], [1, 2, 3, 4, 5, 12]),
        (["ALL", "state:failed"], [1, 4, 5]),
        ([], [1, 2, 3, 4, 5, 12]),
        (["状态:失败", "批次:day"], [4, 5]),
        (["state:failed", "2-4"], [4]),
        (["1", "2", "state:failed", "state:running"], []),
        (["host:cdn.example.com", "age<4d"], [1, 3]),
        (["-host:cdn.example.com"], [2, 4, 12]),
        (["－状态:失败", "-part-3"], [2, 12]),
        (['"12"'], [12]),
        (["batch=my night"], [3]),
        (['batch="my night"'], [3]),
        (['-state:failed batch:"day"'], [12]),
        (["percent<=0", "编号>4"], [5, 12]),
        (["12-5"], [5, 12]),
    ],
)
def test_words_choose_tasks(words: list[str], found: list[int]) -> None:
    assert chosen(*words) == found


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stat:failed", FilterErrorReason.UNKNOWN_FIELD),
        ("state:broken", FilterErrorReason.UNKNOWN_STATE),
        ("state:failed broken", FilterErrorReason.UNKNOWN_STATE),
        ('batch:"day" age<2', FilterErrorReason.NOT_A_DURATION),
        ("age<", FilterErrorReason.VALUE_MISSING),
        ("", FilterErrorReason.VALUE_MISSING),
    ],
)
def test_a_word_that_is_wrong_is_named(word: str, reason: FilterErrorReason) -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        chosen("state:failed", word)
    assert (caught.value.word, caught.value.reason) == (word, reason)


@pytest.mark.parametrize(
    ("words", "is_choice"),
    [("", False), ("-all", False), ("-3 -x", False), ("all -state:failed", True), ("3 -x", True)],
)
def test_words_that_only_leave_out_choose_nothing(words: str, is_choice: bool) -> None:
    assert parse_selection(words.split()).is_choice is is_choice


def test_ids_that_no_task_has_are_known_where_they_stand_alone() -> None:
    assert parse_selection(["99", "1", "90-95", "99", "98"]).missing(TASKS) == [99, 98]
