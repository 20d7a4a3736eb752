"""The help dialog: sections, search and sizes."""

import pytest
from textual.pilot import Pilot

from pan123_tui.ui.dialogs.help import HelpEntry, HelpScreen, help_lines
from tests.ui.stage import Stage, shown

SECTIONS = (
    ("Add", (HelpEntry("a", "add links", "links.add"), HelpEntry("p", "read the clipboard"))),
    (
        "Act",
        (
            HelpEntry("r", "retry this or the marked", "tasks.retry"),
            HelpEntry("R", "retry all failed"),
            HelpEntry("d", "remove"),
        ),
    ),
    ("Program", (HelpEntry("?, f1", "help"), HelpEntry("q", "quit"))),
    ("Words", (HelpEntry("", "stalled: it stands still"),)),
)


async def _open(pilot: Pilot[None]) -> HelpScreen:
    screen = HelpScreen(SECTIONS)
    pilot.app.push_screen(screen)
    await pilot.pause()
    return screen


async def test_every_key_is_listed_below_its_heading() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await _open(pilot)
        lines = [line.strip(" │") for line in shown(app).splitlines()]
        entry = next(line for line in lines if line.startswith("a      add links"))
        assert lines.index("Add") < lines.index(entry) < lines.index("Act")
        assert entry.endswith("  links.add")
        assert "?, f1  help" in lines


@pytest.mark.parametrize(("columns", "expected"), [(60, True), (50, False)])
async def test_the_names_for_config_toml_are_shown_from_60_columns_on(
    columns: int, expected: bool
) -> None:
    app = Stage()
    async with app.run_test(size=(columns, 24)) as pilot:
        await _open(pilot)
        assert ("links.add" in shown(app)) is expected


async def test_a_search_shows_the_entries_with_all_words_and_their_headings() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await _open(pilot)
        await pilot.press(*"RETRY", "space", *"failed")
        text = shown(app)
        assert "retry all failed" in text
        assert "Act" in text
        assert "retry this" not in text
        assert "Program" not in text


async def test_a_slash_before_the_word_is_no_part_of_the_search() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await _open(pilot)
        await pilot.press("slash")
        assert "No match." in shown(app)  # alone it is a key, which no action has here
        await pilot.press(*"retry")
        assert "retry all failed" in shown(app)


async def test_a_search_without_a_match_is_reported_and_escape_clears_then_closes() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot)
        await pilot.press(*"xyzzy")
        assert "No match." in shown(app)
        assert "esc clears" in shown(app)
        await pilot.press("escape")
        assert app.screen is screen
        assert "esc closes" in shown(app)
        assert "add links" in shown(app)
        await pilot.press("escape")
        assert app.screen is not screen


async def test_a_wide_terminal_gets_two_columns() -> None:
    app = Stage()
    async with app.run_test(size=(140, 24)) as pilot:
        await _open(pilot)
        assert any("Add" in line and "Program" in line for line in shown(app).splitlines())


def test_a_long_text_is_indented_beside_its_keys_and_its_name_stays_at_the_edge() -> None:
    entry = HelpEntry("ctrl+x", "words " * 20, "app.long")
    lines = help_lines([("Program", [entry])], 8, 60)
    first, second = ("".join(span.text for span in line) for line in lines[1:3])
    assert first.startswith("ctrl+x    words")
    assert first.endswith("app.long")
    assert len(first) == 60
    assert second.startswith(" " * 10 + "words")


async def test_a_help_of_many_keys_has_as_few_widgets_as_one_of_few() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(HelpScreen([("Add", [HelpEntry("a", "add links")] * 300)]))
        await pilot.pause()
        assert len(pilot.app.screen.query("*")) < 10


async def test_at_the_smallest_size_the_arrows_scroll_to_the_last_entry() -> None:
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        await _open(pilot)
        assert "quit" not in shown(app)
        await pilot.press(*["down"] * 12)
        assert "quit" in shown(app)
        await pilot.press(*["pageup"] * 2)
        assert "add links" in shown(app)
