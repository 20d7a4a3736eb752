"""Texts of many lines: laid out for their width, and scrolled at once."""

from textual.events import Key

from pan123_tui.ui.widgets.styled_text import Line, StyledSpan
from pan123_tui.ui.widgets.text_lines import TextLines, TextScroll
from tests.ui.stage import Stage, resize, shown


def layout(cells: int) -> list[Line]:
    return [(StyledSpan(f"line {n} of {cells}"),) for n in range(40)]


async def test_lines_are_laid_out_for_the_width_and_each_key_goes_on_from_the_former() -> None:
    app = Stage()
    async with app.run_test(size=(41, 12)) as pilot:
        scroll, text = TextScroll(), TextLines(layout)
        await app.screen.mount(scroll)
        await scroll.mount(text)
        scroll.focus()
        await pilot.pause()
        assert shown(app).splitlines()[0].startswith(f"line 0 of {text.size.width}")
        for key in ("end", "home", "down", "down", "pagedown", "up"):
            app.post_message(Key(key, None))
        await pilot.pause()
        assert shown(app).splitlines()[0].startswith("line 13 of ")
        await pilot.press("end")
        await pilot.pause()
        assert "line 39 of" in shown(app)
        await resize(pilot, 60, 12)
        assert f"of {text.size.width}" in shown(app)
        text.lines_for = None
        await pilot.pause()
        assert shown(app).strip() == ""
