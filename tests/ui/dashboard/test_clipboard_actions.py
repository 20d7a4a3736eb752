"""Clipboard keys on the dashboard."""

from pathlib import Path
from typing import ClassVar

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

from pan123_tui.config.schema import Clipboard
from pan123_tui.config.settings import Settings
from pan123_tui.domain.send_queue import Adoption, adopted_task
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.clipboard.access import ClipboardAccess
from pan123_tui.ui.clipboard.local import ClipboardFailure, ClipboardResult
from pan123_tui.ui.dashboard.filter_bar import FilterField
from pan123_tui.ui.widgets.form_fields import SecretInput
from pan123_tui.ui.widgets.text_input import NameInput, TextInput
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.home_stage import Home

LOCAL = {"TERM": "xterm-256color", "DISPLAY": ":0"}
SSH = {"TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}
LINKS = "https://a.example/1.zip and https://a.example/2.zip"


class FakeClipboard:
    """Fakes all clipboard backends with the text of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reading = ClipboardResult(failure=ClipboardFailure.EMPTY)
        self.sent = True
        self.copied: list[str] = []
        for name in ("read", "read_machine", "write"):
            monkeypatch.setattr(ClipboardAccess, name, getattr(self, name))

    async def read(self, **_: object) -> ClipboardResult:
        return self.reading

    async def read_machine(self, *, is_watch: bool = False) -> ClipboardResult:
        return self.reading

    async def write(self, text: str) -> bool:
        self.copied.append(text)
        return self.sent


@pytest.fixture
def clipboard(monkeypatch: pytest.MonkeyPatch) -> FakeClipboard:
    return FakeClipboard(monkeypatch)


def says(told: Story, words: str) -> bool:
    return any(words in toast for toast in told.toasts)


async def test_p_puts_the_clipboards_links_into_the_review(clipboard: FakeClipboard) -> None:
    clipboard.reading = ClipboardResult(LINKS)
    async with story() as told:
        await told.press("p")
        await told.reads("2 links to queue")


async def test_p_shows_nothing_of_a_clipboard_without_links(clipboard: FakeClipboard) -> None:
    clipboard.reading = ClipboardResult("correct horse battery staple")
    async with story() as told:
        await told.press("p")
        await told.sees(lambda: says(told, "no link in the clipboard"))
        assert told.app.screen is told.dashboard


async def test_p_shows_why_a_magnet_is_refused(clipboard: FakeClipboard) -> None:
    clipboard.reading = ClipboardResult("magnet:?xt=urn:btih:0123456789")
    async with story() as told:
        await told.press("p")
        await told.reads("1 refused")


@pytest.mark.parametrize(
    "fault",
    [
        ClipboardFailure.REMOTE,
        ClipboardFailure.NO_TOOL,
        ClipboardFailure.FROZEN,
        ClipboardFailure.NO_ANSWER,
    ],
)
async def test_p_says_what_else_to_do(clipboard: FakeClipboard, fault: ClipboardFailure) -> None:
    clipboard.reading = ClipboardResult(failure=fault)
    async with story() as told:
        await told.press("p")
        await told.sees(lambda: says(told, "Press your terminal's paste key"))


async def test_the_watch_is_always_to_be_seen_and_ends_with_the_same_key(
    clipboard: FakeClipboard,
) -> None:
    async with story(environ=LOCAL) as told:
        assert "watching" not in told.text
        await told.press("w")
        await told.reads("watching the clipboard")
        await told.press("w")
        await told.sees(lambda: "watching" not in told.text)


async def test_what_the_watch_collects_is_taken_into_the_review(clipboard: FakeClipboard) -> None:
    async with story(
        environ=LOCAL, settings=Settings(clipboard=Clipboard(interval_s=0.01))
    ) as told:
        await told.press("w")
        await told.reads("watching the clipboard")
        await told.sees(lambda: told.app.clipboard_controller._watcher._latest)
        clipboard.reading = ClipboardResult(LINKS)
        await told.reads("2 new links collected")
        await told.press("a")
        await told.reads("2 links to queue")
        assert told.dashboard.status_bar.collected == 0


async def test_a_clipboard_that_keeps_failing_ends_the_watch_with_one_message(
    clipboard: FakeClipboard,
) -> None:
    clipboard.reading = ClipboardResult(failure=ClipboardFailure.BROKEN)
    async with story(
        environ=LOCAL, settings=Settings(clipboard=Clipboard(interval_s=0.01))
    ) as told:
        await told.press("w")
        await told.sees(lambda: says(told, "no longer watched"))
        assert len(told.toasts) == 1
        assert "watching" not in told.text


async def test_the_watch_begins_and_ends_with_its_setting(
    clipboard: FakeClipboard, tmp_path: Path
) -> None:
    home = Home(tmp_path, {"PAN123_ACCESS_TOKEN": "good-token"})
    async with story(environ=LOCAL, **home.settings_store()) as told:
        await told.press("comma")
        await told.sees(lambda: told.app.screen.query("#set-clipboard-watch"))
        told.app.screen.query_one("#set-clipboard-watch").focus()
        await told.press("space")
        await told.sees(lambda: told.app.clipboard_controller.is_watching)
        await told.press("space")
        await told.sees(lambda: not told.app.clipboard_controller.is_watching)
        await told.press("escape")
        assert home.written == {"clipboard": {"watch": False}}


async def test_the_watch_may_begin_with_the_program(clipboard: FakeClipboard) -> None:
    async with story(environ=LOCAL, settings=Settings(clipboard=Clipboard(watch=True))) as told:
        await told.reads("watching the clipboard")


async def test_over_ssh_the_watch_is_greyed_and_its_key_tells_why(
    clipboard: FakeClipboard,
) -> None:
    async with story(environ=SSH, settings=Settings(clipboard=Clipboard(watch=True))) as told:
        await told.press("w")
        await told.sees(lambda: says(told, "cannot be watched"))
        assert "watching" not in told.text


async def test_y_copies_the_link_under_the_cursor_or_the_marked_ones(
    clipboard: FakeClipboard,
) -> None:
    async with story([task(1), task(2), task(3)]) as told:
        urls = [told.engine.tasks[n].url for n in told.dashboard.table.visible_ids()]
        await told.press("y")
        await told.sees(lambda: says(told, "1 link sent to the terminal's clipboard"))
        assert clipboard.copied == urls[:1]
        await told.press("space", "space", "y")
        await told.sees(lambda: says(told, "2 links sent"))
        assert sorted(clipboard.copied[1].splitlines()) == sorted(urls[:2])


async def test_a_task_without_a_known_link_is_not_copied(clipboard: FakeClipboard) -> None:
    adopted = adopted_task(Adoption(77), task_id=2, at=1.0)
    async with story([task(1), adopted]) as told:
        await told.press("ctrl+a", "y")
        await told.sees(lambda: says(told, "1 link sent"))
        assert clipboard.copied == [told.engine.tasks[1].url]
    async with story([adopted]) as told:
        for key in ("y", "t"):
            await told.press(key)
            await told.sees(lambda: says(told, "its link is not known"))


async def test_the_same_key_again_shows_the_text_to_select(clipboard: FakeClipboard) -> None:
    async with story([task(1)]) as told:
        await told.press("y")
        await told.sees(lambda: clipboard.copied)
        await told.press("y")
        await told.reads("Select with the mouse")
        await told.reads(told.engine.tasks[1].url)


async def test_what_no_clipboard_takes_is_shown_at_once(clipboard: FakeClipboard) -> None:
    clipboard.sent = False
    async with story([task(1)]) as told:
        await told.press("y")
        await told.reads("Select with the mouse")


async def test_what_was_copied_here_is_not_collected(clipboard: FakeClipboard) -> None:
    async with story([task(1)], environ=LOCAL) as told:
        await told.press("y")
        await told.sees(lambda: clipboard.copied)
        watcher = told.app.clipboard_controller._watcher
        watcher.update(ClipboardResult("before"))
        assert watcher.update(ClipboardResult(clipboard.copied[0])) == []
        assert [link.url for link in watcher.update(ClipboardResult(LINKS))] == LINKS.split(" and ")


async def test_a_paste_over_another_screen_is_reviewed_once_that_is_closed() -> None:
    async with story([task(1, TaskState.FAILED)]) as told:
        await told.press("s")
        covering = told.app.screen
        told.app.post_message(events.Paste("https://example.com/kept.iso"))
        told.app.post_message(events.Paste("just words"))
        await told.sees(lambda: says(told, "Your paste is kept until this is closed."))
        assert told.app.screen is covering
        await told.press("escape")
        await told.reads("kept.iso")
        assert "just words" not in told.text
        await told.press("escape")
        await told.sees(lambda: told.app.screen is told.dashboard)


@pytest.mark.parametrize("close_key", ["enter", "escape"])
async def test_several_lines_pasted_into_a_search_are_reviewed_once_that_is_closed(
    close_key: str,
) -> None:
    async with story([task(1)]) as told:
        await told.press("slash")
        field = told.dashboard.query_one(FilterField)
        told.app.post_message(events.Paste("one\nword a line\n"))
        told.app.post_message(events.Paste("https://a.example/kept.iso\nhttps://a.example/too.iso"))
        await told.sees(lambda: says(told, "Your paste is kept until this is closed."))
        assert field.value == "one word a line"
        assert told.app.screen is told.dashboard
        await told.press(close_key)
        await told.reads("2 links to queue")


async def test_lines_pasted_into_the_search_of_actions_are_reviewed_once_that_is_closed() -> None:
    async with story([task(1)]) as told:
        await told.press("question_mark", *"re")
        search = told.app.screen.query_one("#actions-search", Input)
        told.app.post_message(events.Paste("try\nit\n"))
        told.app.post_message(events.Paste("https://a.example/kept.iso\nhttps://a.example/too.iso"))
        await told.sees(lambda: says(told, "Your paste is kept until this is closed."))
        assert search.value == "retry it"
        await told.press("escape", "escape")
        await told.reads("2 links to queue")


@pytest.mark.parametrize("field", [TextInput, NameInput, SecretInput])
async def test_every_field_leaves_lines_of_links_alone(field: type[TextInput]) -> None:
    class FieldApp(App[None]):
        left: ClassVar[list[str]] = []

        def compose(self) -> ComposeResult:
            yield field()

        def on_paste(self, event: events.Paste) -> None:
            self.left.append(event.text)

    app = FieldApp()
    async with app.run_test() as pilot:
        app.query_one(field).focus()
        app.post_message(events.Paste("https://a.example/1\r\nhttps://a.example/2"))
        app.post_message(events.Paste("one\r\n"))
        await pilot.pause()
        await pilot.pause()
        assert app.query_one(field).value == "one"
        assert app.left == ["https://a.example/1\r\nhttps://a.example/2"]


async def test_one_line_pasted_into_a_search_is_inserted() -> None:
    async with story([task(1)]) as told:
        await told.press("slash", *"part")
        field = told.dashboard.query_one(FilterField)
        told.app.post_message(events.Paste("-01 https://a.example/b\n"))
        await told.sees(lambda: field.value == "part-01 https://a.example/b")
        assert not told.toasts


async def test_a_paste_over_a_row_is_added_to_the_review() -> None:
    async with story([task(1)]) as told:
        told.app.post_message(events.Paste("https://example.com/first.iso"))
        await told.reads("1 link to queue")
        await told.press("enter")
        await told.reads("Edit the link")
        told.app.screen.set_focus(None)
        told.app.post_message(events.Paste("https://example.com/second.iso"))
        await told.sees(lambda: says(told, "Your paste is kept until this is closed."))
        await told.press("escape")
        await told.reads("2 links to queue")


async def test_links_pasted_into_the_name_of_a_task_are_reviewed_afterwards() -> None:
    async with story([task(1, TaskState.FAILED)]) as told:
        await told.press("e", "tab")
        told.app.post_message(events.Paste("https://a.example/b.iso\nhttps://a.example/c.iso"))
        await told.sees(lambda: says(told, "Your paste is kept until this is closed."))
        await told.press("escape")
        await told.reads("2 links to queue")
