"""The review without its screen: what the list has meanwhile, and how wide verdicts are."""

import pytest
from rich.cells import cell_len

from pan123_tui.client.protocol import Update
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.links.review import ReviewRow, toggled
from pan123_tui.domain.links.url import Doubt, RejectionReason
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import set_language
from pan123_tui.ui.add_links.review import VERDICT_CELLS, Review
from pan123_tui.wording.inputs import verdict_text

A, B = "https://a.example/1.zip", "https://a.example/2.zip"
COMMON = DownloadRequest("")


def arrive(model: TaskModel, number: int, url: str) -> None:
    model.apply(Update(news=(Task(id=number, url=url, created_at=0),)))


@pytest.mark.parametrize("is_complete", [True, False])
def test_the_engine_looks_for_duplicates_among_unknown_tasks(is_complete: bool) -> None:
    model = TaskModel()
    new = Task(id=5, url=B, created_at=0)
    model.apply(Update(is_first=True, snapshot=(new,), remaining=not is_complete))
    review = Review(model)
    review.replace(review.read(A))
    assert review.command(COMMON, "batch").newest_known == (5 if is_complete else 0)
    third = Task(id=9, url="https://c.example/3", created_at=0)
    model.apply(Update(news=(third,), remaining=not is_complete))
    assert review.command(COMMON, "batch").newest_known == (5 if is_complete else 0), "not judged"


def test_of_links_that_come_into_the_list_meanwhile_those_that_were_kept_are_counted_once() -> None:
    model = TaskModel()
    review = Review(model)
    assert review.replace(review.read(f"{A}\n{B}\nhello\n{A}")) == 0
    assert [row.keep for row in review.rows] == [True, True, False, False]
    assert review.rows[-1].is_mere_text, "other text comes last"
    arrive(model, 7, A)
    assert review.replace(review.rows, is_sending=True) == 0, "it may be the one that is being sent"
    assert [review.replace(review.rows) for _again in range(2)] == [1, 0]
    assert [row.keep for row in review.rows] == [False, True, False, False]
    arrive(model, 8, A)
    assert review.replace(review.rows) == 0
    assert review.rows[0].duplicate_of == 8, "the newest"
    model.apply(Update(news=(Task(id=9, url=B, created_at=0),), removed=(8,)))
    assert review.replace(review.rows) == 1, "though there are as many tasks as before"


def test_a_duplicate_that_is_kept_is_sent_though_the_engine_knows_it() -> None:
    model = TaskModel()
    arrive(model, 7, A)
    review = Review(model)
    review.replace(review.read(f"{A}\n{B}"))
    known, new = review.rows
    review.replace([toggled(known), new])
    command = review.command(COMMON, "周末")
    assert ([it.url for it in command.downloads], command.batch) == ([A, B], "周末")
    assert command.again == {A}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verdict_fits_in_its_column(language: str) -> None:
    rows = [ReviewRow(A, doubt=doubt) for doubt in Doubt]
    rows += [ReviewRow("flashget://a", reason=reason) for reason in RejectionReason]
    known, done = ReviewRow(A, duplicate_of=1), Task(id=1, url=A, created_at=0)
    set_language(language)
    verdicts = [*map(verdict_text, rows), verdict_text(known, done)]
    assert max(map(cell_len, verdicts)) <= VERDICT_CELLS
