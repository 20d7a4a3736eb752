"""The table of `list` in a terminal: aligned by cells, cut to the width, coloured where allowed."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui import i18n
from pan123_tui.cli.task_table import format_table, may_color
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import Sample, Task, TaskState

NOW = 1_750_000_000.0
S = TaskState
REJECTED = Problem(ProblemKind.REQUEST_REJECTED, "文件名不合法", 1)


def task(number: int, state: TaskState = S.QUEUED, **facts: object) -> Task:
    known: dict[str, object] = {"url": f"https://e.com/file-{number}.iso", "created_at": NOW - 300}
    return Task(id=number, state=state, **{**known, **facts})  # type: ignore[arg-type]


TASKS = [
    task(1, S.SUCCEEDED, percent=100.0, sent_at=NOW, name="第一集-珊瑚礁.2160p.x265.mkv"),
    task(2, S.FAILED, percent=3.0, sent_at=NOW, fail_reason="HTTP 403"),
    task(13, S.REJECTED, problem=REJECTED, name="[b]\x1b[31m.zip"),
]


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.set_language(request.param)
    yield request.param
    i18n.set_language("en")


def table(tasks: list[Task], cells: int, *, has_colors: bool = False) -> list[str]:
    return format_table(tasks, cells=cells, now=NOW, has_colors=has_colors)


def test_each_column_begins_at_the_same_cell_whatever_the_names_are() -> None:
    heading, *lines = table(TASKS, 80)
    at = heading.index("reason")
    for line, reason in zip(lines, ("", "HTTP 403", "文件名不合法"), strict=True):
        assert width(line.removesuffix(reason)) <= at
        assert not reason or width(line.removesuffix(reason)) == at
    assert heading.split() == ["ID", "state", "%", "name", "reason"]
    assert lines[0].startswith(" 1  succeeded")
    assert "100%" in lines[0]


@pytest.mark.usefixtures("language")
@given(st.integers(1, 200))
def test_no_line_is_wider_than_the_terminal(cells: int) -> None:
    assert max(map(width, table(TASKS, cells))) <= cells


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("cells", [50, 80, 140])
def test_name_and_reason_are_both_there_at_every_usual_width(cells: int) -> None:
    lines = table(TASKS, cells)
    assert "file-2.iso" in lines[2]
    assert "HTTP 403" in lines[2]
    assert "第一集" in lines[1]


def test_a_wide_terminal_has_the_age_and_the_time_left() -> None:
    samples = tuple(Sample(NOW - 10 * n, 50.0 - n) for n in range(20, -1, -1))
    moving = task(3, S.RUNNING, percent=50.0, sent_at=NOW - 300, checked_at=NOW, samples=samples)
    heading, line = table([moving], 120)
    assert "time left" in heading
    assert heading.rstrip().endswith("added")
    assert "min" in line
    assert line.endswith("5 min ago")
    assert "time left" not in table([moving], 50)[0]


def test_names_are_harmless_and_the_state_alone_is_coloured() -> None:
    plain, colored = table(TASKS, 80), table(TASKS, 80, has_colors=True)
    assert "\x1b" not in "".join(plain)
    assert [re.sub(r"\x1b\[\d*m", "", line) for line in colored] == plain
    assert colored[2].startswith(" 2  \x1b[31mfailed")
    assert all(line.count("\x1b") == 2 for line in colored[1:])


@pytest.mark.parametrize(
    ("environ", "allowed"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_colours_are_only_used_where_they_are_wanted(
    environ: dict[str, str], allowed: bool
) -> None:
    assert may_color(environ) is allowed
