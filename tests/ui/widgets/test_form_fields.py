"""Form fields: what is wrong stands below, and the first wrong one gets the focus."""

import pytest
from textual.app import App, ComposeResult
from textual.events import Key

from pan123_tui.ui.widgets.form_fields import (
    FormField,
    LinkField,
    SecretInput,
    focus_first_error,
)
from pan123_tui.ui.widgets.text_input import NameInput, TextInput
from tests.ui.stage import Stage, shown


@pytest.mark.parametrize(
    ("url", "is_optional", "is_wrong"),
    [
        ("https://a.example/1", False, False),
        ("", True, False),
        ("", False, True),
        ("ftp://a.example/1", True, True),
    ],
)
async def test_a_link_that_is_missing_or_wrong_is_said_and_focused(
    url: str, is_optional: bool, is_wrong: bool
) -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        right = LinkField("Right", "https://a.example/2", id="right")
        field = LinkField("Link", url, is_optional=is_optional, id="link")
        await app.screen.mount(right, field)
        await pilot.pause()
        assert field.has_error is field.has_class("-error") is is_wrong
        right.input.focus()
        found = focus_first_error(app.screen)
        await pilot.pause()
        assert (found, app.focused) == ((field, field.input) if is_wrong else (None, right.input))


async def test_a_note_is_an_error_before_a_warning_before_a_hint() -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        field = FormField("Name", NameInput())
        await app.screen.mount(field)
        for notes, kind in (
            ({"error": "E", "warning": "W", "hint": "H"}, "-error"),
            ({"warning": "W", "hint": "H"}, "-warning"),
            ({"hint": "H"}, "-hint"),
        ):
            field.say(**notes)
            await pilot.pause()
            kinds = [it for it in ("-error", "-warning", "-hint") if field.has_class(it)]
            assert (kinds, kind[1].upper() in shown(app)) == ([kind], True)


async def test_a_secret_is_taken_without_what_surrounds_it() -> None:
    app = Stage()
    async with app.run_test():
        field = SecretInput()
        await app.screen.mount(field)
        field.value = "  Bearer abc "
        assert field.secret == "abc"


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
