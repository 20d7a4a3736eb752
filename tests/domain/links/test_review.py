"""The review of links: statuses, edits, and the resulting requests."""

import pytest

from pan123_tui.domain.links.extractor import ExtractionResult, extract, merge_results
from pan123_tui.domain.links.file_names import FieldProblem, check_template, parse_folder_id
from pan123_tui.domain.links.review import (
    ReviewCounts,
    ReviewStatus,
    RowEdit,
    count_rows,
    final_name,
    known_links,
    review,
    to_requests,
)
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.domain.task import DownloadRequest, Task

A, B = "https://a.b/1.zip", "https://a.b/2.zip"


def test_a_link_is_new_repeated_or_known_and_only_new_ones_are_kept() -> None:
    rows = review(extract(f"{A}\n{B}\nHTTPS://A.B:443/1.zip"), {B: 12}, {})
    assert [(row.status, row.duplicate_of, row.keep) for row in rows] == [
        (ReviewStatus.NEW, None, True),
        (ReviewStatus.KNOWN, 12, False),
        (ReviewStatus.REPEATED, 1, False),
    ]


def test_rejected_texts_come_after_the_links_and_cannot_be_kept() -> None:
    extraction = extract(f"ftp://a.b\n{A}")
    link, rejected = review(extraction, {}, {("ftp://a.b", 0): RowEdit(keep=True)})
    assert link.text == A
    assert (rejected.text, rejected.reason, rejected.keep) == (
        "ftp://a.b",
        RejectionReason.NOT_HTTP,
        False,
    )


def test_the_newest_task_stands_for_a_link_that_several_have() -> None:
    tasks = [Task(id=at, url=A, created_at=0) for at in (2, 3, 1)]
    assert known_links(tasks) == {A: 3}


def test_an_edit_finds_its_row_again_after_the_text_has_changed() -> None:
    edits = {(A, 2): RowEdit(keep=True, name="again.zip", folder_id=5)}
    *_, row = review(extract(f"{B}\n{A}\n{A}"), {}, edits)
    assert (row.keep, row.name, row.folder_id) == (True, "again.zip", 5)


def test_a_name_with_an_extension_is_sent_and_a_mere_label_is_for_templates() -> None:
    text = f"{A},film.png\n[My film]({B})\nhttps://a.b/3.zip"
    rows = review(extract(text), {}, {})
    assert [(row.name, row.guessed_name) for row in rows] == [
        ("film.png", "film.png"),
        ("", "2.zip"),
        ("", "3.zip"),
    ]
    named = to_requests(rows, DownloadRequest("", name="{n}-{name}"))
    assert [request.name for request in named] == ["1-film.png", "2-My film.zip", "3-3.zip"]


def test_a_suggested_name_is_cleaned_of_what_the_service_forbids() -> None:
    (row,) = review(extract(f'{A}\n  out=a?b".png'), {}, {})
    assert row.name == "a_b_.png"


def test_rows_are_counted_by_what_becomes_of_them() -> None:
    edits = {("https://a.b/3.zip", 1): RowEdit(keep=False), (A, 2): RowEdit(keep=True)}
    extraction = extract(f"{A}\n{A}\n{B}\nhttps://a.b/3.zip\nhello")
    rows = review(extraction, {B: 1}, edits)
    assert count_rows(rows) == ReviewCounts(
        kept=2, skipped_duplicates=1, kept_duplicates=1, skipped=1, mere_text=1
    )


def test_requests_have_the_common_values_where_the_row_has_no_own() -> None:
    edits = {(B, 1): RowEdit(name="own.png", folder_id=7)}
    rows = review(extract(f"{A}\n{B}\n{A}\nhttps://a.b/3.zip"), {}, edits)
    common = DownloadRequest("", name="{stem}-{n}{ext}", folder_id=5, callback_url="https://c.d/")
    assert to_requests(rows, common) == (
        DownloadRequest(A, "1-1.zip", 5, "https://c.d/"),
        DownloadRequest(B, "own.png", 7, "https://c.d/"),
        DownloadRequest("https://a.b/3.zip", "3-3.zip", 5, "https://c.d/"),
    )


def test_without_a_name_none_is_sent_and_the_service_chooses() -> None:
    rows = review(extract(A), {}, {})
    assert to_requests(rows, DownloadRequest("")) == (DownloadRequest(A),)


def test_an_emptied_name_stays_empty_in_spite_of_a_template() -> None:
    (row,) = review(extract(f"{A},film.png"), {}, {(A, 1): RowEdit(name="")})
    assert final_name(row, DownloadRequest("", name="{n}.png"), number=1, count=1) == ""


def test_pieces_of_a_text_are_joined_in_their_order() -> None:
    whole = merge_results([extract(f"{A}\nx"), ExtractionResult(), extract(f"{B}\ny")])
    assert [link.url for link in whole.links] == [A, B]
    assert [item.text for item in whole.rejected] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", None),
        ("  ", None),
        ("10023", 10023),
        (" 7 ", 7),
        ("0", FieldProblem.FOLDER_ROOT),
        ("-1", FieldProblem.FOLDER_NOT_A_NUMBER),
        ("1.5", FieldProblem.FOLDER_NOT_A_NUMBER),
        ("12a", FieldProblem.FOLDER_NOT_A_NUMBER),
        ("１２", FieldProblem.FOLDER_NOT_A_NUMBER),
        ("9" * 19, FieldProblem.FOLDER_NOT_A_NUMBER),
    ],
)
def test_a_folder_is_a_positive_whole_number(text: str, result: int | FieldProblem | None) -> None:
    assert parse_folder_id(text) == result


@pytest.mark.parametrize(
    ("template", "count", "problem"),
    [
        ("", 5, None),
        ("film.png", 1, None),
        ("film.png", 2, FieldProblem.TEMPLATE_NOT_UNIQUE),
        ("film{ext}", 2, FieldProblem.TEMPLATE_NOT_UNIQUE),
        ("film-{n:03}.png", 2, None),
        ("{stem}.png", 2, None),
        ("{stem}-{date}", 1, FieldProblem.TEMPLATE_UNKNOWN),
    ],
)
def test_a_template_must_tell_several_files_apart(
    template: str, count: int, problem: FieldProblem | None
) -> None:
    assert check_template(template, count=count) is problem
