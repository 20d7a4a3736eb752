"""The review of links: statuses, edits, and the resulting requests."""

from functools import partial

import pytest
from msgspec.structs import replace

from pan123_tui.domain.links import review
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.file_names import NameFault, check_template
from pan123_tui.domain.links.review import (
    Verdict,
    edited,
    final_names,
    give_up,
    judge,
    known_links,
    to_requests,
    toggled,
)
from pan123_tui.domain.links.url import Doubt, RejectionReason
from pan123_tui.domain.task import DownloadRequest, Task
from tests.domain.links.found import SIGNS

A, B, C = (f"https://a.b/{n}.zip" for n in "123")
SHARED = "https://pan.baidu.com/s/1AbC"


def test_a_link_is_new_repeated_or_known_and_only_new_ones_are_kept() -> None:
    rows = judge(extract(f"{A}\n{B}\nHTTPS://A.B:443/1.zip"), {B: 12})
    assert to_requests(rows, DownloadRequest("")) == (DownloadRequest(A),)
    assert [(row.is_repeated, row.duplicate_of, row.keep) for row in rows] == [
        (False, None, True),
        (False, 12, False),
        (True, 1, False),
    ]


def test_what_is_refused_and_other_text_come_after_the_links() -> None:
    link, refused, text = judge(extract(f"hello\nftp://a.b\n{A}"), {})
    assert link.text == A
    assert (refused.text, refused.reason) == ("ftp://a.b", RejectionReason.WEB_PAGE_ONLY)
    assert (text.text, text.is_mere_text) == ("hello", True)
    assert not any(toggled(row).keep for row in (refused, text))


def test_the_newest_task_stands_for_a_link_that_several_have() -> None:
    tasks = [Task(id=at, url=A, created_at=0) for at in (2, 3, 1)]
    assert known_links(tasks) == {A: 3}


def test_what_must_be_looked_at_is_kept_by_a_toggle_and_needs_its_look_again_by_another() -> None:
    (row,) = judge(extract(SHARED), {})
    assert (row.verdict, row.doubt, row.keep) == (Verdict.DOUBTFUL, Doubt.SHARE_PAGE, False)
    for verdict in (Verdict.KEPT, Verdict.DOUBTFUL, Verdict.KEPT):
        (row,) = judge([toggled(row)], {})
        assert (row.verdict, row.doubt) == (verdict, Doubt.SHARE_PAGE)
    (known,) = judge([row], {SHARED: 7})
    assert (known.verdict, known.duplicate_of) == (Verdict.SKIPPED, 7), "one more thing to overrule"
    assert toggled(known).keep


@pytest.mark.parametrize("steps", [[(0, 1)], [(0,), (1,)], [(1,), (0,)]])
def test_a_link_in_the_list_pasted_twice_is_sent_once_more(steps: list[tuple[int, ...]]) -> None:
    rows = judge(extract(f"{SHARED}\n{SHARED}"), {SHARED: 7})
    for places in steps:
        changed = [toggled(row) if at in places else row for at, row in enumerate(rows)]
        rows = judge(changed, {SHARED: 7})
    assert [row.keep for row in rows] == [True, False]


def test_a_kept_look_or_duplicate_stays_so_in_the_form_unless_its_link_is_changed() -> None:
    doubted, first, again = judge(extract(f"{SHARED}\n{A}\n{A}"), {})
    same = [edited(it, DownloadRequest(it.text, "", 5)) for it in (doubted, first, toggled(again))]
    rows = judge(same, {})
    assert [(row.doubt, row.keep) for row in rows] == [
        (Doubt.SHARE_PAGE, True),
        (None, True),
        (None, True),
    ]
    (other,) = judge([edited(rows[0], DownloadRequest(B))], {})
    assert (other.doubt, other.is_accepted, other.keep) == (None, False, True)
    (page,) = judge([edited(first, DownloadRequest(SHARED))], {})
    assert (page.doubt, page.is_accepted, page.keep) == (Doubt.SHARE_PAGE, False, False)


def test_a_password_in_a_link_is_looked_at() -> None:
    doubts = [row.doubt for row in extract("https://me:secret@a.b/c.zip https://me@a.b/c.zip")]
    assert doubts == [Doubt.PASSWORD, None]


def test_a_private_host_or_a_page_counts_more_than_a_scheme_that_was_added() -> None:
    for text in ("192.168.1.10/a.zip", "192.168.1.10:8080/a.zip"):
        (row,) = extract(text)
        assert row.doubt is Doubt.PRIVATE
    (row,) = extract("pan.baidu.com/s/1AbC")
    assert row.doubt is Doubt.SHARE_PAGE


def test_what_is_left_keeps_the_fields_of_those_that_were_sent_unless_it_has_its_own() -> None:
    (row,) = extract(SHARED)
    left_over = partial(review.left_over, batch="", number=3)
    sent, default = DownloadRequest("", "x", 7, "https://c.d/"), DownloadRequest("", "", 5)
    left = left_over(row, sent, default)
    assert (left.folder_id, left.callback_url, left.name) == (7, "https://c.d/", "")
    assert left_over(left, DownloadRequest("", "", 8, "https://e.f/"), default) == left
    assert left_over(row, default, default) == row, "the default is not its own"
    left = left_over(row, DownloadRequest("", "{n} {name}"), default, batch="night")
    assert (left.batch, left.name) == ("night", f"3 {row.shown_name}")
    again = left_over(left, DownloadRequest("", "{n}"), default, batch="day", number=4)
    assert again == left


def test_a_duplicate_is_kept_by_a_toggle_and_skipped_by_another() -> None:
    first, again = judge(extract(f"{A}\n{A}"), {})
    assert toggled(again).keep
    assert not toggled(toggled(again)).keep
    first, again = judge([toggled(first), again], {})
    assert (again.keep, again.duplicate_of) == (False, None), "of a row that is skipped"
    _, again = judge([toggled(first), again], {})
    assert again.duplicate_of == 1


def test_any_row_can_be_edited_into_a_link() -> None:
    for text in (A, "ftp://a.b/2.zip", SHARED, "hello"):
        (before,) = judge(extract(text), {})
        for it in (before, toggled(before)):  # even if it was skipped
            (row,) = judge([edited(it, DownloadRequest(B, "own.zip", 5))], {})
            assert (row.text, row.keep) == (B, True)
        common = DownloadRequest("", "{n}.zip", 7, "https://c.d/")
        assert to_requests([row], common) == (DownloadRequest(B, "own.zip", 5, "https://c.d/"),)


def test_a_link_that_arrives_in_the_list_is_no_longer_kept_not_even_by_hand() -> None:
    rows = judge(extract(f"{A}\n{A}\n{B}"), {})
    rows = judge(give_up((rows[0], toggled(rows[1]), rows[2]), {A}), {A: 9})
    assert [(row.known_as, row.is_repeated, row.keep) for row in rows] == [
        (9, False, False),
        (0, True, False),
        (0, False, True),
    ]


def test_a_link_whose_test_has_failed_still_stands_before_the_same_below() -> None:
    first, again = extract(f"{A}\n{A}")
    first = replace(first, doubt=Doubt.TEST)
    assert [it.is_repeated for it in judge([first, again], {})] == [False, True]


def test_a_link_that_was_skipped_stays_so_when_it_arrives_in_the_list_and_leaves_it() -> None:
    (row,) = judge(extract(A), {})
    (given_up,) = give_up([toggled(row)], {row.key})
    assert [it.keep for it in judge(judge([given_up], {A: 9}), {})] == [False]


def test_a_name_with_an_extension_is_sent_and_a_mere_label_is_not() -> None:
    rows = judge(extract(f"{A},film.png\n[My film]({B})\n{C}"), {})
    assert [(row.name, row.shown_name) for row in rows] == [
        ("film.png", "film.png"),
        ("", "2.zip"),
        ("", "3.zip"),
    ]
    named = to_requests(rows, DownloadRequest("", name="{n}-{name}"))
    assert [request.name for request in named] == ["1-film.png", "2-2.zip", "3-3.zip"]


def test_rows_are_marked_by_what_becomes_of_them() -> None:
    texts = f"{A}\n{A}\n{B}\n{C}\nftp://x.y/\n{SHARED}\nhttp://nas/c.iso\nhello"
    rows = [toggled(row) if row.text == C else row for row in judge(extract(texts), {B: 1})]
    assert "".join(SIGNS[row.verdict] for row in rows) == "√---??×-"
    assert [row.waits for row in rows] == [False] * 4 + [True] * 3 + [False]


def test_requests_have_the_common_values_where_the_row_has_no_own() -> None:
    first, second, third = judge(extract(f"{A}\n{B}\n{C}"), {})
    second = edited(second, DownloadRequest(B, "own.png", 7, "https://own/"))
    common = DownloadRequest("", name="{stem}-{n}{ext}", folder_id=5, callback_url="https://c.d/")
    assert to_requests([first, second, third], common) == (
        DownloadRequest(A, "1-1.zip", 5, "https://c.d/"),
        DownloadRequest(B, "own.png", 7, "https://own/"),
        DownloadRequest(C, "3-3.zip", 5, "https://c.d/"),
    )


def test_a_name_of_its_own_is_kept_by_a_later_edit_of_something_else() -> None:
    (row,) = judge(extract(A), {})
    named = edited(row, DownloadRequest(A, "own.png"))
    moved = edited(named, DownloadRequest(A, "own.png", 7))
    requests = to_requests(judge([moved], {}), DownloadRequest("", name="{n}.png"))
    assert requests == (DownloadRequest(A, "own.png", 7),)


def test_a_number_has_as_many_digits_as_that_of_the_last_link_that_is_queued() -> None:
    rows = judge(extract(f"{A}\n" * 9 + B), {})
    requests = to_requests(rows, DownloadRequest("", name="{n}.zip"))
    assert [request.name for request in requests] == ["1.zip", "2.zip"]


def test_only_rows_that_are_kept_have_a_numbered_name() -> None:
    share, again = SHARED, SHARED.replace("/s/", "/s/2")
    rows = judge(extract(f"{share}\n{A}\n{again}\n{B}"), {})
    assert final_names(rows, "x-{n}{ext}") == ["", "x-1.zip", "", "x-2.zip"]
    kept = [toggled(row) if row.doubt else row for row in rows]
    assert final_names(kept, "x-{n}") == ["x-1", "x-2", "x-3", "x-4"]


def test_an_emptied_name_stays_empty_in_spite_of_a_template() -> None:
    (row,) = judge(extract(f"{A},film.png"), {})
    emptied = edited(row, DownloadRequest(A))
    assert to_requests([emptied], DownloadRequest("", name="{n}.png")) == (DownloadRequest(A),)


@pytest.mark.parametrize(
    ("template", "count", "problem"),
    [
        ("", 5, None),
        ("film.png", 1, None),
        ("{n}:.png", 1, NameFault.FORBIDDEN),
        ("trip-{n:03}{ext}", 12, NameFault.UNKNOWN_FIELD),
        ("film.png", 2, NameFault.NOT_UNIQUE),
        ("film{ext}", 2, NameFault.NOT_UNIQUE),
        ("film-{n}.png", 2, None),
        ("{n} {name} {stem}{ext}", 2, None),
        ("{stem}.png", 2, None),
        ("{stem}-{date}", 1, NameFault.UNKNOWN_FIELD),
        ("{stem}{Ext}", 2, NameFault.UNKNOWN_FIELD),
    ],
)
def test_templates_tell_files_apart(template: str, count: int, problem: NameFault | None) -> None:
    assert check_template(template, count=count) is problem
