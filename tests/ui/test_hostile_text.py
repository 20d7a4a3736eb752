"""Text from outside is shown harmlessly, wherever it is shown, and never raises."""

import ast
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui import ui
from pan123_tui.cli.output import task_line
from pan123_tui.client.protocol import Update
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import final_names, judge, numbered
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import Shown, Task, TaskState
from pan123_tui.terminal.escape_codes import title_sequence
from pan123_tui.ui.add_links.review import Review, ReviewList
from pan123_tui.ui.dashboard.columns import (
    MARK_STYLE,
    Cell,
    Row,
    TaskColumn,
    layout_columns,
    needed_cells,
    render_cells,
)
from pan123_tui.ui.dashboard.status_bar import StatusFacts, first_line, second_line
from pan123_tui.ui.dashboard.task_detail import Detail, detail_lines
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.ui.widgets.styled_text import fitted_line
from pan123_tui.wording.notes import NoteContext, note
from pan123_tui.wording.problems import explain_problem
from tests.store.store_samples import any_problem, any_task

NOW = 1_750_000_000.0
SPITEFUL = (
    "[/foo]",
    "[link=https://evil.example]x",
    "[bold red]",
    "[$error]",
    "{name}",
    "%s%n",
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]52;c;ZXZpbA==\x1b\\",
    "\x9b31m",
    "\x00",
    "\r\n",
    "\n",
    "\t",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2028",
    "\ud800",
    "\udfff",
    "👨\u200d👩\u200d👧",
    "🇨🇳",
    "e\u0301" * 3,
    "Z" + "\u0335" * 60,
    "文件〇①◌…─",
    "\U000e0041",
    "\U0010ffff",
)
HOSTILE = st.lists(st.sampled_from(SPITEFUL) | st.text(max_size=20), max_size=8).map("".join)
PROBLEMS = any_problem(HOSTILE)
TASKS = any_task(
    st.integers(1, 10**9),
    HOSTILE,
    url=HOSTILE.map(lambda text: f"https://{text}") | HOSTILE,
    percent=st.floats(0, 100),
)


def assert_harmless(text: str) -> None:
    """No character in it is obeyed by a terminal, or hides, or turns others around."""
    bad = [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not bad, ascii(text)


def text_of(cell: Cell) -> str:
    return "".join(span.text for span in cell)


@given(TASKS, st.integers(40, 240), HOSTILE, st.sampled_from([None, *TaskColumn]))
def test_a_row_of_the_table(
    task: Task, total: int, folder: str, sorted_by: TaskColumn | None
) -> None:
    notes = NoteContext(NOW, folder_names={task.folder_id or 0: folder})
    row = Row(task, notes, is_marked=True)
    columns = layout_columns(total, needed_cells([row]), sorted_by)
    cells = render_cells(columns, row)
    for placed, cell in zip(columns, cells, strict=True):
        assert_harmless(text_of(cell))
        assert width(text_of(cell)) == placed.width
        assert all(span.style_class in (*STYLE_TOKENS, MARK_STYLE, "") for span in cell)


@given(TASKS, st.integers(20, 120), HOSTILE)
def test_the_detail_pane(task: Task, cells: int, folder: str) -> None:
    detail = Detail(task, NoteContext(NOW, folder_names={1: folder}))
    for line in detail_lines(detail, cells):
        assert_harmless(line.plain)
        assert line.cell_length <= cells


@given(PROBLEMS, PROBLEMS, HOSTILE, st.integers(1, 200))
def test_the_status_bar(hold: Problem, error: Problem, nickname: str, cells: int) -> None:
    status = Status(
        connection=Connection.ONLINE,
        account=Account(1, nickname, 1, 2),
        hold=hold,
        last_error=error,
        last_error_at=NOW - 5,
        store_problem=error,
    )
    facts = StatusFacts(status, {Shown.QUEUED: 3}, NOW)
    for sides in (first_line(facts), (second_line(facts), [])):
        line = fitted_line(*sides, cells)
        assert_harmless(line.plain)
        assert line.cell_length <= cells


@given(PROBLEMS)
def test_an_explanation_as_in_dialogs_toasts_and_on_the_command_line(problem: Problem) -> None:
    assert_harmless(explain_problem(problem).text)


@given(HOSTILE, HOSTILE, st.integers(20, 200))
def test_the_review_list(text: str, name: str, total: int) -> None:
    found = extract(f"https://a.example/{text} magnet:?xt={text}\n{text}")
    review = Review(TaskModel())
    review.model.apply(Update(folders=FolderTree({7: Folder(7, name, ROOT_ID)})))
    rows = judge(numbered([replace(row, folder_id=7) for row in found], 0), {})
    view = ReviewList(review, id="review")
    view._names = dict(zip([it.number for it in rows], final_names(rows, name), strict=True))
    view._shown, view._verdict_cells = rows, 24
    for index in range(len(rows)):
        for line in view.draw(index, total).plain.split("\n"):
            assert_harmless(line)


@given(TASKS)
def test_a_line_of_the_command_line(task: Task) -> None:
    assert_harmless(task_line(task, note(task, NoteContext())))


def test_a_huge_text_costs_no_more_than_what_is_shown() -> None:
    text = "[/x]\x1b\u202e文" * 20_000
    problem = Problem(ProblemKind.REQUEST_REJECTED, text, 1, text)
    task = Task(
        id=1,
        url=f"https://a.example/{text}",
        created_at=1.0,
        name=text,
        state=TaskState.REJECTED,
        problem=problem,
    )
    row = Row(task, NoteContext(NOW))
    for cell in render_cells(layout_columns(120, needed_cells([row])), row):
        assert len(text_of(cell)) <= 120
    facts = StatusFacts(Status(hold=problem, last_error=problem), {}, NOW)
    assert fitted_line(second_line(facts), [], 120).cell_length <= 120
    assert len(explain_problem(problem).text) < 2_000
    assert len(task_line(task, note(task, NoteContext()))) < 2_000
    assert len(title_sequence(text)) < 1_000


def toasts(path: Path) -> list[ast.Call]:
    """Return the calls that show a toast; a terminal is notified without one."""
    calls = [it for it in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(it, ast.Call)]
    names = {call: ast.unparse(call.func) for call in calls}
    return [it for it, name in names.items() if name.endswith(".notify") and "terminal" not in name]


def test_no_toast_reads_markup() -> None:
    calls = {
        f"{path.name}:{call.lineno}": [ast.unparse(it) for it in call.keywords]
        for path in Path(ui.__file__).parent.rglob("*.py")
        for call in toasts(path)
    }
    assert len(calls) > 15
    assert [place for place, options in calls.items() if "markup=False" not in options] == []
