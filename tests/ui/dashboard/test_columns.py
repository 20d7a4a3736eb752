"""Columns fill the width, and each cell says what a person needs."""

from functools import partial
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.widgets.data_table import ColumnKey

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.query import Query, SortKey, View, predicate_for
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Sample, Task, TaskState
from pan123_tui.programs.demo import demo_task
from pan123_tui.simulator.world import World, fill
from pan123_tui.ui.dashboard.columns import (
    COLUMNS,
    Cell,
    PlacedColumn,
    Row,
    Span,
    TaskColumn,
    heading,
    layout_columns,
    needed_cells,
    render_cells,
)
from pan123_tui.ui.widgets.styled_text import GAP
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext
from tests.ui.dashboard_stage import NOW, story, task
from tests.ui.stage import resize

NOTES = NoteContext(now=NOW, folder_names={1: "影视/剧集"})
C = TaskColumn
S = TaskState


def text(parts: Cell) -> str:
    return "".join(span.text for span in parts)


def names(needs: dict[TaskColumn, int], total: int, sorted_by: TaskColumn | None = None) -> str:
    return " ".join(it.column for it in layout_columns(total, needs, sorted_by))


a_task = partial(task, 5)


def shown(column: TaskColumn, it: Task, **notes: Any) -> Span:
    (drawn,) = render_cells([PlacedColumn(column, 40)], Row(it, replace(NOTES, **notes)))
    return Span(text(drawn).strip(), drawn[0].style_class)


SHORT = {C.NOTE: 11, C.NAME: 16, C.SIZE: 6, C.HOST: 11, C.FOLDER: 13}
LONG = {C.NOTE: 120, C.NAME: 120, C.SIZE: 8, C.HOST: 60, C.FOLDER: 60}


@pytest.mark.parametrize("needs", [{}, SHORT, LONG])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("sorted_by", [None, C.HOST, C.SIZE])
def test_the_columns_fill_the_width_with_room_for_names(
    language: str, sorted_by: TaskColumn | None, needs: dict[TaskColumn, int]
) -> None:
    i18n.set_language(language)
    for total in range(37, 400):
        row = layout_columns(total, needs, sorted_by)
        assert sum(placed.width for placed in row) + GAP * (len(row) - 1) == total
        assert dict(row)[C.NAME] >= 10 + (total >= 47) * 4 + (total >= 77) * 4
        for query in (Query(), Query(sort=SortKey.PERCENT), Query(sort=SortKey.SIZE)):
            assert all(cell_len(heading(it, query)) == it.width for it in row)


@pytest.mark.parametrize("columns", [50, 80, 100, 116, 130, 140])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("sorted_by", [None, C.HOST, C.SIZE])
def test_no_note_is_cut_while_another_column_has_free_cells(
    language: str, sorted_by: TaskColumn | None, columns: int
) -> None:
    i18n.set_language(language)
    for note_cells, name_cells, host, folder in product((8, 29, 60, 120), (9, 30, 60, 99), *LONGER):
        needs = {C.NOTE: note_cells, C.NAME: name_cells, C.SIZE: 6, C.HOST: host, C.FOLDER: folder}
        row = dict(layout_columns(columns - 3, needs, sorted_by))
        if row[C.NOTE] < note_cells:
            assert C.ADDED not in row
            for column in row.keys() & needs.keys() - {C.NOTE}:
                label = width(i18n._(COLUMNS[column].label)) + 2
                assert row[column] <= max(needs[column], label)


LONGER = ((5, 40), (4, 40))


@pytest.mark.parametrize("columns", [80, 100, 116, 130, 140])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("sorted_by", [None, C.HOST])
def test_no_further_column_cuts_the_notes_of_a_tab(
    language: str, sorted_by: TaskColumn | None, columns: int
) -> None:
    i18n.set_language(language)
    long = "这个文件违反规定，不能离线下载"
    tasks = [demo_task(it, task_id=1, now=NOW) for it in fill(World(clock=lambda: NOW))]
    tasks.append(a_task(S.FAILED, fail_reason=long, url="https://mirror.example.org/" + "a" * 60))
    for view in View:
        needs = needed_cells(Row(it, NOTES) for it in tasks if predicate_for(view)(it))
        row = dict(layout_columns(columns - 3, needs, sorted_by))
        assert row[C.NOTE] >= needs[C.NOTE], view


async def test_list_and_details_are_framed_on_wide_screens_with_the_tabs_in_the_frame() -> None:
    async with story([task(1, S.QUEUED)], size=(110, 24)) as told:
        await told.press("enter")
        await told.reads("─ details ─")
        first = told.text.splitlines()[0]
        assert all(it in first for it in ("╭", "1:all 1", "2:active 1", "4:done 0", "╮╭"))
        await told.press("escape", "slash", *"part", "enter")
        await told.reads("1 of 1")
        top = told.text.splitlines()[:3]
        assert [it in line for it, line in zip(("1:all", "1 of 1", "╭"), top, strict=True)] == [
            True
        ] * 3
        await resize(told.pilot, 109, 24)
        await told.sees(lambda: "╭" not in told.text)


async def test_a_note_gets_the_cells_that_a_long_name_has_left() -> None:
    reason = "磁盘空间不足，无法保存这个文件，请清理"
    failed = task(1, S.FAILED, fail_reason=reason, name="n" * 70)
    async with story([failed], size=(80, 12)) as told:
        await told.reads("磁盘空间")
        assert reason not in told.text
        told.engine.tell(replace(failed, name="a.zip"))
        await told.reads(reason)
        told.engine.tell(failed)
        await told.sees(lambda: reason not in told.text)
        await resize(told.pilot, 140, 12)
        await told.reads(reason)


async def test_columns_stay_where_they_are_until_several_cells_are_free() -> None:
    async with story([task(1, S.UNCONFIRMED)], size=(80, 12)) as told:
        notes = "no answer came", "estimating…", "source failed, retrying", "estimating…"
        states, widths = (S.UNCONFIRMED, S.RUNNING, S.RETRYING, S.RUNNING), list[int]()
        for words, state in zip(notes, states, strict=True):
            told.engine.tell(task(1, state))
            await told.reads(words)
            widths.append(told.dashboard.table.columns[ColumnKey(C.NOTE)].width - GAP)
        assert widths == [14, 14, 23, 11]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_estimate_fits_into_the_column_of_a_narrow_screen(language: str) -> None:
    i18n.set_language(language)
    for seconds in (59, 600, 3000, 5400, 80000, 200000):
        cells = width(formats.eta(seconds))
        assert dict(layout_columns(47, LONG | {C.NOTE: cells}))[C.NOTE] == cells


@pytest.mark.parametrize("sorted_by", [None, C.HOST])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_matters_of_a_note_is_not_cut(language: str, sorted_by: TaskColumn | None) -> None:
    i18n.set_language(language)
    absent = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)
    found = ArrivalCheck(ArrivalStatus.FOUND, NOW, "a", 3 * 2**29)
    problem = Problem(ProblemKind.LINK_NOT_PARSED)
    lost = [a_task(state, arrival=absent) for state in (S.MISSING, S.UNCONFIRMED)]
    unsure, notes = a_task(S.UNCONFIRMED, arrival=found), replace(NOTES, has_keys=True)
    rows = [unsure, a_task(S.RETRYING), a_task(S.REJECTED, problem=problem), *lost]
    for total in (*([] if sorted_by else [77]), 97, 113, 127, 137):
        needs = LONG | {C.NOTE: needed_cells(Row(it, notes) for it in rows)[C.NOTE], C.SIZE: 0}
        assert dict(layout_columns(total, needs, sorted_by))[C.NOTE] >= needs[C.NOTE]
    (cell,) = render_cells([PlacedColumn(C.NOTE, 12)], Row(unsure, notes))
    assert {"en": "r to decide", "zh": "按 r 确认"}[language] in text(cell)


def test_a_long_name_fits_on_a_wide_screen_beside_a_short_note() -> None:
    assert dict(layout_columns(137, SHORT | {C.NAME: 60}))[C.NAME] >= 60


def test_a_running_task_has_a_bar_where_there_is_room_and_others_the_number_alone() -> None:
    bars = [(4, " 42%"), (15, "━━━━──────  42%")]
    for cells, drawn in bars:
        (cell,) = render_cells([PlacedColumn(C.PROGRESS, cells)], Row(a_task(percent=42.0), NOTES))
        assert text(cell) == drawn
    failed = Row(a_task(S.FAILED, percent=42.0), NOTES)
    assert text(render_cells([PlacedColumn(C.PROGRESS, 15)], failed)[0]) == " " * 12 + "42%"
    for total, cells in ((96, 4), (97, 15)):
        assert dict(layout_columns(total, SHORT))[C.PROGRESS] == cells


def test_the_size_has_a_column_and_the_note_need_not_say_it() -> None:
    arrival = ArrivalCheck(ArrivalStatus.FOUND, NOW, "a", 3 * 2**29)
    row = Row(a_task(S.SUCCEEDED, arrival=arrival), NOTES)
    placed = [PlacedColumn(C.NOTE, 8), PlacedColumn(C.SIZE, 8)]
    assert [*map(text, render_cells(placed, row))] == ["1.5 GB  ", "  1.5 GB"]
    assert [*map(text, render_cells(placed, row._replace(has_size=True)))] == [" " * 8, "  1.5 GB"]


@pytest.mark.parametrize(("is_reversed", "words"), [(False, " % ▾"), (True, " % ▴")])
def test_the_sign_of_the_order_is_behind_the_word(is_reversed: bool, words: str) -> None:
    query = Query(sort=SortKey.PERCENT, reverse=is_reversed)
    assert heading(PlacedColumn(C.PROGRESS, 4), query) == words
    assert heading(PlacedColumn(C.PROGRESS, 4), Query()) == "   %"


def test_the_word_above_sizes_stands_at_their_end() -> None:
    assert heading(PlacedColumn(C.SIZE, 8), Query()) == "    size"


@pytest.mark.parametrize(
    ("needs", "total", "columns", "by_host"),
    [
        (LONG, 47, "", ""),
        (LONG, 77, "", " host"),
        (LONG, 97, " size", " size host"),
        (LONG, 113, " size host", " size host"),
        (LONG, 127, " size host folder", " size host folder"),
        (SHORT, 77, " added", " host"),
        (SHORT, 97, " added size", " size host"),
        (SHORT | {C.SIZE: 0}, 97, " added", " host"),
        (SHORT, 137, " added size host folder", " size host folder"),
    ],
)
def test_wider_screens_have_more_columns_and_what_they_are_sorted_by_is_one(
    needs: dict[TaskColumn, int], total: int, columns: str, by_host: str
) -> None:
    base = "mark state progress note name"
    assert names(needs, total) == base + columns
    assert names(needs, total, C.HOST) == base + by_host


@pytest.mark.parametrize("needs", [SHORT, LONG])
def test_what_is_sorted_by_size_shows_it_from_80_columns(needs: dict[TaskColumn, int]) -> None:
    for total in (77, 113):
        assert C.SIZE in dict(layout_columns(total, needs, C.SIZE))
        assert C.SIZE not in dict(layout_columns(total, needs | {C.SIZE: 0}, C.SIZE))


SMALL = ArrivalCheck(ArrivalStatus.TOO_SMALL, NOW, "x", 5)


def test_a_doubt_is_said_also_beside_a_column_of_sizes() -> None:
    row = Row(a_task(S.SUCCEEDED, arrival=SMALL), NOTES, has_size=True)
    assert text(render_cells([PlacedColumn(C.NOTE, 16)], row)[0]).strip() == "very small: 5 B"


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
            a_task(S.SUCCEEDED, arrival=ArrivalCheck(ArrivalStatus.BLOCKED, NOW)),
            Span("· done", "stalled"),
        ),
        (a_task(S.SUCCEEDED, arrival=SMALL), Span("· done")),
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
    assert shown(C.NOTE, done) == Span("finding the file", "muted")
    assert shown(C.STATE, done, status=Status(looks_for_files=False)) == Span("√ done", "done")


def test_the_note_stands_out_where_something_is_wrong() -> None:
    assert shown(C.NOTE, a_task(S.FAILED, fail_reason="HTTP 404")) == Span("HTTP 404", "")
    assert shown(C.NOTE, a_task(S.QUEUED, task_id=None), next_id=5) == Span("next", "muted")


def test_a_folder_is_shown_by_its_path_and_the_host_beside_it() -> None:
    sent = a_task(folder_id=1)
    assert shown(C.FOLDER, sent).text == "影视/剧集"
    assert shown(C.FOLDER, a_task(S.QUEUED, folder_id=1, subfolder="夜")).text == "影视/剧集/夜"
    assert shown(C.FOLDER, a_task(S.QUEUED, subfolder="夜")).text == "夜"
    assert shown(C.FOLDER, a_task()).text == "离线下载"
    assert shown(C.FOLDER, a_task(url="")).text == "", "adopted: nobody knows where it goes"
    assert shown(C.HOST, sent) == Span("example.com", "muted")
    assert shown(C.ADDED, sent) == Span("5 min", "muted")
