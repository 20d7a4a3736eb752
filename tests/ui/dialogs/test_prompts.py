"""The dialogs for a choice and for a question: keys, mouse and texts."""

import pytest
from textual.pilot import Pilot

from pan123_tui.ui.dialogs.prompts import ChoiceScreen, confirm
from tests.ui.stage import Stage, shown

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
        app.push_screen(ChoiceScreen("[b]Sort[/b]", SORTS, text="All [/foo]"))
        await pilot.pause()
        text = shown(app)
        assert "[b]Sort[/b]" in text
        assert "All [/foo]" in text
        assert "1  Added  newest first" in text
        assert "3  State  [/foo]" in text
        assert "esc closes" in text


async def test_at_the_smallest_size_a_long_text_scrolls_and_the_choices_stay() -> None:
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        await _open(pilot, text="很长的问题 " * 60)
        options = app.screen.query_one("OptionList")
        assert app.screen.region.contains_region(options.region)
        assert options.region.height == len(SORTS)


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
