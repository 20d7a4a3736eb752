"""A list full of hostile names and messages is an ordinary list, on every screen that shows it."""

import unicodedata
from typing import Any

from rich.cells import cell_len
from textual.events import Paste

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.task import Task, TaskState
from tests.ui.dashboard_stage import NOW, Story, story
from tests.ui.test_hostile_text import SPITEFUL
from tests.ui.textual_private import painted

S = TaskState
SENT = [text for text in SPITEFUL if text not in ("\ud800", "\udfff")]
"""Neither an answer of the service nor a command can hold half a character."""
ALL = "".join(SENT)
STATES = (S.REJECTED, S.FAILED, S.UNCONFIRMED, S.RUNNING, S.QUEUED, S.SUCCEEDED, S.MISSING)


def hostile_task(number: int, text: str) -> Task:
    state = STATES[number % len(STATES)]
    return Task(
        id=number,
        url=f"https://a.example/{text}?sign=xyz",
        created_at=NOW - number,
        name=text,
        batch=text,
        folder_id=7,
        state=state,
        task_id=number if state in (S.RUNNING, S.SUCCEEDED) else None,
        problem=Problem(ProblemKind.REQUEST_REJECTED, text, 1, text)
        if state is S.REJECTED
        else None,
        fail_reason=text,
    )


def assert_harmless(told: Story) -> None:
    """Assert that the terminal would obey nothing on the screen, and that each line fits."""
    app: Any = told.app
    for strip in painted(app):
        obeyed = [c for c in strip.text if is_obeyed(c)]
        assert not obeyed, ascii(strip.text)
        assert strip.cell_length == app.size.width
        assert cell_len(strip.text) == app.size.width
    for toast in told.toasts:
        assert not [c for c in toast if c != "\n" and is_obeyed(c)]


def is_obeyed(char: str) -> bool:
    """Return whether a terminal does anything with `char` but draw it."""
    is_bidi = unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF") or (
        "\u2066" <= char <= "\u2069"
    )
    return is_bidi or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


async def test_every_screen_shows_hostile_tasks_harmlessly() -> None:
    tasks = [hostile_task(n, text) for n, text in enumerate([*SENT, ALL], 1)]
    problem = Problem(ProblemKind.REQUEST_REJECTED, ALL, 1, ALL)
    status = Status(
        connection=Connection.ONLINE,
        account=Account(1, ALL, 1, 2),
        hold=problem,
        last_error=problem,
        last_error_at=NOW,
        notice=problem,
        store_problem=problem,
    )
    async with story(tasks, status=status, size=(140, 44)) as told:
        await told.sees(lambda: len(told.dashboard.table.visible_ids()) == len(tasks))
        assert_harmless(told)
        for key in "Gg":
            await told.press(key)
            assert_harmless(told)
        await told.press("enter")
        for _ in tasks:
            await told.press("j")
            assert_harmless(told)
        await told.press("escape")
        for word in ("[/foo]", "\\x1b", "文件"):
            await told.press("slash", *word, "enter")
            assert_harmless(told)
            await told.press("escape")


async def test_what_is_asked_and_told_about_hostile_tasks_is_harmless() -> None:
    tasks = [hostile_task(n, ALL) for n in (1, 7)]
    async with story(tasks, size=(140, 44)) as told:
        await told.sees(lambda: len(told.dashboard.table.visible_ids()) == 2)
        for key in ("y", "r", "e", "escape", "d"):
            await told.press(key)
            assert_harmless(told)
        for key in ("b", "b"):
            await told.press(key)
            assert_harmless(told)
        told.engine.tell(
            *(hostile_task(n, f"{ALL}{n}") for n in range(10, 24)),
        )
        await told.sees(lambda: len(told.dashboard.table.visible_ids()) == 15)
        assert_harmless(told)


async def test_links_of_every_hostile_kind_are_reviewed_harmlessly() -> None:
    async with story(size=(140, 44)) as told:
        await told.press("a")
        links = [f"https://a.example/{spite}/f.bin" for spite in (*SENT, ALL)]
        told.app.post_message(Paste("\n".join(links)))
        await told.reads("f.bin")
        assert_harmless(told)
        await told.press("ctrl+s")
        await told.sees(lambda: len(told.engine.tasks) > 10)
        assert_harmless(told)
