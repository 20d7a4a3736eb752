"""What the fields take from the keyboard."""

import pytest
from textual.app import App, ComposeResult
from textual.events import Key

from pan123_tui.ui.widgets.text_input import TextInput


class _Field(App[None]):
    def compose(self) -> ComposeResult:
        yield TextInput("三体全集")


@pytest.mark.parametrize(("is_selected", "value"), [(False, "三体\u3000全集"), (True, "\u3000")])
async def test_the_wide_blank_of_an_input_method_is_inserted(is_selected: bool, value: str) -> None:
    app = _Field()
    async with app.run_test() as pilot:
        field = app.query_one(TextInput)
        field.cursor_position = 2
        if is_selected:
            field.select_all()
        field.post_message(Key("ideographic_space", "\u3000"))  # which a pilot cannot press
        await pilot.pause()
        assert field.value == value
