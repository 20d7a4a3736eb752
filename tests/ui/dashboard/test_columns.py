"""Columns fill the width, and each cell says what a person needs."""

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.query import Query, SortKey
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Sample, Task, TaskState
from pan123_tui.ui.dashboard.columns import (
    Cell,
    PlacedColumn,
    Row,
    Span,
    TaskColumn,
    heading,
    layout_columns,
    render_cells,
)
from pan123_tui.ui.widgets.styled_text import GAP
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext, note
from tests.ui.dashboard_stage import NOW, task

NOTES = NoteContext(now=NOW, folder_names={1: "影视/剧集"})
C = TaskColumn
S = TaskState


def text(parts: Cell) -> str:
    return "".join(span.text for span in parts)


def names(total: int, *, by_host: bool = False) -> str:
    return " ".join(it.column for it in layout_columns(total, by_host=by_host))


a_task = partial(task, 5)


def shown(column: TaskColumn, it: Task, **notes: Any) -> Span:
    (drawn,) = render_cells([PlacedColumn(column, 40)], Row(it, replace(NOTES, **notes)))
    return Span(text(drawn).strip(), drawn[0].style_class)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("by_host", [False, True])
def test_the_columns_fill_the_width_with_room_for_names(language: str, by_host: bool) -> None:
    i18n.set_language(language)
    at_100 = dict(layout_columns(97, by_host=by_host))[C.NOTE]
    for total in range(37, 400):
        row = layout_columns(total, by_host=by_host)
        assert sum(placed.width for placed in row) + GAP * (len(row) - 1) == total
        cells = dict(row)
        assert cells[C.NAME] >= 10 + (total >= 47) * 4 + (total >= 77) * 4
        assert cells[C.NOTE] >= (at_100 if total >= 97 else 10 + (total >= 77) * 4)
        for query in (Query(), Query(sort=SortKey.PERCENT)):
            assert all(cell_len(heading(it, query)) == it.width for it in row)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_estimate_fits_into_the_column_of_a_narrow_screen(language: str) -> None:
    i18n.set_language(language)
    room = dict(layout_columns(47))[TaskColumn.NOTE]
    for seconds in (59, 600, 3000, 5400, 80000, 200000):
        assert width(formats.eta(seconds)) <= room


@pytest.mark.parametrize("by_host", [False, True])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_matters_of_a_note_is_not_cut(language: str, by_host: bool) -> None:
    i18n.set_language(language)
    absent = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)
    found = ArrivalCheck(ArrivalStatus.FOUND, NOW, "a", 3 * 2**29)
    problem = Problem(ProblemKind.LINK_NOT_PARSED)
    lost = [a_task(state, arrival=absent) for state in (S.MISSING, S.UNCONFIRMED)]
    unsure, notes = a_task(S.UNCONFIRMED, arrival=found), replace(NOTES, has_keys=True)
    room = dict(layout_columns(97, by_host=by_host))[C.NOTE]
    for it in (unsure, a_task(S.RETRYING), a_task(S.REJECTED, problem=problem), *lost):
        assert width(note(it, notes)) <= room
    (cell,) = render_cells(
        [PlacedColumn(C.NOTE, dict(layout_columns(77))[C.NOTE])], Row(unsure, notes)
    )
    assert {"en": "found 1.5 GB", "zh": "已找到 1.5 GB"}[language] in text(cell)


@pytest.mark.parametrize(("is_reversed", "words"), [(False, " % ▾"), (True, " % ▴")])
def test_the_sign_of_the_order_is_behind_the_word(is_reversed: bool, words: str) -> None:
    query = Query(sort=SortKey.PERCENT, reverse=is_reversed)
    assert heading(PlacedColumn(C.PROGRESS, 4), query) == words
    assert heading(PlacedColumn(C.PROGRESS, 4), Query()) == "   %"


@pytest.mark.parametrize(
    ("total", "columns", "by_host"),
    [
        (47, "mark state progress note name", "mark state progress note name"),
        (77, "mark state progress note name added", "mark state progress note name host"),
        *(
            (
                total,
                f"mark state progress note name {rest}",
                f"mark state progress note name {rest}",
            )
            for total, rest in ((117, "added host"), (137, "added host folder"))
        ),
    ],
)
def test_wider_screens_have_more_columns_and_what_they_are_sorted_by_is_one(
    total: int, columns: str, by_host: str
) -> None:
    assert (names(total), names(total, by_host=True)) == (columns, by_host)


@pytest.mark.parametrize(
    ("shown_task", "word"),
    [
        (a_task(), Span("▸ running", "running")),
        (a_task(S.RETRYING), Span("▸ running", "stalled")),
        (
            a_task(sent_at=NOW - 9000, samples=(Sample(NOW - 1900, 10.0),), checked_at=NOW),
            Span("▸ running", "stalled"),
        ),
        (a_task(S.QUEUED), Span("◊ queued", "queued")),
        (a_task(S.SUBMITTING), Span("» sending", "sending")),
        (a_task(S.UNCONFIRMED), Span("? unsure", "unsure")),
        (a_task(S.MISSING), Span("? unsure", "unsure")),
        (a_task(S.FAILED), Span("× failed", "failed")),
        (a_task(S.REJECTED), Span("× failed", "failed")),
        (
            a_task(S.SUCCEEDED, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)),
            Span("× failed", "failed"),
        ),
        (
            a_task(S.SUCCEEDED, arrival=ArrivalCheck(ArrivalStatus.FOUND, NOW, "x", 5)),
            Span("√ done", "done"),
        ),
    ],
)
def test_six_words_say_how_a_task_stands(shown_task: Task, word: Span) -> None:
    assert shown(C.STATE, shown_task) == word


def test_done_is_green_only_where_the_file_was_found_or_is_not_looked_for() -> None:
    done = a_task(S.SUCCEEDED, finished_at=NOW)
    assert shown(C.STATE, done) == Span("· done", "")
    assert shown(C.NOTE, done) == Span("looking for the file", "muted")
    assert shown(C.STATE, done, status=Status(looks_for_files=False)) == Span("√ done", "done")


def test_the_note_stands_out_where_something_is_wrong() -> None:
    assert shown(C.NOTE, a_task(S.FAILED, fail_reason="HTTP 404")) == Span("HTTP 404", "")
    assert shown(C.NOTE, a_task(S.QUEUED, task_id=None), next_id=5) == Span("next", "muted")


def test_a_folder_is_shown_by_its_path_and_the_host_beside_it() -> None:
    sent = a_task(folder_id=1)
    assert shown(C.FOLDER, sent).text == "影视/剧集"
    assert shown(C.FOLDER, a_task(S.QUEUED, folder_id=1, subfolder="夜")).text == "影视/剧集/夜"
    assert shown(C.FOLDER, a_task(S.QUEUED, subfolder="夜")).text == "夜"
    assert shown(C.FOLDER, a_task()).text == "来自:离线下载"
    assert shown(C.FOLDER, a_task(url="")).text == "", "adopted: nobody knows where it goes"
    assert shown(C.HOST, sent) == Span("example.com", "muted")
    assert shown(C.ADDED, sent) == Span("5 min", "muted")
