"""Cells fill their columns, columns fill the width, and what differs between two lines."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Sample, Task, TaskState
from pan123_tui.ui.dashboard.columns import (
    PlacedColumn,
    RowContext,
    TaskColumn,
    column_label,
    layout_columns,
    layout_failure_columns,
    render_cells,
)
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.ui.widgets.table_line import (
    GAP,
    Cell,
    Span,
    TableLine,
    changed_span,
    merge_segments,
)
from pan123_tui.ui.widgets.virtual_table import EMPHASES

NOW = 1_750_000_000.0
TASKS = st.builds(
    Task,
    id=st.integers(1),
    url=st.text(),
    name=st.text(),
    created_at=st.floats(0, 2 * NOW),
    state=st.sampled_from(TaskState),
    status=st.none() | st.integers(0, 10**6),
    percent=st.floats(0, 100),
    task_id=st.none() | st.integers(1),
    folder_id=st.none() | st.integers(1),
    sent_at=st.none() | st.floats(0, NOW),
    checked_at=st.none() | st.floats(0, NOW),
)


def text(parts: Cell) -> str:
    return "".join(span.text for span in parts)


@given(TASKS, st.integers(60, 200), st.text(max_size=3))
def test_every_cell_fills_its_column_exactly(task: Task, total: int, needle: str) -> None:
    context = RowContext(NOW, (needle,) if needle else (), {1: "文件夹"})
    for row in (layout_columns(total), layout_failure_columns(total - 30)):
        cells = render_cells(row, task, context, is_marked=True)
        for placed, drawn in zip(row, cells, strict=True):
            assert width(text(drawn)) == placed.width
            assert all(span.style_class in (*STYLE_TOKENS, *EMPHASES, "") for span in drawn)


@given(st.integers(60, 400), st.sampled_from((layout_columns, layout_failure_columns)))
def test_the_columns_fill_the_width(
    total: int, layout: Callable[[int], Sequence[PlacedColumn]]
) -> None:
    row = layout(total)
    assert sum(placed.width for placed in row) + GAP * (len(row) - 1) == total


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wider_screens_have_more_columns(language: str) -> None:
    i18n.set_language(language)
    try:
        counts = [len(layout_columns(total)) for total in (40, 60, 118, 170)]
    finally:
        i18n.set_language("en")
    assert counts == [4, 5, 7, 10]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_wider_screen_cuts_no_name_more(language: str) -> None:
    i18n.set_language(language)
    try:
        names = {total: name_cells(total) for total in range(75, 260)}
        states = {dict(layout_columns(total))[TaskColumn.STATE] for total in names}
    finally:
        i18n.set_language("en")
    assert all(names[total] >= min(names[less], 44) for total in names for less in range(75, total))
    assert all(names[total] >= names[98] for total in range(158, 260))
    assert len(states) == 1


@pytest.mark.parametrize(
    ("total", "columns", "least"),
    [
        (37, "mark state name reason", 12),
        (47, "mark state name reason", 16),
        (77, "mark state name host reason", 18),
        (137, "mark state name host reason age", 24),
    ],
)
def test_a_failed_task_has_a_reason_at_every_width_and_its_host_unless_it_is_narrow(
    total: int, columns: str, least: int
) -> None:
    row = {placed.column: placed.width for placed in layout_failure_columns(total)}
    assert " ".join(row) == columns
    assert min(row[TaskColumn.NAME], row[TaskColumn.REASON]) >= least
    assert row[TaskColumn.REASON] >= row[TaskColumn.NAME]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"fail_reason": "HTTP 404"}, Span("HTTP 404")),
        (
            {"problem": Problem(ProblemKind.REQUEST_REJECTED, "文件名不合法", 1)},
            Span("文件名不合法"),
        ),
        ({"problem": Problem(ProblemKind.FOLDER_MISSING, "x")}, Span("The target folder n…")),
        ({"arrival": ArrivalCheck(ArrivalStatus.TOO_SMALL, NOW)}, Span("suspiciously small")),
        ({}, Span("no reason given", "muted")),
    ],
)
def test_the_reason_is_said_in_the_fewest_words_that_are_known(
    facts: dict[str, Any], reason: Span
) -> None:
    state = TaskState.SUCCEEDED if "arrival" in facts else TaskState.FAILED
    task = replace(running_task(10), state=state, **facts)
    assert shown(TaskColumn.REASON, task) == reason
    assert shown(TaskColumn.HOST, task) == Span("example.com", "muted")


@pytest.mark.parametrize("total", [40, 50, 59, 60, 80, 100, 139, 140])
def test_the_name_has_room_at_every_width(total: int) -> None:
    assert name_cells(total) >= 15


def name_cells(total: int) -> int:
    return dict(layout_columns(total))[TaskColumn.NAME]


def shown(column: TaskColumn, task: Task) -> Span:
    (drawn,) = render_cells([PlacedColumn(column, 20)], task, RowContext(NOW))
    return Span(drawn[0].text.strip(), drawn[0].style_class)


def running_task(*percents: float, every_s: float = 60.0, ago_s: float = 0.0) -> Task:
    """Return a running task with samples `every_s` apart, the last `ago_s` ago."""
    first_at = NOW - ago_s - every_s * (len(percents) - 1)
    samples = tuple(Sample(first_at + every_s * n, value) for n, value in enumerate(percents))
    return Task(
        id=1,
        url="https://example.com/x",
        created_at=first_at,
        state=TaskState.RUNNING,
        percent=percents[-1],
        sent_at=first_at,
        checked_at=NOW,
        samples=samples,
    )


def test_a_task_on_its_way_says_how_long_it_may_take() -> None:
    task = running_task(0, 10, 20, 30, 40)
    assert shown(TaskColumn.ETA, task) == Span("~6 min", "")
    assert shown(TaskColumn.PACE, task) == Span("10%/min", "muted")


def test_a_task_that_stands_still_says_so_and_for_how_long() -> None:
    task = running_task(0, 10, 20, ago_s=1500)
    assert shown(TaskColumn.STATE, task) == Span("= stalled", "stalled")
    assert shown(TaskColumn.ETA, task) == Span("idle 20 min", "stalled")
    assert shown(TaskColumn.PACE, task).text == ""


def test_a_task_at_a_hundred_percent_that_runs_on_is_not_called_done() -> None:
    task = running_task(50, 80, 100)
    assert shown(TaskColumn.STATE, task) == Span("▸ running", "running")
    assert shown(TaskColumn.ETA, task) == Span("finishing", "muted")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (ArrivalStatus.NOT_FOUND, "! not found"),
        (ArrivalStatus.ERROR_PAGE, "! web page"),
        (ArrivalStatus.TOO_SMALL, "! too small"),
        (ArrivalStatus.BLOCKED, "! blocked"),
    ],
)
def test_a_success_without_the_file_is_shown_by_its_state(
    verdict: ArrivalStatus, words: str
) -> None:
    done = replace(running_task(0, 100), state=TaskState.SUCCEEDED)
    task = replace(done, arrival=ArrivalCheck(verdict, NOW))
    assert shown(TaskColumn.STATE, task) == Span(words, "doubtful")
    assert words in text(render_cells(layout_columns(40), task, RowContext(NOW))[1])
    found = replace(done, arrival=ArrivalCheck(ArrivalStatus.FOUND, NOW, "x.iso", 5))
    assert shown(TaskColumn.STATE, found) == Span("√ succeeded", "succeeded")


def test_a_task_that_the_service_does_not_know_says_so_and_shows_no_pace() -> None:
    problem = Problem(ProblemKind.TASK_UNKNOWN, "task not found", 1)
    task = replace(running_task(0, 10, 20, 30, 40), problem=problem)
    assert shown(TaskColumn.ETA, task) == Span("not known", "stalled")
    assert shown(TaskColumn.PACE, task).text == ""
    gone = replace(task, state=TaskState.MISSING)
    assert shown(TaskColumn.ETA, gone).text == ""


def test_a_percentage_that_fell_is_shown() -> None:
    assert shown(TaskColumn.ETA, running_task(50, 20)) == Span("% dropped", "muted")


def test_every_column_but_the_marks_has_a_heading() -> None:
    assert [column for column in TaskColumn if not column_label(column)] == [TaskColumn.MARK]


GREEN, HIT, MARK = Style(color="green"), Style(color="black", bgcolor="yellow"), Style(bold=True)
S = Segment


def test_blanks_are_styled_like_the_text_beside_them() -> None:
    parts = [S(" "), S("  "), S("running   ", GREEN), S("  "), S("62%", GREEN), S(" "), S("name")]
    assert merge_segments(parts) == [S("   running     62% ", GREEN), S("name")]


def test_a_style_with_a_background_takes_no_blanks_of_others() -> None:
    parts = [S(" "), S("an "), S("iso", HIT), S(" "), S("x"), S("hit", HIT), S(" ")]
    assert merge_segments(parts) == [S(" an "), S("iso", HIT), S(" x"), S("hit", HIT), S(" ")]


@given(
    st.lists(st.builds(S, st.text(" ab", min_size=1), st.sampled_from([None, GREEN, HIT, MARK])))
)
def test_merging_changes_no_text_and_no_visible_style(parts: list[Segment]) -> None:
    def shown(segments: Iterable[Segment]) -> list[tuple[str, Style | None]]:
        """Return each character with its visible style: a blank shows only a background."""
        return [
            (sign, segment.style if sign != " " or segment.style == HIT else None)
            for segment in segments
            for sign in segment.text
        ]

    assert shown(merge_segments(parts)) == shown(parts)


def line(done: str, rest: str, percent: str) -> TableLine:
    return TableLine((S("name"), S("  "), S(done, GREEN), S(rest), S(percent)))


def test_only_the_part_that_differs_is_painted() -> None:
    assert changed_span(line("##", "--", " 50%"), line("##", "--", " 51%")) == (10, 4)


def test_a_bar_that_moved_is_painted_without_what_is_beside_it() -> None:
    assert changed_span(line("##", "--", " 50%"), line("###", "-", " 50%")) == (6, 4)


def test_a_line_that_the_cursor_reaches_is_painted_whole() -> None:
    unchanged = line("##", "--", " 50%")
    assert changed_span(unchanged, unchanged._replace(has_cursor=True)) is None
