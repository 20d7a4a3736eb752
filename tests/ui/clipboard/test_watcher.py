"""What the clipboard watch collects, and how often it polls."""

import asyncio

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.ui.clipboard.local import ClipboardFailure, ClipboardResult
from pan123_tui.ui.clipboard.watcher import (
    MAX_FAILURES,
    MAX_INTERVAL_S,
    ClipboardWatcher,
    is_within,
)

LINK = "https://a.example/1.zip"
OTHER = "http://b.example/2.zip"


def watcher_after(rules: Clipboard = Clipboard(), *, first: str = "") -> ClipboardWatcher:  # noqa: B008
    """Return a watch that has polled once."""

    async def never() -> ClipboardResult:
        raise AssertionError("it is not run")

    watcher = ClipboardWatcher(never, rules)
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

    watcher = ClipboardWatcher(read, Clipboard(), sleep=lambda _seconds: asyncio.sleep(0))
    return await watcher.run(lambda: None), count


def test_what_was_there_before_the_watch_is_skipped() -> None:
    watcher = watcher_after(first=LINK)
    assert links(watcher, LINK) == []
    assert links(watcher, OTHER) == [OTHER]


def test_a_new_link_counts_once() -> None:
    watcher = watcher_after()
    assert links(watcher, LINK) == [LINK]
    assert links(watcher, LINK) == []
    assert links(watcher, f"{OTHER} {LINK}") == [OTHER]
    assert links(watcher, LINK) == []


def test_links_that_differ_only_after_a_doubtful_end_are_two() -> None:
    watcher = watcher_after()
    cut = "https://a.example/x"
    for rest in ("，上.zip", "，下.zip"):
        assert links(watcher, f"看 {cut}{rest} 好") == [cut + rest]


async def test_the_watch_ends_at_once_where_marks_of_password_managers_are_not_seen() -> None:
    unseen = ClipboardResult(failure=ClipboardFailure.MARKS_UNSEEN)
    assert await end_of([unseen]) == (ClipboardFailure.MARKS_UNSEEN, 1)


async def test_a_link_with_a_doubtful_end_is_collected_with_its_line() -> None:
    text = "看 https://a.example/my file.zip 好"
    results = [ClipboardResult(LINK), ClipboardResult(text)]

    async def read() -> ClipboardResult:
        return results.pop(0) if len(results) > 1 else results[0]

    watcher = ClipboardWatcher(read, Clipboard(), sleep=lambda _: asyncio.sleep(0))
    collected = asyncio.Event()
    running = asyncio.create_task(watcher.run(collected.set))
    await asyncio.wait_for(collected.wait(), 10)
    running.cancel()
    assert watcher.drain() == text


def test_what_this_program_has_copied_is_skipped() -> None:
    watcher = watcher_after()
    watcher.ignore(f"{LINK}\n{OTHER}")
    assert links(watcher, f"{LINK}\r\n{OTHER}\n") == []


def test_a_thunder_link_is_taken_and_a_magnet_is_not() -> None:
    watcher = watcher_after()
    assert links(watcher, "thunder://QUFodHRwczovL2EuZXhhbXBsZS8xLnppcFpa") == [LINK]
    assert links(watcher, "magnet:?xt=urn:btih:abc ftp://a.example/x secret") == []


def test_only_allowed_hosts_are_taken() -> None:
    watcher = watcher_after(Clipboard(allow_hosts=("a.example",)))
    assert links(watcher, f"{LINK} {OTHER} https://cdn.a.example/3") == [
        LINK,
        "https://cdn.a.example/3",
    ]


def test_denied_hosts_are_never_taken() -> None:
    watcher = watcher_after(Clipboard(allow_hosts=("example",), deny_hosts=("*.b.example",)))
    assert links(watcher, f"{LINK} {OTHER}") == [LINK]


@pytest.mark.parametrize(
    ("host", "domain", "expected"),
    [
        ("a.b", "a.b", True),
        ("x.A.b", "a.B", True),
        ("xa.b", "a.b", False),
        ("a.b", "*.a.b", True),
        ("a.b", ".a.b", True),
        ("a.b.", "a.b", True),
        ("a.b", "", False),
        ("b", "a.b", False),
    ],
)
def test_a_domain_holds_all_below_it(host: str, domain: str, expected: bool) -> None:
    assert is_within(host, domain) is expected


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


@pytest.mark.parametrize("failure", [ClipboardFailure.EMPTY, ClipboardFailure.SECRET])
async def test_failures_in_a_row_end_the_watch_and_nothing_to_read_is_none(
    failure: ClipboardFailure,
) -> None:
    broken = ClipboardResult(failure=ClipboardFailure.FROZEN)
    spared = [broken, ClipboardResult(failure=failure)] * MAX_FAILURES
    ended = await end_of(spared + [broken] * MAX_FAILURES)
    assert ended == (ClipboardFailure.FROZEN, len(spared) + MAX_FAILURES)


def test_a_failed_first_poll_does_not_count_as_the_first() -> None:
    watcher = watcher_after()
    watcher = ClipboardWatcher(watcher._read, Clipboard())
    watcher.update(ClipboardResult(failure=ClipboardFailure.FROZEN))
    assert links(watcher, LINK) == []


async def test_the_watcher_collects_until_the_clipboard_fails() -> None:
    results = [ClipboardResult("first"), ClipboardResult(LINK), ClipboardResult(OTHER)]
    results += [ClipboardResult(failure=ClipboardFailure.BROKEN)] * MAX_FAILURES
    waits: list[float] = []
    collected: list[int] = []

    async def read() -> ClipboardResult:
        return results.pop(0)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    watcher = ClipboardWatcher(read, Clipboard(), sleep=sleep)
    failure = await watcher.run(lambda: collected.append(watcher.collected))
    assert failure is ClipboardFailure.BROKEN
    assert collected == [1, 2]
    assert waits
    assert watcher.drain() == f"{LINK}\n{OTHER}"
    assert watcher.drain() == ""
