"""The full-screen text: selection, sanitizing and scrolling."""

from pan123_tui.ui.dialogs.prompts import TextScreen
from tests.ui.stage import Stage, shown

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
        app.push_screen(TextScreen("A\x1b[2J", "B\u202e\x07"))
        await pilot.pause()
        assert "A\\x1b[2J" in shown(app)
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
        await pilot.press("home", "j")
        await pilot.pause()
        assert shown(app).splitlines()[1] == "line 1"
