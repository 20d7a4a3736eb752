"""What the state column shows can be asked for, in the filter and of `list --state`."""

from collections.abc import Callable, Iterator

import pytest

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.filter import FilterContext, parse
from pan123_tui.domain.filter_words import quoted
from pan123_tui.domain.state_words import STATE_WORDS, state_tests
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Sample, Task, TaskState
from pan123_tui.ui.dashboard.columns import RowContext, TaskColumn, layout_columns, render_cells
from pan123_tui.ui.terminal.render_filters import to_ascii
from tests.ui.dashboard_stage import NOW, task

S = TaskState
REFUSED = Problem(ProblemKind.REQUEST_REJECTED)


def unconfirmed(number: int, status: ArrivalStatus, problem: Problem | None = None) -> Task:
    return task(number, S.UNCONFIRMED, arrival=ArrivalCheck(status, NOW, problem=problem))


TASKS = [
    *(task(number, state, checked_at=NOW) for number, state in enumerate(S, 1)),
    task(11, S.QUEUED),
    task(12, S.QUEUED, problem=Problem(ProblemKind.LINK_NOT_PARSED)),
    task(13, S.QUEUED, problem=Problem(ProblemKind.FOLDER_MISSING)),
    task(14, S.QUEUED, problem=Problem(ProblemKind.FOLDER_MISSING)),
    task(15, sent_at=NOW - 9000, checked_at=NOW, samples=(Sample(NOW - 8000, 10.0),)),
    *(
        task(number, S.SUCCEEDED, arrival=ArrivalCheck(status, NOW))
        for number, status in enumerate(ArrivalStatus, 21)
    ),
    unconfirmed(31, ArrivalStatus.FOUND),
    unconfirmed(32, ArrivalStatus.NOT_FOUND),
    unconfirmed(33, ArrivalStatus.NOT_FOUND, REFUSED),
    unconfirmed(34, ArrivalStatus.TOO_SMALL),
]
OF_SEVERAL = {"active", "waiting", "failed", "finished", "queued", "unconfirmed", "doubtful"}


@pytest.fixture(params=["en", "zh_CN"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.set_language(request.param)
    yield request.param
    i18n.set_language("en")


def state_word(task: Task, cells: int) -> str:
    """The word in the state column of a list that is so wide."""
    return signed_word(task, cells)[1:].strip()


def signed_word(task: Task, cells: int) -> str:
    """The word with its sign."""
    columns = layout_columns(cells)
    cells_of = zip(columns, render_cells(columns, task, RowContext(NOW)), strict=True)
    (cell,) = (cell for placed, cell in cells_of if placed.column is TaskColumn.STATE)
    return "".join(span.text for span in cell).strip()


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("cells", [50, 120])
def test_every_word_of_the_column_finds_its_task(cells: int) -> None:
    for shown in TASKS:
        expression = parse(f"state:{quoted(state_word(shown, cells))}")
        assert expression.errors == ()
        assert expression.predicate(FilterContext(NOW, {}))(shown), expression


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("drawn", [str, to_ascii])
def test_a_word_is_known_with_the_sign_before_it(drawn: Callable[[str], str]) -> None:
    for shown in TASKS:
        word = drawn(signed_word(shown, 120))
        assert any(is_so(shown) for is_so in state_tests(word)), word


def test_a_word_that_is_no_group_finds_only_the_tasks_that_show_it(language: str) -> None:
    for word in STATE_WORDS.keys() - OF_SEVERAL:
        if language != "en" and STATE_WORDS[word] == "进行中":  # stands for two
            continue
        asked = word if language == "en" else STATE_WORDS[word]
        found = {it.id for it in TASKS if any(is_so(it) for is_so in state_tests(asked))}
        showing = {it.id for it in TASKS if asked in (state_word(it, 50), state_word(it, 120))}
        assert found >= showing
        assert found - showing <= {15}, word  # the stalled one is running, too
        assert found, word
