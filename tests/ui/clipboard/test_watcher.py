"""The rules of the clipboard watch."""

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult
from pan123_tui.ui.clipboard.watcher import (
    MOST_FAILURES,
    SLOWEST_S,
    ClipboardChangeDetector,
    ClipboardWatcher,
    is_within,
)

LINK = "https://a.example/1.zip"
OTHER = "http://b.example/2.zip"


def watching(rules: Clipboard = Clipboard(), *, first: str = "") -> ClipboardChangeDetector:  # noqa: B008
    watch = ClipboardChangeDetector(rules)
    watch.begin()
    watch.see(ClipboardResult(first) if first else ClipboardResult(failure=ClipboardFailure.EMPTY))
    return watch


def links(watch: ClipboardChangeDetector, text: str) -> list[str]:
    return [link.url for link in watch.see(ClipboardResult(text)).links]


def test_what_was_there_before_the_watch_is_skipped() -> None:
    watch = watching(first=LINK)
    assert links(watch, LINK) == []
    assert links(watch, OTHER) == [OTHER]


def test_a_new_link_counts_once() -> None:
    watch = watching()
    assert links(watch, LINK) == [LINK]
    assert links(watch, LINK) == []
    assert links(watch, f"{OTHER} {LINK}") == [OTHER]
    assert links(watch, LINK) == []


def test_what_this_program_has_copied_is_skipped() -> None:
    watch = watching()
    watch.ignore(f"{LINK}\n{OTHER}")
    assert links(watch, f"{LINK}\r\n{OTHER}\n") == []


def test_a_thunder_link_is_taken_and_a_magnet_is_not() -> None:
    watch = watching()
    assert links(watch, "thunder://QUFodHRwczovL2EuZXhhbXBsZS8xLnppcFpa") == [LINK]
    assert links(watch, "magnet:?xt=urn:btih:abc ftp://a.example/x secret") == []


def test_only_allowed_hosts_are_taken() -> None:
    watch = watching(Clipboard(allow_hosts=("a.example",)))
    assert links(watch, f"{LINK} {OTHER} https://cdn.a.example/3") == [
        LINK,
        "https://cdn.a.example/3",
    ]


def test_denied_hosts_are_never_taken() -> None:
    watch = watching(Clipboard(allow_hosts=("example",), deny_hosts=("*.b.example",)))
    assert links(watch, f"{LINK} {OTHER}") == [LINK]


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


def test_the_waits_grow_while_nothing_changes_and_shrink_with_news() -> None:
    watch = watching()
    waits = [watch.wait_s]
    for _ in range(20):
        watch.see(ClipboardResult("the same"))
        waits.append(watch.wait_s)
    assert waits[1] == 1.0
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] == SLOWEST_S
    watch.see(ClipboardResult("another"))
    assert watch.wait_s == 1.0


def test_failures_in_a_row_end_the_watch() -> None:
    watch = watching()
    broken = ClipboardResult(failure=ClipboardFailure.FROZEN)
    looks = [watch.see(broken).is_last for _ in range(MOST_FAILURES)]
    assert looks == [False] * (MOST_FAILURES - 1) + [True]


@pytest.mark.parametrize("fault", [ClipboardFailure.EMPTY, ClipboardFailure.SECRET])
def test_nothing_to_read_is_no_failure(fault: ClipboardFailure) -> None:
    watch = watching()
    broken = ClipboardResult(failure=ClipboardFailure.BROKEN)
    for _ in range(4 * MOST_FAILURES):
        assert not watch.see(broken).is_last
        assert not watch.see(ClipboardResult(failure=fault)).is_last


def test_a_failed_first_look_does_not_count_as_the_first() -> None:
    watch = ClipboardChangeDetector(Clipboard())
    watch.see(ClipboardResult(failure=ClipboardFailure.FROZEN))
    assert links(watch, LINK) == []


async def test_the_watcher_collects_until_the_clipboard_fails() -> None:
    readings = [ClipboardResult("first"), ClipboardResult(LINK), ClipboardResult(OTHER)]
    readings += [ClipboardResult(failure=ClipboardFailure.BROKEN)] * MOST_FAILURES
    waits: list[float] = []
    collected: list[int] = []

    async def read() -> ClipboardResult:
        return readings.pop(0)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    watcher = ClipboardWatcher(read, Clipboard(), sleep=sleep)
    fault = await watcher.run(lambda: collected.append(watcher.collected))
    assert fault is ClipboardFailure.BROKEN
    assert collected == [1, 2]
    assert waits
    assert watcher.drain() == f"{LINK}\n{OTHER}"
    assert watcher.drain() == ""
