"""The dialogs for a choice, a question and a text: keys, mouse and texts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList
from textual.worker import Worker

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.ui.dialogs.prompts import ChoiceScreen, TextScreen, confirm
from pan123_tui.ui.dialogs.unsure import ask_unsure
from tests.ui.stage import Stage, StageUser, resize, shown

Choices = tuple[tuple[str, str, str], ...]
SORTS = (("added", "Added", "newest first"), ("name", "Name", ""), ("state", "State", "[/foo]"))


async def _open(pilot: Pilot[None], choices: Choices = SORTS, **options: str) -> list[str | None]:
    selected: list[str | None] = []
    pilot.app.push_screen(ChoiceScreen("[b]Sort by", choices, **options), selected.append)
    await pilot.pause()
    return selected


CHOSEN: Sequence[tuple[Choices, str, str | None]] = (
    (SORTS, "enter", "added"),
    (SORTS, "j enter", "name"),
    (SORTS, "down k enter", "added"),
    (SORTS, "escape", None),
    (SORTS, "1 2 3 down enter", "name"),
    (SORTS, "i s f l n y d c end enter", "state"),
    ((), "enter escape", None),
)


async def test_arrows_choose_once_and_no_choice_has_a_key_of_its_own() -> None:
    async with Stage().run_test() as pilot:
        for choices, keys, expected in CHOSEN:
            selected = await _open(pilot, choices)
            await pilot.press(*keys.split())
            assert selected == [expected], keys


async def test_keys_scroll_a_text_that_a_small_screen_cuts() -> None:
    async with Stage().run_test(size=(50, 12)) as pilot:
        await _open(pilot, text="\n".join(f"line {number}" for number in range(20)))
        assert "line 0" in shown(pilot.app)
        for _ in range(9):
            await pilot.press("pagedown")
        await pilot.pause()
        assert "line 19" in shown(pilot.app)
        await pilot.press(*["pageup"] * 9)
        await pilot.pause()
        assert "line 0" in shown(pilot.app)


async def test_a_click_chooses_or_cancels_and_no_text_is_markup() -> None:
    app = Stage()
    async with app.run_test(size=(60, 16)) as pilot:
        selected = await _open(pilot, current="state", text="All [/foo]")
        text = shown(app)
        for words in ("[b]Sort by", "All [/foo]", "  Added  newest first", "esc closes"):
            assert words in text
        (marked,) = (line for line in text.splitlines() if "√" in line)
        assert marked.split()[1:4] == ["√", "State", "[/foo]"]
        await pilot.press("enter")
        assert selected == ["state"]
        selected = await _open(pilot, (*SORTS, ("x", "[/b]x", "")))
        assert "[/b]x" in shown(app)
        await pilot.click("OptionList", offset=(4, 1))
        assert selected == ["name"]
        selected = await _open(pilot)
        await pilot.click(offset=(0, 0))
        assert selected == [None]


async def test_a_text_has_all_the_lines_that_the_choices_leave() -> None:
    app = Stage()
    text = "\n".join(f"line {n}" for n in range(1, 12))
    async with app.run_test(size=(80, 21)) as pilot:
        await _open(pilot, text=text)
        assert "line 11" in shown(app)
        assert "State" in shown(app)
        assert not shown(app).split("\n")[-1]  # for messages
        await resize(pilot, 80, 19)
        assert "line 11" in shown(app)
        await resize(pilot, 80, 16)
        assert "line 8" in shown(app)
        assert "line 10" not in shown(app)
        assert "State" in shown(app)
        await resize(pilot, 40, 12)
        assert "State" in shown(app)


async def test_a_dialog_that_ends_while_another_covers_it_closes_when_it_is_in_front() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot)
        covered = pilot.app.screen
        assert isinstance(covered, ChoiceScreen)
        others = await _open(pilot)
        above = pilot.app.screen
        covered.close("name")
        covered.close("state")  # which comes too late
        await pilot.pause()
        assert (selected, pilot.app.screen) == ([], above)
        await pilot.press("escape")
        assert (selected, others) == (["name"], [None])
        assert len(pilot.app.screen_stack) == 1


async def test_only_yes_means_yes() -> None:
    async with Stage().run_test() as pilot:
        for keys, expected in (
            ("y enter", 0),
            ("2 enter", 0),
            ("escape", 0),
            ("enter", 0),
            ("down enter", 1),
        ):
            asking = confirm(pilot.app, "Log out?", yes="Log out", no="Keep", detail="…")
            answer = pilot.app.run_worker(asking)
            await pilot.pause()
            await pilot.press(*keys.split())
            assert await answer.wait() is bool(expected), keys


LINK = "https://example.com/" + "a" * 60 + "?sign=x%2F[/foo]"


async def test_a_text_is_shown_from_the_left_edge_with_the_mouse_released() -> None:
    released: list[bool] = []
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        lines = [LINK, "B\u202e\x07", *(f"line {n}" for n in range(40))]
        title = "[/b] A\x1b[2J"
        app.push_screen(TextScreen(title, "\n".join(lines), release_mouse=released.append))
        await pilot.pause()
        seen = shown(app).splitlines()
        assert seen[0] == "[/b] A\\x1b[2J"
        assert "".join(seen[1:4]) == LINK
        assert seen[4:6] == ["B\\u202e\\x07", "line 0"]
        assert released == [True]
        await pilot.press("end")
        assert "line 39" in shown(app)
        await pilot.press("home", "j", "j", "k")
        assert "".join(shown(app).splitlines()[1:3]) == LINK[40:]
        await pilot.press("enter")
        assert len(app.screen_stack) == 1
        assert released == [True, False]


S, V = TaskState, ArrivalStatus
UNREADABLE = Problem(ProblemKind.REQUEST_NOT_SENT)
ABSENT = ArrivalCheck(V.NOT_FOUND, 1.0)
NOT_SEEN = ArrivalCheck(V.NOT_FOUND, 1.0, problem=UNREADABLE)
FOUND = ArrivalCheck(V.FOUND, 1.0, "a.iso", 5)


@asynccontextmanager
async def asking(*tasks: Task, failed: int = 0) -> AsyncIterator[tuple[StageUser, Worker[Any]]]:
    """Ask what became of `tasks`."""
    async with Stage().run_test(size=(80, 30)) as pilot:
        app = pilot.app
        yield (
            StageUser(pilot),
            app.run_worker(ask_unsure(app, tasks, failed=failed, now=2.0)),
        )


def unsure(number: int, state: TaskState = S.UNCONFIRMED, **facts: Any) -> Task:
    return Task(id=number, url=f"https://a.b/{number}.iso", created_at=1.0, state=state, **facts)


async def test_a_folder_that_could_not_be_read_says_nothing_of_its_file() -> None:
    tasks = [
        unsure(1, arrival=FOUND),
        unsure(2, arrival=ABSENT),
        unsure(3, arrival=NOT_SEEN),
        unsure(4),
        unsure(5, S.MISSING),
    ]
    async with asking(*tasks, failed=2) as (user, _):
        await user.reads("Have these 5 files arrived?")
        for fact in (
            "no answer came: 4",
            "no longer known to 123pan: 1",
            "found in the folder: 1",
            "not in the folder: 1",
            "folder not checked yet: 3",
            "check the folder first",
            "Any answer also retries 2 failed links.",
            "leave the unsure ones",
        ):
            await user.reads(fact)
        others, asked = map(user.text.index, ("2 failed links", "no answer came"))
        assert others < asked, "a small screen shows the first lines"


@pytest.mark.parametrize(
    ("state", "silence"),
    [
        (S.UNCONFIRMED, "没收到响应，123云盘可能已收到这个链接。"),
        (S.MISSING, "123云盘已查不到这个任务，可能已经结束。"),
    ],
)
async def test_of_a_single_task_no_number_is_said(state: TaskState, silence: str) -> None:
    i18n.set_language("zh")
    async with asking(unsure(1, state, task_id=7), failed=1) as (user, _):
        for text in (silence, "还没查找过这个文件。", "待确认的保持原样"):
            await user.reads(text)


@pytest.mark.parametrize(
    ("key", "arrived", "again"),
    [
        ("end", [1], [2]),
        ("down", [1, 2, 5], []),
        ("j j", [], [1, 2, 5]),
        ("j j j", [], []),
        ("3", [], []),
        ("home", [], []),
    ],
)
async def test_an_answer_settles_each_file(key: str, arrived: list[int], again: list[int]) -> None:
    tasks = [unsure(1, arrival=FOUND), unsure(2, arrival=ABSENT), unsure(5, S.MISSING)]
    async with asking(*tasks) as (user, asked):
        await user.reads("1 arrived, 1 sent again, 1 kept")
        await user.press(*key.split(), "enter")
        answer = await asked.wait()
    assert answer is not None
    looked_for = [5] if key == "j j j" else []
    assert [[it.id for it in tasks] for tasks in answer] == [arrived, again, looked_for]


@pytest.mark.parametrize(
    ("looks", "others"),
    [
        ((FOUND, FOUND), []),
        ((ABSENT, None), ["check"]),
        ((FOUND, None), ["check", "go by"]),
        ((FOUND, ABSENT), ["go by"]),
        ((FOUND,), []),
    ],
)
async def test_the_answers_have_the_same_order_whatever_was_found(
    looks: Sequence[ArrivalCheck | None], others: list[str]
) -> None:
    async with asking(*(unsure(n, arrival=look) for n, look in enumerate(looks))) as (user, _):
        await user.reads("arrived?")
        options = user.pilot.app.screen.query_one(OptionList).options
        lines = [str(it.prompt) for it in options]
        order = ["leave", " arrived", "send", *others]
        assert [words for words, line in zip(order, lines, strict=True) if words in line] == order


async def test_one_file_is_named_harmlessly_and_an_escape_answers_nothing() -> None:
    for facts in ({"name": "[/b]\x1b.iso", "arrival": ABSENT}, {"arrival": FOUND}):
        async with asking(unsure(1, **facts)) as (user, asked):
            await user.reads("arrived?")
            name = "a.iso" if facts["arrival"] is FOUND else "[/b]\\x1b.iso"
            assert f"Has “{name}” arrived?" in user.text
            assert "it arrived" in user.text
            assert "go by what was found" not in user.text
            await user.press("escape")
            assert await asked.wait() is None
    async with asking(unsure(1, arrival=FOUND)) as (user, asked):
        await user.reads("Found in the folder at")
        await user.press("enter")
        assert await asked.wait() == ((), (), ()), "an enter does nothing that stays"
