"""The keys in one line: the app's own stay where there is no room for all."""

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from pan123_tui.ui.widgets.key_bar import KeyBar, KeyBarItem, layout_items
from tests.ui.stage import Stage, shown

ITEMS = [KeyBarItem("a", "add", ""), KeyBarItem("r", "retry", "")]
OWN = [KeyBarItem("?", "help", "", is_global=True), KeyBarItem("q", "leave", "", is_global=True)]


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (40, "a add  r retry           ? help  q leave"),
        (31, "a add  r retry  ? help  q leave"),
        (30, "a add          ? help  q leave"),
        (16, " ? help  q leave"),
        (10, "? help  q leave"),
    ],
)
def test_keys_that_do_not_fit_are_left_out_from_the_end(cells: int, line: str) -> None:
    drawn = ""
    for start, item in layout_items([*ITEMS, *OWN], cells):
        drawn = f"{drawn.ljust(start)}{item.key_name} {item.description}"
    assert drawn == line


def test_a_wide_key_gives_way_to_those_after_it_that_fit() -> None:
    wide = KeyBarItem("L", "copy download links 4", "")
    shown_keys = [it.key_name for _start, it in layout_items([ITEMS[0], wide, ITEMS[1], *OWN], 31)]
    assert shown_keys == ["a", "r", "?", "q"]


def test_the_first_keys_stay_longer_than_those_at_the_right() -> None:
    for cells, keys in ((31, "ar?q"), (30, "ar"), (8, "a"), (2, "")):
        shown_keys = [item.key_name for _start, item in layout_items([*ITEMS, *OWN], cells, kept=2)]
        assert "".join(shown_keys) == keys


class _Keys(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "press('two')", "two", id="a.two"),
        Binding("f3,f6", "press('three')", "three", id="a.three"),
        Binding("z", "press('z')", "typed", id="a.z"),
        Binding("f4", "press('four')", "hidden", id="a.four", show=False),
    ]
    pressed: ClassVar[list[str]] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield KeyBar(first=("a.three",))

    def action_press(self, name: str) -> None:
        self.pressed.append(name)


async def test_the_keys_that_work_are_shown_the_first_ones_first_and_a_click_presses_one() -> None:
    app = Stage()
    async with app.run_test(size=(40, 5)) as pilot:
        await app.push_screen(_Keys())
        await pilot.pause()
        line = shown(app).splitlines()[-1]
        assert line.split() == ["f3", "three", "f2", "two"], "the field takes z"
        for x, pressed in ((0, 1), (len("f2 tw"), 2), (len("f2 two"), 2), (-1, 2)):
            await pilot.click(offset=(line.index("f2") + x, app.size.height - 1))
            assert _Keys.pressed == ["two"] * pressed, x
        app.set_keymap({"a.two": "y"})
        await pilot.pause()
        assert "two" not in shown(app), "the field takes the user's own y as well"
        app.set_focus(None)
        await pilot.pause()
        assert "z typed" in shown(app)
        assert "y two" in shown(app)


class _Field(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "keep", id="field.keep")]


async def test_the_screens_own_items_are_shown_while_no_field_has_keys_of_its_own() -> None:
    app, items = Stage(), [KeyBarItem("r", "[b]retry 2[/b]", "press('retry')")]
    async with app.run_test(size=(60, 5)) as pilot:
        await app.push_screen(_Keys())
        field, bar = _Field(), KeyBar(lambda: items)
        await app.screen.query_one(KeyBar).remove()
        await app.screen.mount(field, bar)
        field.focus()
        await pilot.pause()
        assert "keep" in shown(app)
        assert "retry" not in shown(app)
        app.set_focus(None)
        await pilot.pause()
        assert "r [b]retry 2[/b]" in shown(app)
        items[0] = items[0]._replace(description="retry 3")
        app.screen.refresh_bindings()
        await pilot.pause()
        line = shown(app).splitlines()[-1]
        await pilot.click(bar, offset=(line.index("r retry 3"), 0))
        assert _Keys.pressed[-1] == "retry"
