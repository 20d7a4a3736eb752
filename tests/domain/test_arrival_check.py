"""Which file in a folder is that of a task, what is wrong with it, and when it is looked for."""

import pytest
from msgspec.structs import replace

from pan123_tui.domain.arrival_check import (
    assess_arrival,
    confirm,
    find_file,
    find_unsure,
    is_check_pending,
    is_lookable,
    next_look_at,
)
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    InvalidTransition,
    Task,
    TaskState,
    TimelineEntry,
    new_task,
    transition,
)

S = TaskState
V = ArrivalStatus
FILM = DownloadRequest("https://example.com/fast/%E7%94%B5%E5%BD%B1.mkv", folder_id=7)
NOW = 1_750_000_000.0


def entry(number: int, name: str, *, size: int = 10**9, at: float | None = None) -> FileEntry:
    return FileEntry(number, name, 1, size, created_at=at)


def sent(url: str = "https://example.com/film.mkv", name: str = "") -> Task:
    """Return a task that was sent an hour after it was added."""
    return replace(new_task(DownloadRequest(url, name), task_id=1, at=1e9 - 3600), sent_at=1e9)


def test_the_newest_file_of_the_name_is_taken_unless_the_callback_told_the_id() -> None:
    files = [entry(1, "film.mkv"), entry(3, "FILM(2).mkv"), entry(2, "film (1).mkv")]
    files.append(entry(9, "renamed.bin"))
    assert find_file(sent(), files) == files[1]
    assert find_file(replace(sent(), file_id=9), files) == files[3]


@pytest.mark.parametrize(
    ("name", "is_its"),
    [
        *(("film.mkv", True), ("FILM.MKV", True), ("film(1).mkv", True), ("film (12).mkv", True)),
        *(("film.mkv.html", True), ("film(1).mkv.htm", True), ("film.html", False)),
        *(("film(12345).mkv", False), ("film2.mkv", False), ("film.mp4", False)),
        ("(1).mkv", False),
    ],
)
def test_a_file_may_be_numbered_or_called_a_page(name: str, is_its: bool) -> None:
    assert (find_file(sent(), [entry(1, name)]) is not None) is is_its


@pytest.mark.parametrize(("before_s", "is_its"), [(900, True), (901, False), (-60, True)])
def test_a_file_from_before_the_submission_is_another_one(before_s: float, is_its: bool) -> None:
    files = [entry(1, "film.mkv", at=1e9 - before_s)]
    assert (find_file(sent(), files) is not None) is is_its


@pytest.mark.parametrize(
    ("wanted", "name", "size", "status"),
    [
        ("a.mkv", "a.mkv", 64 * 1024, V.FOUND),
        ("a.mkv", "a.mkv", 64 * 1024 - 1, V.TOO_SMALL),
        ("a.ISO", "a.ISO", 900, V.TOO_SMALL),
        *((f"a.{end}", f"a.{end}", 3072, V.FOUND) for end in ("jar", "deb", "zip", "flac")),
        ("a.txt", "a.txt", 0, V.FOUND),
        ("a.iso", "a.iso.HTML", 10**9, V.ERROR_PAGE),
        ("a", "a.html", 1, V.FOUND),
        ("a.html", "a.html", 10, V.FOUND),
    ],
)
def test_a_page_or_a_film_that_can_be_none_is_suspect_but_no_other_small_file(
    wanted: str, name: str, size: int, status: ArrivalStatus
) -> None:
    check = assess_arrival(sent(name=wanted), entry(1, name, size=size), at=5.0)
    assert check == ArrivalCheck(status, 5.0, name, size)
    blocked = replace(entry(1, name, size=size), is_blocked=True)
    assert assess_arrival(sent(name=wanted), blocked, at=5.0).status is V.BLOCKED
    assert assess_arrival(sent(name=wanted), None, at=5.0) == ArrivalCheck(V.NOT_FOUND, 5.0)


def test_a_page_that_a_share_link_leads_to_is_suspect_also_without_an_extension() -> None:
    task = sent("https://pan.baidu.com/s/1AbC")
    for name, status in (("1AbC.html", V.ERROR_PAGE), ("1AbC", V.FOUND), ("1AbC.zip", V.FOUND)):
        assert assess_arrival(task, entry(1, name), at=5.0).status is status


@pytest.mark.parametrize(
    ("facts", "is_pending"),
    [
        ({}, True),
        ({"finished_at": NOW - 86_400}, False),
        ({"arrival": ArrivalCheck(V.NOT_FOUND, NOW)}, False),
        ({"task_id": None}, False),
        ({"url": ""}, False),
        ({"state": S.FAILED}, False),
    ],
)
def test_a_finished_file_is_sought_for_a_day(facts: dict[str, object], is_pending: bool) -> None:
    done = replace(sent(), state=S.SUCCEEDED, task_id=7, finished_at=NOW - 86_399)
    task = replace(done, **facts)
    assert is_check_pending(task, now=NOW) is is_pending
    assert is_lookable(done)
    assert not is_lookable(replace(done, file_id=1))
    assert is_lookable(replace(done, state=S.MISSING, file_id=1))
    assert not is_lookable(replace(done, state=S.MISSING, url=""))  # its folder is not known


def lost_answer(**facts: object) -> Task:
    """Return a task whose answer was lost an hour after it was added, at the second try."""
    queued = new_task(FILM, task_id=1, at=NOW - 3600)
    refused = transition(transition(queued, S.SUBMITTING, at=NOW - 900), S.QUEUED, at=NOW - 899)
    sending = transition(refused, S.SUBMITTING, at=NOW)
    return replace(transition(sending, S.UNCONFIRMED, at=NOW + 120), **facts)


def test_the_looks_become_rarer_and_end_where_something_was_found() -> None:
    found = ArrivalCheck(V.TOO_SMALL, NOW + 70, "a", 3)
    assert next_look_at(lost_answer(arrival=found)) is None
    task, waits = lost_answer(), []
    while (at := next_look_at(task)) is not None:
        waits.append(at - NOW)
        task = replace(task, arrival=ArrivalCheck(V.NOT_FOUND, at))
    assert waits == [60, 300, 900, 3600, 3 * 3600, 8 * 3600, 86_400, 2 * 86_400]


def test_a_done_file_that_was_not_there_at_once_is_looked_for_within_a_day() -> None:
    done = replace(sent(), state=S.SUCCEEDED, task_id=7, finished_at=NOW)
    assert next_look_at(done) is None, "the first looks are those of the arrival check"
    task, waits = replace(done, arrival=ArrivalCheck(V.NOT_FOUND, NOW + 142)), []
    while (at := next_look_at(task)) is not None:
        assert not task.needs_user
        waits.append(at - NOW)
        task = replace(task, arrival=ArrivalCheck(V.NOT_FOUND, at))
    assert waits == [300, 900, 3600, 3 * 3600, 8 * 3600, 86_400]
    assert task.needs_user


def test_only_a_file_from_its_create_on_may_be_that_of_an_unconfirmed_task() -> None:
    files = [entry(1, "电影.mkv", at=NOW - 61), entry(2, "电影.mkv", at=None)]
    assert find_unsure(lost_answer(), files) is None
    own = entry(3, "电影.mkv", at=NOW - 59)  # the clocks may differ a little
    assert find_unsure(lost_answer(), [own, *files]) == own
    named = entry(4, "renamed", at=NOW)  # by its callback
    assert find_unsure(lost_answer(file_id=4), [own, named]) == named


def test_what_arrived_by_the_users_word_is_not_contradicted() -> None:
    task = confirm(lost_answer(arrival=ArrivalCheck(V.NOT_FOUND, NOW + 70)), at=NOW + 99)
    assert (task.state, task.arrival, task.sent_at) == (S.SUCCEEDED, None, NOW)
    assert task.timeline[-1] == TimelineEntry(NOW + 99, S.SUCCEEDED, None, 100.0)
    assert not is_check_pending(task, now=NOW + 100)
    with pytest.raises(InvalidTransition):
        confirm(task, at=NOW + 100)
