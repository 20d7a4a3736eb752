"""The choice dialog: keys, mouse and texts."""

import pytest
from textual.pilot import Pilot

from pan123_tui.ui.dialogs.prompts import ChoiceScreen
from tests.ui.stage import Stage, shown

SORTS = (("added", "Added", "newest first"), ("name", "Name", ""), ("state", "State", "[/foo]"))
LETTERS = (("j", "JSON", ""), ("c", "curl", ""), ("long", "Plain", ""))


async def _open(pilot: Pilot[None], screen: ChoiceScreen) -> list[str | None]:
    selected: list[str | None] = []
    pilot.app.push_screen(screen, selected.append)
    await pilot.pause()
    return selected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["enter"], "added"),
        (["j", "enter"], "name"),
        (["down", "down", "enter"], "state"),
        (["down", "k", "enter"], "added"),
        (["2"], "name"),
        (["escape"], None),
        (["q"], None),
    ],
)
async def test_arrows_digits_and_escape_choose(keys: list[str], expected: str | None) -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, ChoiceScreen("Sort by", SORTS))
        await pilot.press(*keys)
        assert selected == [expected]


async def test_the_border_names_the_key_that_closes_it() -> None:
    async with Stage().run_test() as pilot:
        await _open(pilot, ChoiceScreen("Sort by", SORTS))
        assert "esc closes" in shown(pilot.app)


async def test_the_cursor_starts_on_the_current_choice() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, ChoiceScreen("Sort by", SORTS, current="state"))
        await pilot.press("enter")
        assert selected == ["state"]


async def test_an_unknown_current_choice_is_ignored() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, ChoiceScreen("Sort by", SORTS, current="gone"))
        await pilot.press("enter")
        assert selected == ["added"]


@pytest.mark.parametrize(("key", "expected"), [("j", "j"), ("c", "c"), ("1", "long")])
async def test_a_key_of_one_letter_selects_its_choice_at_once(key: str, expected: str) -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, ChoiceScreen("Copy as", LETTERS))
        await pilot.press(key)
        assert selected == [expected]


async def test_a_click_selects_a_choice_and_a_click_outside_the_box_cancels() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, ChoiceScreen("Sort by", SORTS))
        await pilot.click("OptionList", offset=(4, 1))
        assert selected == ["name"]
        selected = await _open(pilot, ChoiceScreen("Sort by", SORTS))
        await pilot.click(offset=(0, 0))
        assert selected == [None]


async def test_titles_labels_and_explanations_are_never_markup() -> None:
    app = Stage()
    async with app.run_test(size=(60, 16)) as pilot:
        await _open(pilot, ChoiceScreen("[b]Sort[/b]", SORTS))
        text = shown(app)
        assert "[b]Sort[/b]" in text
        assert "1  Added  newest first" in text
        assert "3  State  [/foo]" in text


async def test_a_dialog_without_choices_can_be_cancelled() -> None:
    async with Stage().run_test() as pilot:
        selected = await _open(pilot, ChoiceScreen("Folders", ()))
        await pilot.press("enter", "escape")
        assert selected == [None]
