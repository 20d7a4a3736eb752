"""The dialogs for a choice, a question and a text: keys, mouse and texts."""

from typing import Any

import pytest
from textual.pilot import Pilot

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from pan123_tui.ui.dialogs.prompts import ChoiceScreen, TextScreen, confirm
from pan123_tui.ui.dialogs.unconfirmed import ask_unsure
from tests.ui.stage import Stage, StageUser, resize, shown

SORTS = (("added", "Added", "newest first"), ("name", "Name", ""), ("state", "State", "[/foo]"))
LETTERS = (("j", "JSON", ""), ("c", "curl", ""), ("long", "Plain", ""))


async def _open(
    pilot: Pilot[None], choices: tuple[tuple[str, str, str], ...] = SORTS, **options: str
) -> list[str | None]:
    selected: list[str | None] = []
    pilot.app.push_screen(ChoiceScreen("Sort by", choices, **options), selected.append)
    await pilot.pause()
    return selected


@pytest.mark.parametrize(
    ("choices", "keys", "expected"),
    [
        (SORTS, ["enter"], "added"),
        (SORTS, ["j", "enter"], "name"),
        (SORTS, ["down", "k", "enter"], "added"),
        (SORTS, ["2"], "name"),
        (SORTS, ["escape"], None),
        (SORTS, ["2", "2", "3"], "name"),
        (LETTERS, ["j"], "j"),
        (LETTERS, ["1"], "long"),
        ((), ["enter", "escape"], None),
    ],
)
async def test_arrows_digits_and_letters_choose_once(
    choices: tuple[tuple[str, str, str], ...], keys: list[str], expected: str | None
) -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, choices)
        await pilot.press(*keys)
        assert selected == [expected]


async def test_the_cursor_starts_on_the_current_choice() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, current="state")
        marked = [line for line in shown(pilot.app).splitlines() if "√" in line]
        assert [line.split()[1:5] for line in marked] == [["3", "√", "State", "[/foo]"]]
        await pilot.press("enter")
        assert selected == ["state"]


async def test_a_click_selects_a_choice_and_a_click_outside_the_box_cancels() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot)
        await pilot.click("OptionList", offset=(4, 1))
        assert selected == ["name"]
        selected = await _open(pilot)
        await pilot.click(offset=(0, 0))
        assert selected == [None]


async def test_titles_labels_and_explanations_are_never_markup_and_the_border_names_a_key() -> None:
    app = Stage()
    async with app.run_test(size=(60, 16)) as pilot:
        choices = (*SORTS, ("x", "[/b]x", ""))
        app.push_screen(ChoiceScreen("[b]Sort[/b]", choices, text="All [/foo]"))
        await pilot.pause()
        text = shown(app)
        assert "[b]Sort[/b]" in text
        assert "All [/foo]" in text
        assert "1  Added  newest first" in text
        assert "3  State  [/foo]" in text
        assert "x  [/b]x" in text
        assert "esc closes" in text


async def test_at_the_smallest_size_a_long_text_scrolls_and_the_choices_stay() -> None:
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        await _open(pilot, text="很长的问题 " * 60)
        options = app.screen.query_one("OptionList")
        assert app.screen.region.contains_region(options.region)
        assert options.region.height == len(SORTS)


async def test_a_text_has_all_the_lines_that_the_choices_leave() -> None:
    app = Stage()
    text = "\n".join(f"line {n}" for n in range(1, 12))
    async with app.run_test(size=(80, 21)) as pilot:
        await _open(pilot, text=text)
        assert "line 11" in shown(app)
        assert "3  State" in shown(app)
        assert not shown(app).split("\n")[-1]  # for messages
        await resize(pilot, 80, 19)
        assert "line 11" in shown(app)
        await resize(pilot, 80, 16)
        assert "line 8" in shown(app)
        assert "line 10" not in shown(app)
        assert "3  State" in shown(app)


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
        await pilot.pause()
        assert (selected, others) == (["name"], [None])
        assert len(pilot.app.screen_stack) == 1


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["y"], True),
        (["escape"], False),
        (["enter"], False),
        (["down", "enter"], True),
    ],
)
async def test_only_yes_means_yes(keys: list[str], expected: bool) -> None:
    app = Stage()
    async with app.run_test() as pilot:
        answers: list[bool] = []

        async def ask() -> None:
            answers.append(await confirm(app, "Log out?", yes="Log out", no="Keep", detail="…"))

        app.run_worker(ask())
        await pilot.pause()
        await pilot.press(*keys)
        await app.workers.wait_for_complete()
        assert answers == [expected]


LINK = "https://example.com/" + "a" * 60 + "?sign=x%2F[/foo]"


async def test_the_whole_text_is_shown_from_the_left_edge_with_control_characters_as_escapes() -> (
    None
):
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        app.push_screen(TextScreen("Link", f"{LINK}\nsecond"))
        await pilot.pause()
        lines = shown(app).splitlines()
        assert "".join(lines[1:4]) == LINK
        assert lines[4] == "second"
        await pilot.press("q")
        app.push_screen(TextScreen("[/b] A\x1b[2J", "B\u202e\x07"))
        await pilot.pause()
        assert "[/b] A\\x1b[2J" in shown(app)
        assert "B\\u202e\\x07" in shown(app)


async def test_the_mouse_is_released_to_the_terminal_while_the_screen_is_open() -> None:
    released: list[bool] = []
    app = Stage()
    async with app.run_test() as pilot:
        app.push_screen(TextScreen("Link", LINK, release_mouse=released.append))
        await pilot.pause()
        assert released == [True]
        await pilot.press("escape")
        await pilot.pause()
        assert released == [True, False]


async def test_a_long_text_scrolls_by_key() -> None:
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        app.push_screen(TextScreen("Links", "\n".join(f"line {n}" for n in range(40))))
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        assert "line 39" in shown(app)
        await pilot.press("home", "j", "j", "k")
        await pilot.pause()
        assert shown(app).splitlines()[1] == "line 1"
        await pilot.press("enter")
        await pilot.pause()
        assert len(app.screen_stack) == 1


S, V = TaskState, ArrivalStatus
UNREADABLE = Problem(ProblemKind.REQUEST_NOT_SENT)
ABSENT = ArrivalCheck(V.NOT_FOUND, 1.0)
NOT_SEEN = ArrivalCheck(V.NOT_FOUND, 1.0, problem=UNREADABLE)
FOUND = ArrivalCheck(V.FOUND, 1.0, "a.iso", 5)


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
    async with Stage().run_test(size=(80, 30)) as pilot:
        user = StageUser(pilot)
        pilot.app.run_worker(ask_unsure(pilot.app, tasks, failed=2, now=2.0))
        await user.reads("Have these 5 files arrived?")
        for fact in (
            "No answers came, so 123pan may have the links.",
            "123pan no longer knows the task, which may have ended.",
            "1 file was found in its folder.",
            "1 file was not found in its folder.",
            "The folders of 2 files have not been checked yet.",
            "2 failed links are retried.",
        ):
            await user.reads(fact)


@pytest.mark.parametrize(
    ("key", "arrived", "again"),
    [("f", [1], [2]), ("i", [1, 2, 5], []), ("s", [], [1, 2, 5]), ("l", [], []), ("enter", [], [])],
)
async def test_each_answer_says_what_becomes_of_each_file(
    key: str, arrived: list[int], again: list[int]
) -> None:
    tasks = [unsure(1, arrival=FOUND), unsure(2, arrival=ABSENT), unsure(5, S.MISSING)]
    async with Stage().run_test(size=(80, 30)) as pilot:
        user = StageUser(pilot)
        asking = pilot.app.run_worker(ask_unsure(pilot.app, tasks, failed=0, now=2.0))
        await user.reads("1 arrived, 1 sent again, 1 kept")
        await user.press(key)
        answer = await asking.wait()
    assert answer is not None
    assert [it.id for it in answer.arrived] == arrived
    assert [it.id for it in answer.again] == again


async def test_one_file_is_named_harmlessly_and_an_escape_answers_nothing() -> None:
    async with Stage().run_test(size=(80, 30)) as pilot:
        user = StageUser(pilot)
        for facts in ({"name": "[/b]\x1b.iso", "arrival": ABSENT}, {"arrival": FOUND}):
            asking = pilot.app.run_worker(
                ask_unsure(pilot.app, [unsure(1, **facts)], failed=0, now=2.0)
            )
            await user.reads("arrived?")
            name = "a.iso" if facts["arrival"] is FOUND else "[/b]\\x1b.iso"
            assert f"Has “{name}” arrived?" in user.text
            assert "it arrived" in user.text
            assert "go by what was found" not in user.text
            await user.press("escape")
            assert await asking.wait() is None
        asking = pilot.app.run_worker(
            ask_unsure(pilot.app, [unsure(1, arrival=FOUND)], failed=0, now=2.0)
        )
        await user.reads("arrived?")
        await user.press("enter")
        answer = await asking.wait()
        assert answer is not None
        assert [it.id for it in answer.arrived] == [1]
