"""What the clipboard watch collects, and how often it polls."""

import asyncio

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult
from pan123_tui.ui.clipboard.watcher import (
    MAX_FAILURES,
    MAX_INTERVAL_S,
    ClipboardChangeDetector,
    ClipboardWatcher,
    is_within,
)

LINK = "https://a.example/1.zip"
OTHER = "http://b.example/2.zip"


def detector_after(rules: Clipboard = Clipboard(), *, first: str = "") -> ClipboardChangeDetector:  # noqa: B008
    detector = ClipboardChangeDetector(rules)
    detector.reset()
    detector.update(
        ClipboardResult(first) if first else ClipboardResult(failure=ClipboardFailure.EMPTY)
    )
    return detector


def links(detector: ClipboardChangeDetector, text: str) -> list[str]:
    return [link.url for link in detector.update(ClipboardResult(text)).links]


def test_what_was_there_before_the_watch_is_skipped() -> None:
    detector = detector_after(first=LINK)
    assert links(detector, LINK) == []
    assert links(detector, OTHER) == [OTHER]


def test_a_new_link_counts_once() -> None:
    detector = detector_after()
    assert links(detector, LINK) == [LINK]
    assert links(detector, LINK) == []
    assert links(detector, f"{OTHER} {LINK}") == [OTHER]
    assert links(detector, LINK) == []


def test_links_that_differ_only_after_a_doubtful_end_are_two() -> None:
    detector = detector_after()
    cut = "https://a.example/x"
    assert links(detector, f"看 {cut}，上.zip 好") == [cut]
    assert links(detector, f"看 {cut}，下.zip 好") == [cut]


def test_a_long_text_that_is_not_read_again_counts_as_unchanged() -> None:
    detector = detector_after()
    unchanged = ClipboardResult(is_unchanged=True)
    assert detector.update(unchanged).links == ()
    before_s = detector.interval_s
    detector.update(unchanged)
    assert detector.interval_s > before_s
    assert links(detector, LINK) == [LINK]


async def test_the_watch_ends_at_once_where_marks_of_password_managers_are_not_seen() -> None:
    reads: list[str] = []

    async def read() -> ClipboardResult:
        reads.append("read")
        return ClipboardResult(failure=ClipboardFailure.MARKS_UNSEEN)

    watcher = ClipboardWatcher(read, Clipboard(), sleep=lambda _seconds: asyncio.sleep(0))
    assert await watcher.run(lambda: None) is ClipboardFailure.MARKS_UNSEEN
    assert reads == ["read"]


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
    detector = detector_after()
    detector.ignore(f"{LINK}\n{OTHER}")
    assert links(detector, f"{LINK}\r\n{OTHER}\n") == []


def test_a_thunder_link_is_taken_and_a_magnet_is_not() -> None:
    detector = detector_after()
    assert links(detector, "thunder://QUFodHRwczovL2EuZXhhbXBsZS8xLnppcFpa") == [LINK]
    assert links(detector, "magnet:?xt=urn:btih:abc ftp://a.example/x secret") == []


def test_only_allowed_hosts_are_taken() -> None:
    detector = detector_after(Clipboard(allow_hosts=("a.example",)))
    assert links(detector, f"{LINK} {OTHER} https://cdn.a.example/3") == [
        LINK,
        "https://cdn.a.example/3",
    ]


def test_denied_hosts_are_never_taken() -> None:
    detector = detector_after(Clipboard(allow_hosts=("example",), deny_hosts=("*.b.example",)))
    assert links(detector, f"{LINK} {OTHER}") == [LINK]


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
    detector = detector_after()
    waits = [detector.interval_s]
    for _ in range(20):
        detector.update(ClipboardResult("the same"))
        waits.append(detector.interval_s)
    assert waits[1] == 1.0
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] == MAX_INTERVAL_S
    detector.update(ClipboardResult("another"))
    assert detector.interval_s == 1.0


def test_failures_in_a_row_end_the_watch() -> None:
    detector = detector_after()
    broken = ClipboardResult(failure=ClipboardFailure.FROZEN)
    steps = [detector.update(broken).is_last for _ in range(MAX_FAILURES)]
    assert steps == [False] * (MAX_FAILURES - 1) + [True]


@pytest.mark.parametrize("failure", [ClipboardFailure.EMPTY, ClipboardFailure.SECRET])
def test_nothing_to_read_is_no_failure(failure: ClipboardFailure) -> None:
    detector = detector_after()
    broken = ClipboardResult(failure=ClipboardFailure.BROKEN)
    for _ in range(4 * MAX_FAILURES):
        assert not detector.update(broken).is_last
        assert not detector.update(ClipboardResult(failure=failure)).is_last


def test_a_failed_first_poll_does_not_count_as_the_first() -> None:
    detector = ClipboardChangeDetector(Clipboard())
    detector.update(ClipboardResult(failure=ClipboardFailure.FROZEN))
    assert links(detector, LINK) == []


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
