"""The clipboard watch, which polls the clipboard and collects new links."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from hashlib import blake2b

from msgspec import Struct

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.extractor import ExtractedLink, extract
from pan123_tui.domain.links.url import duplicate_key, host_of
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

MAX_INTERVAL_S = 5.0
BACKOFF_FACTOR = 1.25
"""By which each poll without a change lengthens the interval."""
MAX_FAILURES = 5
MAX_SEEN_LINKS = 10_000
MAX_COLLECTED_LINKS = 5_000


class WatchStep(Struct, frozen=True):
    """The result of one poll."""

    links: Sequence[ExtractedLink] = ()
    """New links."""
    is_last: bool = False
    """Whether the watch ends, because too many polls in a row have failed."""


class ClipboardChangeDetector:
    """Finds new links; stores no text, only keyed hashes.

    The contents at the first poll and what this program has copied are skipped.
    """

    def __init__(self, rules: Clipboard) -> None:
        self._rules = rules
        self._key = secrets.token_bytes(16)
        self._has_polled = False
        self._latest = b""
        self._own: set[bytes] = set()
        self._seen_links: set[str] = set()
        self._failures = 0
        self.interval_s = rules.interval_s
        """Seconds until the next poll; grows while nothing changes."""

    def reset(self) -> None:
        """Skip the contents at the next poll, as at the first."""
        self._has_polled = False
        self._failures = 0
        self.interval_s = self._rules.interval_s

    def ignore(self, text: str) -> None:
        """Skip `text`, which this program has copied."""
        self._own.add(self._hash(text))

    def update(self, result: ClipboardResult) -> WatchStep:
        """Return the new links in `result`."""
        if result.is_failure:
            self._back_off()
            self._failures += 1
            return WatchStep(is_last=self._failures >= MAX_FAILURES)
        self._failures = 0
        if result.is_unchanged:
            self._back_off()
            return WatchStep()
        current = self._hash(result.text)
        has_changed, self._latest = current != self._latest, current
        is_first, self._has_polled = not self._has_polled, True
        if not has_changed or is_first:
            self._back_off()
            return WatchStep()
        self.interval_s = self._rules.interval_s
        return WatchStep(() if current in self._own else tuple(self._new_links(result.text)))

    def _new_links(self, text: str) -> Iterator[ExtractedLink]:
        for link in extract(text).links:
            key = duplicate_key(link.longer_url or link.url)
            if key not in self._seen_links and self._is_allowed(host_of(link.url)):
                if len(self._seen_links) >= MAX_SEEN_LINKS:
                    self._seen_links.clear()
                self._seen_links.add(key)
                yield link

    def _is_allowed(self, host: str) -> bool:
        rules = self._rules
        if any(is_within(host, denied) for denied in rules.deny_hosts):
            return False
        return not rules.allow_hosts or any(is_within(host, it) for it in rules.allow_hosts)

    def _back_off(self) -> None:
        longest_s = max(MAX_INTERVAL_S, self._rules.interval_s)
        self.interval_s = min(self.interval_s * BACKOFF_FACTOR, longest_s)

    def _hash(self, text: str) -> bytes:
        # xclip returns a text with its line ends unchanged, other tools do not.
        plain = "\n".join(text.split())
        return blake2b(plain.encode("utf-8", "replace"), key=self._key, digest_size=16).digest()


def is_within(host: str, domain: str) -> bool:
    """Return whether `host` is `domain` or a subdomain; `*.a.b` means the same as `a.b`."""
    host = host.lower().rstrip(".")
    domain = domain.lower().strip(".").removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith("." + domain))


class ClipboardWatcher:
    """Polls the clipboard and collects its new links until they are drained."""

    def __init__(
        self,
        read: Callable[[], Awaitable[ClipboardResult]],
        rules: Clipboard,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read = read
        self._sleep = sleep
        self._detector = ClipboardChangeDetector(rules)
        self._links: list[ExtractedLink] = []

    @property
    def collected(self) -> int:
        """The number of collected links."""
        return len(self._links)

    def ignore(self, text: str) -> None:
        """Skip `text`, which this program has copied."""
        self._detector.ignore(text)

    async def run(self, on_collected: Callable[[], None]) -> ClipboardFailure:
        """Poll until too many polls in a row have failed; return the last failure."""
        self._detector.reset()
        while True:
            result = await self._read()
            if result.failure is ClipboardFailure.MARKS_UNSEEN:
                return result.failure
            step = await asyncio.to_thread(self._detector.update, result)
            if step.is_last:
                return result.failure or ClipboardFailure.BROKEN
            if step.links:
                self._links = [*self._links, *step.links][-MAX_COLLECTED_LINKS:]
                on_collected()
            await self._sleep(self._detector.interval_s)

    def drain(self) -> str:
        """Return the collected links, one a line, and forget them."""
        # The review asks again where a link ends, so it needs the whole line.
        text = "\n".join(link.source if link.longer_url else link.url for link in self._links)
        self._links = []
        return text
