"""Which tasks the list shows, and in which order."""

from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.filter import FilterContext, predicate_of
from pan123_tui.domain.query import Query, SortKey, View, count_by_view, sort_tasks
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    Shown,
    Task,
    TaskState,
    TimelineEntry,
    count_ended,
    count_shown,
)
from tests.samples import a_task

NOW = 1_700_000_000.0
S = TaskState


ONE_OF_EACH = [a_task(number, state) for number, state in enumerate(TaskState, 1)]


def chosen(*tasks: Task, folder_names: dict[int, str] | None = None, **asked: Any) -> list[int]:
    query = Query(**asked)
    fits = predicate_of(query, FilterContext(NOW, folder_names or {}))
    return sort_tasks(filter(fits, tasks), query.sort, reverse=query.reverse)


def test_a_page_in_the_place_of_a_file_is_trouble_and_a_small_film_is_not() -> None:
    page, small = (
        a_task(number, S.SUCCEEDED, arrival=ArrivalCheck(status, NOW))
        for number, status in enumerate((ArrivalStatus.ERROR_PAGE, ArrivalStatus.TOO_SMALL), 1)
    )
    tasks = [page, small, a_task(3, S.FAILED), a_task(4, S.RUNNING)]
    assert chosen(*tasks, view=View.TROUBLE) == chosen(*tasks, search="state:trouble") == [3, 1]
    assert chosen(*tasks, view=View.DONE) == [2]
    assert chosen(*tasks, search="state:failed") == [3]
    assert chosen(*tasks, search="state:done") == [2, 1]
    assert chosen(*tasks, sort=SortKey.STATE) == [3, 1, 4, 2]
    assert count_by_view(tasks) == {"all": 4, "active": 1, "trouble": 2, "done": 1}


def test_names_sort_by_their_numbers_whatever_their_case() -> None:
    names = ["Show 10.mkv", "show 2.mkv", "Show 010.mkv", "a", "show 1.mkv"]
    tasks = [a_task(number, name=name) for number, name in enumerate(names, 1)]
    assert chosen(*tasks, sort=SortKey.NAME) == [4, 5, 2, 3, 1]


def test_by_state_what_needs_the_user_comes_first_and_what_is_done_last() -> None:
    order = [ONE_OF_EACH[number - 1].state for number in chosen(*ONE_OF_EACH, sort=SortKey.STATE)]
    assert order == [
        *(S.FAILED, S.REJECTED, S.MISSING, S.UNCONFIRMED, S.RETRYING, S.RUNNING),
        *(S.SUBMITTING, S.QUEUED, S.SUCCEEDED),
    ]


def test_by_percent_the_fullest_comes_first_and_the_unsent_stay_last() -> None:
    tasks = [a_task(1, percent=8, sent_at=NOW), a_task(2), a_task(3, percent=80, sent_at=NOW)]
    tasks.append(a_task(4, percent=90))
    assert chosen(*tasks, sort=SortKey.PERCENT) == [3, 1, 4, 2]
    assert chosen(*tasks, sort=SortKey.PERCENT, reverse=True) == [1, 3, 4, 2]


def test_by_size_the_largest_file_comes_first_and_those_not_found_stay_last() -> None:
    sizes = enumerate((10, 0, 2**40), 1)
    found = [
        a_task(n, S.SUCCEEDED, arrival=ArrivalCheck(ArrivalStatus.FOUND, NOW, size=size))
        for n, size in sizes
    ]
    assert sort_tasks([*found, a_task(4)], SortKey.SIZE) == [3, 1, 4, 2]
    assert sort_tasks([*found, a_task(4)], SortKey.SIZE, reverse=True) == [1, 3, 4, 2]


def test_without_a_name_the_one_guessed_from_the_link_counts_or_its_host() -> None:
    urls = ("https://Z.example/b.iso", "https://a.example/c.iso", "https://b.example/d.iso")
    tasks = [a_task(number, url=url) for number, url in enumerate(urls, 1)]
    tasks[2] = replace(tasks[2], name="9" * 10_000)
    assert chosen(*tasks, sort=SortKey.NAME) == [3, 1, 2]
    tasks.append(a_task(4, url=""))
    assert chosen(*tasks, sort=SortKey.HOST) == [2, 3, 1, 4], "an adopted task has no host"


@pytest.mark.parametrize("sort", SortKey)
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_equal_stays_newest_first(sort: SortKey, reverse: bool) -> None:
    tasks = [replace(a_task(1, name="n"), id=number) for number in (3, 1, 2)]
    expected = [1, 2, 3] if reverse and sort is SortKey.ADDED else [3, 2, 1]
    assert chosen(*tasks, sort=sort, reverse=reverse) == expected


@pytest.mark.parametrize(
    "search",
    [
        "FILE-7", "example.com", "测试", "电影", "磁盘已满", "abc-123", "4711", "no space",
        "iso 电影", "E6%B5",
    ],
)  # fmt: skip
def test_the_search_looks_at_name_link_folder_and_messages(search: str) -> None:
    task = a_task(
        7,
        S.FAILED,
        url="https://example.com/%E6%B5%8B%E8%AF%95/file-7.iso",
        folder_id=9,
        task_id=4711,
        fail_reason="磁盘已满",
        problem=Problem(ProblemKind.REQUEST_REJECTED, "No space left", 1, "ABC-123"),
    )
    other = a_task(8, url="https://elsewhere.org/b")
    assert chosen(task, other, search=search, folder_names={9: "电影"}) == [7]


def test_view_and_search_both_apply() -> None:
    assert chosen(*ONE_OF_EACH, view=View.TROUBLE, search="file-8 state:failed") == [8]


def test_times_and_percentages_descend_unless_reversed() -> None:
    descending = [key for key in SortKey if Query(sort=key).is_descending]
    assert descending == [SortKey.ADDED, SortKey.PERCENT, SortKey.SIZE]
    assert not Query(sort=SortKey.PERCENT, reverse=True).is_descending
    assert Query(sort=SortKey.NAME, reverse=True).is_descending
    assert Query(reverse=True).shows_all_by_age
    others = Query(View.DONE), Query(search="a"), Query(sort=SortKey.NAME)
    assert not any(query.shows_all_by_age for query in others)


def test_each_state_is_shown_by_one_word_and_in_one_tab() -> None:
    assert count_shown(ONE_OF_EACH) == dict(zip(Shown, (1, 1, 2, 1, 2, 2), strict=True))
    counted = count_by_view(ONE_OF_EACH)
    assert list(counted.items()) == list(zip(View, (9, 4, 4, 1), strict=True))


def test_what_has_ended_or_become_unsure_since_is_counted() -> None:
    lost, queued = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW), TimelineEntry(1.0, S.QUEUED)
    tasks = [
        *(a_task(1 + n, S.SUCCEEDED, finished_at=at) for n, at in enumerate((9.0, 11.0))),
        a_task(3, S.SUCCEEDED, finished_at=12.0, arrival=lost),
        *(
            a_task(4 + n, S.UNCONFIRMED, timeline=(queued, TimelineEntry(at, S.UNCONFIRMED)))
            for n, at in enumerate((11.0, 9.0))
        ),
        a_task(6, S.MISSING, finished_at=11.0),
        a_task(7, S.RUNNING),
    ]
    ended = count_ended(tasks, since=10.0)
    assert ended == {Shown.DONE: 2, Shown.UNSURE: 2}
