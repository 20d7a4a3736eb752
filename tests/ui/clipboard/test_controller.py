"""What the keys and the watch of the clipboard tell, and what they do when used again."""

import asyncio
from unittest.mock import Mock

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.system.clipboard import ClipboardFailure, ClipboardReader, ClipboardResult
from pan123_tui.terminal.textual_private import MAX_TOASTS
from pan123_tui.ui.clipboard import (
    MAX_FAILURES,
    ClipboardController,
    ClipboardWatcher,
)
from pan123_tui.ui.dialogs.prompts import TextScreen
from tests.ui.stage import Stage, shown
from tests.ui.textual_private import messages

LINK, OTHER = "https://a.example/1.zip", "https://a.example/2.zip"
BROKEN = ClipboardResult(failure=ClipboardFailure.BROKEN)


def controller_of(app: Stage, **environ: str) -> ClipboardController:
    return ClipboardController(app, environ, Clipboard(), terminal=Mock())


async def test_what_is_no_link_gives_nothing_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [
        ClipboardResult(f"see {LINK}"),
        ClipboardResult("[/b] hello"),
        ClipboardResult(failure=ClipboardFailure.EMPTY),
    ]

    async def read(_clipboards: object) -> ClipboardResult:
        return results[0]

    monkeypatch.setattr(ClipboardController, "read_machine", read)
    app = Stage()
    async with app.run_test(notifications=True) as pilot:
        controller = controller_of(app)
        assert await controller.read() == f"see {LINK}"
        await pilot.pause()
        assert messages(app) == []
        del results[0]
        assert await controller.read() == ""
        assert await controller.read_text() == "[/b] hello", "the review takes any text"
        await pilot.pause()
        assert messages(app) == ["There is no link in the clipboard."]
        del results[0]
        assert await controller.read() == await controller.read_text() == ""
        await pilot.pause()
        assert set(messages(app)[1:]) == {"There is no text in the clipboard."}


async def test_a_watch_tells_of_each_link_once_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["before", LINK, "between", OTHER, LINK]
    results = [*map(ClipboardResult, texts), *[BROKEN] * MAX_FAILURES]

    async def read(_reader: object) -> ClipboardResult:
        return results.pop(0)

    async def write(_clipboards: object, _text: str) -> bool:
        return True

    monkeypatch.setattr(ClipboardReader, "read", read)
    monkeypatch.setattr(ClipboardController, "write", write)
    app = Stage()
    async with app.run_test(notifications=True) as pilot:
        controller = controller_of(app, DISPLAY=":0")
        controller.watcher._sleep = lambda _seconds: asyncio.sleep(0)
        assert controller.disabled_reason == ""
        await controller.copy(OTHER, "1 link")
        seen: list[tuple[bool, int]] = []
        controller.on_change = lambda: seen.append(
            (controller.is_watching, controller.watcher.collected)
        )
        await controller.watch()
        assert seen == [(True, 0), (True, 1), (True, 2), (False, 2)]
        await pilot.pause()
        assert messages(app)[-1].startswith("The clipboard is no longer watched. The clipboard")
        assert controller.watcher.drain() == f"{LINK}\n{LINK}"


def test_over_ssh_a_watch_is_refused_with_its_reason_though_the_settings_ask_for_it() -> None:
    for environ, is_possible in (({"DISPLAY": ":0"}, True), ({"SSH_TTY": "/dev/pts/1"}, False)):
        controller = ClipboardController(Stage(), environ, Clipboard(watch=True), terminal=Mock())
        assert controller.should_watch is is_possible
        assert ("Over SSH" in controller.disabled_reason) is not is_possible


@pytest.mark.parametrize(
    ("is_sent", "shown_for"), [(True, [False, True, False, False, False]), (False, [True] * 5)]
)
async def test_a_text_is_copied_then_shown_for_selection_and_at_once_if_it_cannot_be_sent(
    monkeypatch: pytest.MonkeyPatch, is_sent: bool, shown_for: list[bool]
) -> None:
    copied: list[str] = []

    async def write(_clipboards: object, text: str) -> bool:
        copied.append(text)
        return is_sent

    monkeypatch.setattr(ClipboardController, "write", write)
    app, seen = Stage(), []
    async with app.run_test(notifications=True) as pilot:
        controller = controller_of(app)
        await controller.copy("", "0 links")
        await pilot.pause()
        assert messages(app) == ["There is nothing to copy."]
        for text in (LINK, LINK, LINK, OTHER, LINK):
            await controller.copy(text, "[/b] link")
            await pilot.pause()
            seen.append(isinstance(app.screen, TextScreen))
            if seen[-1]:
                assert "[/b] link" in shown(app)
                await pilot.press("escape")
        await pilot.pause()
        sent = [it for it in messages(app) if it.startswith("[/b] link: sent to the terminal's")]
        assert len(sent) == min(seen.count(False), MAX_TOASTS)
    assert seen == shown_for
    assert copied == ([LINK, LINK, OTHER, LINK] if is_sent else [LINK, LINK, LINK, OTHER, LINK])


# The watch itself


def watcher_after(*, first: str = "") -> ClipboardWatcher:
    """Return a watch that has polled once."""

    watcher = ClipboardWatcher(1.0)
    nothing = ClipboardResult(failure=ClipboardFailure.EMPTY)
    watcher.update(ClipboardResult(first) if first else nothing)
    return watcher


def links(watcher: ClipboardWatcher, text: str) -> list[str]:
    return [link.text for link in watcher.update(ClipboardResult(text))]


def test_what_was_there_before_what_is_there_still_and_what_was_copied_here_is_skipped() -> None:
    watcher = watcher_after(first=LINK)
    assert links(watcher, LINK) == []
    assert links(watcher, OTHER) == [OTHER]
    assert links(watcher, OTHER) == []
    assert watcher.update(BROKEN) == []
    assert links(watcher, OTHER) == [], "it is there still after a failure"
    watcher.ignore(f"{LINK}\n{OTHER}")
    assert links(watcher, f"{LINK}\r\n{OTHER}\n") == []
    watcher.ignore("another")
    assert watcher.update(BROKEN) == []
    assert links(watcher, LINK) == [LINK], "copied while it could not be read"
    assert links(watcher, f"{LINK}\n{OTHER}") == [], "copied here at any time"


def test_a_thunder_link_is_taken_and_a_magnet_is_not() -> None:
    watcher = watcher_after()
    assert links(watcher, "thunder://QUFodHRwczovL2EuZXhhbXBsZS8xLnppcFpa") == [LINK]
    assert links(watcher, "magnet:?xt=urn:btih:abc ftp://a.example/x secret") == []


async def test_a_watch_goes_on_until_it_fails_often_in_a_row_and_the_next_one_begins_anew() -> None:
    doubtful = "看 https://a.example/my file.zip 好"
    spared = [BROKEN, ClipboardResult(failure=ClipboardFailure.EMPTY)] * MAX_FAILURES
    results = [ClipboardResult(LINK), *spared, ClipboardResult(doubtful), *[BROKEN] * MAX_FAILURES]
    results += [*map(ClipboardResult, (OTHER, LINK)), *[BROKEN] * MAX_FAILURES]

    async def read() -> ClipboardResult:
        return results.pop(0)

    watcher = ClipboardWatcher(1.0, sleep=lambda _seconds: asyncio.sleep(0))
    seen: list[int] = []
    for _run in range(2):
        ended = await watcher.run(read, lambda: seen.append(watcher.collected))
        assert ended is ClipboardFailure.BROKEN
    assert seen == [1, 2]
    assert watcher.drain() == f"{doubtful}\n{LINK}", "with the line of a doubtful one"
    assert (watcher.collected, watcher.drain()) == (0, "")
