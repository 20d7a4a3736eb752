"""What the clipboard watch collects, and how often it polls."""

import asyncio

from pan123_tui.ui.clipboard.controller import (
    MAX_FAILURES,
    MAX_INTERVAL_S,
    ClipboardWatcher,
)
from pan123_tui.ui.clipboard.local import ClipboardFailure, ClipboardResult

LINK = "https://a.example/1.zip"
OTHER = "http://b.example/2.zip"
BROKEN = ClipboardResult(failure=ClipboardFailure.BROKEN)


def watcher_after(*, first: str = "") -> ClipboardWatcher:
    """Return a watch that has polled once."""

    async def never() -> ClipboardResult:
        raise AssertionError("it is not run")

    watcher = ClipboardWatcher(never, 1.0)
    nothing = ClipboardResult(failure=ClipboardFailure.EMPTY)
    watcher.update(ClipboardResult(first) if first else nothing)
    return watcher


def watcher_of(results: list[ClipboardResult]) -> ClipboardWatcher:
    """Return a watch whose polls give `results`."""

    async def read() -> ClipboardResult:
        return results.pop(0)

    return ClipboardWatcher(read, 1.0, sleep=lambda _seconds: asyncio.sleep(0))


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
    assert links(watcher, LINK) == [LINK]
    assert links(watcher, f"{LINK}\n{OTHER}") == [], "copied here at any time"


def test_a_thunder_link_is_taken_and_a_magnet_is_not() -> None:
    watcher = watcher_after()
    assert links(watcher, "thunder://QUFodHRwczovL2EuZXhhbXBsZS8xLnppcFpa") == [LINK]
    assert links(watcher, "magnet:?xt=urn:btih:abc ftp://a.example/x secret") == []


def test_the_interval_grows_while_nothing_changes() -> None:
    watcher = watcher_after()
    waits = [watcher.interval_s]
    for _ in range(20):
        watcher.update(ClipboardResult("the same"))
        waits.append(watcher.interval_s)
    assert waits[1] == 1.0
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] == MAX_INTERVAL_S
    watcher.update(ClipboardResult("another"))
    assert watcher.interval_s == 1.0


async def test_a_watch_goes_on_until_it_fails_often_in_a_row_and_the_next_one_begins_anew() -> None:
    doubtful = "看 https://a.example/my file.zip 好"
    spared = [BROKEN, ClipboardResult(failure=ClipboardFailure.EMPTY)] * MAX_FAILURES
    results = [ClipboardResult(LINK), *spared, ClipboardResult(doubtful), *[BROKEN] * MAX_FAILURES]
    watcher = watcher_of([*results, *map(ClipboardResult, (OTHER, LINK)), *[BROKEN] * MAX_FAILURES])
    seen: list[int] = []
    for _run in range(2):
        ended = await watcher.run(lambda: seen.append(watcher.collected))
        assert ended is ClipboardFailure.BROKEN
    assert seen == [1, 2]
    assert watcher.drain() == f"{doubtful}\n{LINK}", "with the line of a doubtful one"
    assert (watcher.collected, watcher.drain()) == (0, "")
