"""The short menu."""

import pytest
from textual.pilot import Pilot

from pan123_tui.ui.dialogs.choice import ChoiceScreen
from tests.ui.stage import Stage, shown

SORTS = (("added", "Added", "newest first"), ("name", "Name", ""), ("state", "State", "[/foo]"))
LETTERS = (("j", "JSON", ""), ("c", "curl", ""), ("long", "Plain", ""))


async def _offer(pilot: Pilot[None], screen: ChoiceScreen) -> list[str | None]:
    taken: list[str | None] = []
    pilot.app.push_screen(screen, taken.append)
    await pilot.pause()
    return taken


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["enter"], "added"),
        (["j", "enter"], "name"),
        (["down", "down", "enter"], "state"),
        (["down", "k", "enter"], "added"),
        (["2"], "name"),
        (["escape"], None),
    ],
)
async def test_arrows_digits_and_escape_choose(keys: list[str], expected: str | None) -> None:
    async with Stage().run_test() as pilot:
        taken = await _offer(pilot, ChoiceScreen("Sort by", SORTS))
        await pilot.press(*keys)
        assert taken == [expected]


async def test_the_cursor_begins_on_the_current_choice() -> None:
    async with Stage().run_test() as pilot:
        taken = await _offer(pilot, ChoiceScreen("Sort by", SORTS, current="state"))
        await pilot.press("enter")
        assert taken == ["state"]


async def test_an_unknown_current_choice_changes_nothing() -> None:
    async with Stage().run_test() as pilot:
        taken = await _offer(pilot, ChoiceScreen("Sort by", SORTS, current="gone"))
        await pilot.press("enter")
        assert taken == ["added"]


@pytest.mark.parametrize(("key", "expected"), [("j", "j"), ("c", "c"), ("1", "long")])
async def test_a_key_of_one_letter_takes_its_choice_at_once(key: str, expected: str) -> None:
    async with Stage().run_test() as pilot:
        taken = await _offer(pilot, ChoiceScreen("Copy as", LETTERS))
        await pilot.press(key)
        assert taken == [expected]


async def test_the_mouse_takes_a_choice_and_a_click_beside_the_box_none() -> None:
    async with Stage().run_test() as pilot:
        taken = await _offer(pilot, ChoiceScreen("Sort by", SORTS))
        await pilot.click("OptionList", offset=(4, 1))
        assert taken == ["name"]
        taken = await _offer(pilot, ChoiceScreen("Sort by", SORTS))
        await pilot.click(offset=(0, 0))
        assert taken == [None]


async def test_titles_labels_and_explanations_are_shown_as_they_stand() -> None:
    app = Stage()
    async with app.run_test(size=(60, 16)) as pilot:
        await _offer(pilot, ChoiceScreen("[b]Sort[/b]", SORTS))
        text = shown(app)
        assert "[b]Sort[/b]" in text
        assert "1  Added  newest first" in text
        assert "3  State  [/foo]" in text


async def test_no_choices_at_all_still_can_be_left() -> None:
    async with Stage().run_test() as pilot:
        taken = await _offer(pilot, ChoiceScreen("Folders", ()))
        await pilot.press("enter", "escape")
        assert taken == [None]
