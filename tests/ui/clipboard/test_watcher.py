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


def watcher_after(*, first: str = "") -> ClipboardWatcher:
    """Return a watch that has polled once."""

    async def never() -> ClipboardResult:
        raise AssertionError("it is not run")

    watcher = ClipboardWatcher(never, 1.0)
    nothing = ClipboardResult(failure=ClipboardFailure.EMPTY)
    watcher.update(ClipboardResult(first) if first else nothing)
    return watcher


def links(watcher: ClipboardWatcher, text: str) -> list[str]:
    return [link.text for link in watcher.update(ClipboardResult(text))]


async def end_of(results: list[ClipboardResult]) -> tuple[ClipboardFailure, int]:
    """Return how a watch of `results` ends, and after how many of them."""
    count = 0

    async def read() -> ClipboardResult:
        nonlocal count
        count += 1
        return results[count - 1]

    watcher = ClipboardWatcher(read, 1.0, sleep=lambda _seconds: asyncio.sleep(0))
    return await watcher.run(lambda: None), count


def test_what_was_there_before_what_is_there_still_and_what_was_copied_here_is_skipped() -> None:
    watcher = watcher_after(first=LINK)
    assert links(watcher, LINK) == []
    assert links(watcher, OTHER) == [OTHER]
    assert links(watcher, OTHER) == []
    broken = ClipboardResult(failure=ClipboardFailure.BROKEN)
    assert watcher.update(broken) == []
    assert links(watcher, OTHER) == [], "it is there still after a failure"
    watcher.ignore(f"{LINK}\n{OTHER}")
    assert links(watcher, f"{LINK}\r\n{OTHER}\n") == []
    watcher.ignore("another")
    assert links(watcher, LINK) == [LINK]
    assert links(watcher, f"{LINK}\n{OTHER}") == [], "copied here at any time"


async def test_a_link_with_a_doubtful_end_is_collected_with_its_line() -> None:
    text = "看 https://a.example/my file.zip 好"
    results = [ClipboardResult(LINK), ClipboardResult(text)]

    async def read() -> ClipboardResult:
        return results.pop(0) if len(results) > 1 else results[0]

    watcher = ClipboardWatcher(read, 1.0, sleep=lambda _: asyncio.sleep(0))
    collected = asyncio.Event()
    running = asyncio.create_task(watcher.run(collected.set))
    await asyncio.wait_for(collected.wait(), 10)
    running.cancel()
    assert watcher.drain() == text


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


async def test_what_was_copied_while_nobody_watched_is_not_collected() -> None:
    broken = [ClipboardResult(failure=ClipboardFailure.BROKEN)] * MAX_FAILURES
    results = [ClipboardResult("first"), *broken, ClipboardResult(LINK), *broken]

    async def read() -> ClipboardResult:
        return results.pop(0)

    watcher = ClipboardWatcher(read, 1.0, sleep=lambda _seconds: asyncio.sleep(0))
    for _run in range(2):
        await watcher.run(lambda: None)
    assert watcher.collected == 0


async def test_failures_in_a_row_end_the_watch_and_nothing_to_read_is_none() -> None:
    broken = ClipboardResult(failure=ClipboardFailure.BROKEN)
    spared = [broken, ClipboardResult(failure=ClipboardFailure.EMPTY)] * MAX_FAILURES
    ended = await end_of(spared + [broken] * MAX_FAILURES)
    assert ended == (ClipboardFailure.BROKEN, len(spared) + MAX_FAILURES)


async def test_the_watcher_collects_until_the_clipboard_fails() -> None:
    results = [ClipboardResult("first"), ClipboardResult(LINK), ClipboardResult(OTHER)]
    results += [ClipboardResult(failure=ClipboardFailure.BROKEN)] * MAX_FAILURES
    waits: list[float] = []
    collected: list[int] = []

    async def read() -> ClipboardResult:
        return results.pop(0)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    watcher = ClipboardWatcher(read, 1.0, sleep=sleep)
    failure = await watcher.run(lambda: collected.append(watcher.collected))
    assert failure is ClipboardFailure.BROKEN
    assert collected == [1, 2]
    assert waits
    assert watcher.drain() == f"{LINK}\n{OTHER}"
    assert watcher.drain() == ""
