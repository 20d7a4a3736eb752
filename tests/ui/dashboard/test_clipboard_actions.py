"""Clipboard keys on the dashboard."""

from pathlib import Path

import pytest
from textual import events

from pan123_tui.config.schema import Clipboard
from pan123_tui.config.settings import Settings
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.send_queue import Adoption, adopted_task
from pan123_tui.domain.task import TaskState
from pan123_tui.system.clipboard import ClipboardFailure, ClipboardReader, ClipboardResult
from pan123_tui.ui.add_links.draft import Draft
from pan123_tui.ui.clipboard import ClipboardController
from pan123_tui.ui.dashboard.filter_bar import FilterField
from tests.ui.dashboard_stage import story, task
from tests.ui.home_stage import Home

LOCAL = {"TERM": "xterm-256color", "DISPLAY": ":0"}
SSH = {"TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}
QUICK = Settings(clipboard=Clipboard(interval_s=0.01))
LINKS = "https://a.example/1.zip and https://a.example/2.zip"


class FakeClipboard:
    """Fakes all clipboard backends with the text of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reading = ClipboardResult(failure=ClipboardFailure.EMPTY)
        self.sent = True
        self.copied: list[str] = []
        monkeypatch.setattr(ClipboardController, "read_machine", self.read)
        monkeypatch.setattr(ClipboardReader, "read", self.read)
        monkeypatch.setattr(ClipboardController, "write", self.write)

    async def read(self) -> ClipboardResult:
        return self.reading

    async def write(self, text: str) -> bool:
        self.copied.append(text)
        return self.sent


@pytest.fixture
def clipboard(monkeypatch: pytest.MonkeyPatch) -> FakeClipboard:
    return FakeClipboard(monkeypatch)


async def test_p_reviews_the_links_of_the_clipboard(clipboard: FakeClipboard) -> None:
    clipboard.reading = ClipboardResult(failure=ClipboardFailure.BROKEN)
    async with story() as told:
        await told.press("p")
        await told.hears("press your terminal's paste key")
        assert told.app.screen is told.dashboard
        clipboard.reading = ClipboardResult(f"{LINKS} magnet:?xt=urn:btih:0123456789")
        await told.press("p")
        await told.reads("2 links to queue")
        assert "1 refused" in told.text


async def test_what_the_watch_collects_is_reviewed(clipboard: FakeClipboard) -> None:
    async with story(environ=LOCAL, settings=QUICK) as told:
        assert "watching" not in told.text
        await told.press("w")
        await told.reads("watching the clipboard")
        await told.sees(lambda: told.app.clipboards.watcher._latest)
        clipboard.reading = ClipboardResult(LINKS)
        await told.reads("2 new links collected")
        told.dashboard.panel.take_settings({"ui.language"})
        await told.reads("watching the clipboard  2 new links")
        await told.press("a")
        await told.reads("2 links to queue")
        assert told.app.clipboards.watcher.collected == 0
        await told.press("ctrl+x", "escape", "a")
        await told.reads("0 links to queue")
        await told.press("escape")
        for name, text in (("3", "1 new link collected"), ("4", "2 new links collected")):
            clipboard.reading = ClipboardResult(f"https://a.example/{name}.zip")
            await told.reads(text)
        clipboard.reading = ClipboardResult("words")
        await told.press("p")
        await told.reads("2 links to queue")
        await told.press("escape", "w")
        await told.sees(lambda: "collected" not in told.text and "watching" not in told.text)
        await told.sees(lambda: {it.group for it in told.app.workers} == {"engine"})


async def test_the_watch_follows_its_setting(clipboard: FakeClipboard, tmp_path: Path) -> None:
    home = Home(tmp_path, {**LOCAL, "PAN123_ACCESS_TOKEN": "good-token"})
    async with story(**home.settings_store()) as told:
        await told.press("comma")
        await told.sees(lambda: told.app.screen.query("#set-clipboard-watch"))
        told.app.screen.query_one("#set-clipboard-watch").focus()
        await told.press("space")
        await told.sees(lambda: told.app.clipboards.is_watching)
        await told.press("space")
        await told.sees(lambda: not told.app.clipboards.is_watching)
        await told.press("escape")
        assert home.written == {"clipboard": {"watch": False}}
    wanted = Settings(clipboard=Clipboard(watch=True))
    async with story(environ=LOCAL, settings=wanted) as told:
        await told.reads("watching the clipboard")
    async with story(environ=SSH, settings=wanted) as told:
        told.app.clipboards.set_watch(is_wanted=True)
        reason = "Over SSH, this machine's clipboard is not yours: press your terminal's paste key."
        await told.sees(lambda: told.toasts == [reason])
        assert "watching" not in told.text
        await told.press("comma")
        await told.sees(lambda: told.app.screen.query("#set-clipboard-watch"))
        told.app.clear_notifications()
        told.app.clipboards.set_watch(is_wanted=True)
        assert not told.toasts, "the settings say so below the switch"


async def test_y_copies_the_link_or_the_known_marked_ones(clipboard: FakeClipboard) -> None:
    adopted = adopted_task(Adoption(77), task_id=4, at=1.0)
    async with story([adopted, task(1), task(2), task(3)]) as told:
        urls = [told.engine.tasks[n].url for n in told.dashboard.table.visible_ids()]
        for key in ("y", "t"):
            await told.press(key)
            await told.hears("it has no link")
        await told.press("j", "y")
        await told.hears("1 link: sent to the terminal's clipboard")
        await told.press("k", "space", "space", "space", "y")
        await told.hears("2 links: sent")
        await told.press("S", "y")  # in the order shown
        both = urls[1:3]
        await told.sees(
            lambda: clipboard.copied == [both[0], "\n".join(both), "\n".join(reversed(both))]
        )


async def test_links_pasted_over_another_screen_are_kept_for_the_review(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    Draft(rows=tuple(extract("https://a.example/former"))).write(draft)
    async with story([task(1, TaskState.FAILED)], state_dir=tmp_path) as told:
        told.app.clear_notifications()
        for opening in (["s"], ["question_mark", *"re"], ["e"], ["slash"]):
            await told.press(*opening)
            covering = told.app.screen
            told.app.post_message(events.Paste("just words"))
            link = f"https://a.example/{opening[0]}"
            told.app.post_message(events.Paste(f"{link}\n{link}2"))
            await told.hears("Kept as a draft: close this, then a opens it.")
            assert Draft.read(draft).text.split()[-2:] == [link, f"{link}2"]
            assert told.app.screen is covering
            assert len(told.toasts) == 1
            told.app.clear_notifications()
            while told.app.screen is not told.dashboard:
                await told.press("escape")
        await told.press("escape", "a")
        await told.reads("https://a.example/former")
        await told.press("f1")
        told.app.post_message(events.Paste("https://a.example/late\nhttps://a.example/later"))
        await told.hears("Added to the review")
        told.app.clear_notifications()
        told.app.post_message(events.Paste("https://a.example/former\nhttps://a.example/former"))
        await told.hears("These links are in the draft already.")
        assert len(told.toasts) == 1
        await told.press("escape", "end")
        await told.reads("https://a.example/later")


async def test_links_pasted_over_another_screen_are_kept_in_memory_on_a_full_disk(
    tmp_path: Path,
) -> None:
    (tmp_path / "draft.json").mkdir()
    async with story([task(1)], state_dir=tmp_path) as told:
        await told.press("s")
        told.app.post_message(events.Paste("https://a.example/1\nhttps://a.example/2"))
        await told.hears("Kept as a draft: close this, then a opens it.")
        await told.press("escape", "a")
        await told.reads("2 links to queue")


async def test_words_pasted_into_a_search_are_inserted_as_one_line() -> None:
    async with story([task(1)]) as told:
        await told.press("slash", *"part")
        field = told.dashboard.query_one(FilterField)
        told.app.post_message(events.Paste("-01 https://a.example/b\n"))
        await told.sees(lambda: field.value == "part-01 https://a.example/b")
        field.value = ""
        told.app.post_message(events.Paste("one\nword a line\n"))
        await told.sees(lambda: field.value == "one word a line")
        assert not told.toasts
