"""Form fields: what is wrong stands below, and the first wrong one gets the focus."""

from collections.abc import Sequence

import pytest
from textual.events import Key, Paste
from textual.widgets import Input
from textual.widgets.input import Selection

from pan123_tui.ui.widgets.form_fields import (
    FormField,
    LinkField,
    LinkInput,
    NameInput,
    SecretInput,
    TextInput,
    focus_first_error,
)
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
async def test_a_wrong_link_is_focused(url: str, is_optional: bool, is_wrong: bool) -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        right = LinkField("Right", "https://a.example/2", id="right")
        field = LinkField("Link", url, is_optional=is_optional, id="link")
        await app.screen.mount(right, field)
        await pilot.pause()
        assert field.has_error is field.has_class("-error") is is_wrong
        if is_wrong:
            field.input.value = "https://a.example/1"
            await pilot.pause()
            assert not field.has_error
            field.input.value = url
            await pilot.pause()
        right.input.focus()
        found = await focus_first_error(app.screen)
        await pilot.pause()
        assert (found, app.focused) == ((field, field.input) if is_wrong else (None, right.input))


async def test_a_full_field_shows_its_start_once_it_is_left() -> None:
    field, other = TextInput(compact=True), TextInput()
    async with Stage([field, other]).run_test(size=(20, 5)) as pilot:
        await pilot.press(*"first-letter-is-seen")
        assert "first" not in shown(pilot.app)
        await pilot.press("tab")
        assert "first-letter-is-seen" in shown(pilot.app)
        await pilot.press("shift+tab")
        assert "first" not in shown(pilot.app), "the cursor is in sight"


PASTES: Sequence[tuple[type[Input], str, str]] = (
    (TextInput, "one\r\n\r\ntwo", "one two"),
    (TextInput, "https://a.b/1", "https://a.b/1"),
    (TextInput, "https://a.b/1\nhttps://a.b/2", "was"),
    (NameInput, "影视/2025", "影视/2025"),
    (NameInput, "https://a.b/1", "was"),
    (NameInput, "File:///home/影视", "File:///home/影视"),
    (SecretInput, " Bearer ab\ncd\r\n", "Bearer abcd"),
    (SecretInput, "https://a.b/1\nhttps://a.b/2", "was"),
    (LinkInput, "看 https://a.b/1 好\nhttps://a.b/1", "https://a.b/1"),
    (LinkInput, "https://a.b/1 https://a.b/2", "was"),
    (LinkInput, "a.b/1", "a.b/1"),
    (LinkInput, "ftp://a.b/1", "ftp://a.b/1"),
)


async def test_a_paste_replaces_what_is_selected_and_links_are_left_to_the_screen() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        for kind, pasted, value in PASTES:
            field = kind()
            await app.screen.mount(field)
            field.value = "was"
            field.focus()
            await pilot.press("ctrl+a")
            field.post_message(Paste(pasted))
            await pilot.pause()
            assert (kind, field.value) == (kind, value)


async def test_a_pasted_link_takes_the_place_of_what_is_selected_or_else_of_the_former() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        field = LinkInput("https://old.example/a/b.zip", select_on_focus=False)
        await app.screen.mount(field)
        field.selection = Selection(0, len("https://old.example/a"))
        for pasted, value in (
            ("https://new.example/dir", "https://new.example/dir/b.zip"),
            ("https://other.example/c.zip", "https://other.example/c.zip"),
        ):
            field.post_message(Paste(pasted))
            await pilot.pause()
            assert field.value == value


async def test_a_secret_is_taken_without_what_surrounds_it_and_neither_shown_nor_copied() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        field = SecretInput()
        await app.screen.mount(field)
        field.value = "  Bearer s3cret "
        assert field.secret == "s3cret"
        field.focus()
        await pilot.press("ctrl+a", "ctrl+c")
        assert (app.clipboard, "s3cret" in shown(app)) == ("", False)
        await pilot.press("ctrl+x")
        assert (app.clipboard, field.value) == ("", "")


async def test_the_wide_blank_of_an_input_method_is_inserted() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        field = TextInput("三体全集")
        await app.screen.mount(field)
        field.cursor_position = 2
        for value in ("三体\u3000全集", "\u3000"):
            field.post_message(Key("ideographic_space", "\u3000"))  # which a pilot cannot press
            await pilot.pause()
            assert field.value == value
            field.select_all()


class LookedUp(FormField):
    """Is wrong until it has been looked up."""

    is_known = can_be_found = False

    def check(self) -> None:
        self.say(error="" if self.is_known else "[/b] unknown")

    async def look_up(self) -> bool:
        self.is_known = self.can_be_found
        return self.is_known


async def test_a_value_that_was_looked_up_lets_the_form_go_on_and_no_text_is_markup() -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        field = LookedUp("[/b] Label", NameInput())
        await app.screen.mount(field)
        assert await focus_first_error(app.screen) is field
        await pilot.pause()
        assert "[/b] Label" in shown(app)
        assert "[/b] unknown" in shown(app)
        field.label.update("[/i] Other")
        field.can_be_found = True
        assert await focus_first_error(app.screen) is None
        assert await focus_first_error(app.screen) is None
        field.check()
        await pilot.pause()
        assert "[/i] Other" in shown(app)
        assert "unknown" not in shown(app)
        for notes, kind in (
            ({"error": "E", "warning": "W", "hint": "H"}, "-error"),
            ({"warning": "W", "hint": "H"}, "-warning"),
            ({"hint": "H"}, "-hint"),
        ):
            field.say(**notes)
            await pilot.pause()
            kinds = [it for it in ("-error", "-warning", "-hint") if field.has_class(it)]
            assert (kinds, kind[1].upper() in shown(app)) == ([kind], True)
