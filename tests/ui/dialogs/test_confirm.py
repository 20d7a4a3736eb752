"""The confirmation dialog: keys, mouse and texts."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from pan123_tui.ui.dialogs.prompts import ChoiceScreen, ConfirmScreen
from tests.ui.stage import Stage, shown


def _question(**texts: str) -> ConfirmScreen:
    return ConfirmScreen(
        texts.get("question", "Remove 3 rows?"),
        yes=texts.get("yes", "Remove"),
        no=texts.get("no", "Keep"),
        detail=texts.get("detail", "The service goes on downloading."),
    )


async def _open(pilot: Pilot[None], screen: ConfirmScreen) -> list[bool | None]:
    answers: list[bool | None] = []
    pilot.app.push_screen(screen, answers.append)
    await pilot.pause()
    return answers


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["y"], True),
        (["n"], False),
        (["escape"], False),
        (["enter"], False),
        (["right", "enter"], True),
        (["tab", "enter"], True),
        (["right", "left", "enter"], False),
        (["g", "j", "j", "j", "enter"], False),
        (["l", "enter"], False),
    ],
)
async def test_each_key_returns_its_answer_and_neither_enter_nor_a_burst_for_a_list_means_yes(
    keys: list[str], expected: bool
) -> None:
    async with Stage().run_test() as pilot:
        answers = await _open(pilot, _question())
        await pilot.press(*keys)
        assert answers == [expected]


async def test_a_key_pressed_twice_answers_once() -> None:
    async with Stage().run_test() as pilot:
        answers = await _open(pilot, _question())
        await pilot.press("y", "y", "n")
        assert answers == [True]


async def test_a_click_on_a_button_answers_and_a_click_outside_the_box_means_no() -> None:
    async with Stage().run_test() as pilot:
        answers = await _open(pilot, _question())
        await pilot.click("#yes")
        assert answers == [True]
        answers = await _open(pilot, _question())
        await pilot.click(offset=(0, 0))
        assert answers == [False]


async def test_question_detail_and_buttons_are_never_markup() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await _open(pilot, _question(question="Remove [/foo] and [b]this[/b]?"))
        text = shown(app)
        assert "Remove [/foo] and [b]this[/b]?" in text
        assert "The service goes on downloading." in text
        assert "n  Keep" in text
        assert "y  Remove" in text


async def test_at_the_smallest_size_a_long_question_scrolls_and_the_buttons_stay() -> None:
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        await _open(pilot, _question(question="很长的问题 " * 60))
        no, yes = app.screen.query(Button)
        assert app.screen.region.contains_region(no.region)
        assert app.screen.region.contains_region(yes.region)
        assert no.region.height == yes.region.height == 1


async def test_a_dialog_that_ends_while_another_covers_it_closes_when_it_is_in_front() -> None:
    async with Stage().run_test() as pilot:
        covered, above = _question(), _question(question="Sure?")
        answers = await _open(pilot, covered)
        others = await _open(pilot, above)
        covered.close(True)
        covered.close(False)  # which comes too late
        await pilot.pause()
        assert (answers, pilot.app.screen) == ([], above)
        await pilot.press("n")
        await pilot.pause()
        assert (answers, others) == ([True], [False])
        assert len(pilot.app.screen_stack) == 1


async def test_a_covered_choice_keeps_its_answer() -> None:
    async with Stage().run_test() as pilot:
        answers: list[str | None] = []
        covered = ChoiceScreen("Theme", [("nord", "nord", "")])
        pilot.app.push_screen(covered, answers.append)
        await _open(pilot, _question())
        covered.close("nord")
        await pilot.press("n")
        await pilot.pause()
        assert answers == ["nord"]
