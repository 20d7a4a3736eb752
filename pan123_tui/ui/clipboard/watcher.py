"""The clipboard watch, which polls the clipboard and collects new links."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from hashlib import blake2b

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.domain.links.url import host_of
from pan123_tui.ui.clipboard.local import ClipboardFailure, ClipboardResult

MAX_INTERVAL_S = 5.0
BACKOFF_FACTOR = 1.25
"""By which each poll without a change lengthens the interval."""
MAX_FAILURES = 5


class ClipboardWatcher:
    """Polls the clipboard and collects its new links until they are drained.

    It stores no text, only keyed hashes. The contents at the first poll and what this program
    has copied are skipped.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[ClipboardResult]],
        rules: Clipboard,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read = read
        self._rules = rules
        self._sleep = sleep
        self._key = secrets.token_bytes(16)
        self._latest: bytes | None = None
        self._own: set[bytes] = set()
        self._seen_links: set[str] = set()
        self._links: list[ReviewRow] = []
        self._failures = 0
        self.interval_s = rules.interval_s
        """Seconds until the next poll; grows while nothing changes."""

    @property
    def collected(self) -> int:
        """The number of collected links."""
        return len(self._links)

    def ignore(self, text: str) -> None:
        """Skip `text`, which this program has copied."""
        self._own.add(self._hash(text))

    async def run(self, on_collected: Callable[[], None]) -> ClipboardFailure:
        """Poll until too many polls in a row have failed; return the last failure."""
        self._latest, self._failures, self.interval_s = None, 0, self._rules.interval_s
        while True:
            result = await self._read()
            links = await asyncio.to_thread(self.update, result)
            is_blind = result.failure is ClipboardFailure.MARKS_UNSEEN
            if result.failure and (is_blind or self._failures >= MAX_FAILURES):
                return result.failure
            if links:
                self._links += links
                on_collected()
            await self._sleep(self.interval_s)

    def update(self, result: ClipboardResult) -> list[ReviewRow]:
        """Return the new links in `result`."""
        self._failures = self._failures + 1 if result.is_failure else 0
        current = self._latest if result.is_failure else self._hash(result.text)
        is_first, has_changed = self._latest is None, current != self._latest
        self._latest = current
        if is_first or not has_changed:
            longest_s = max(MAX_INTERVAL_S, self._rules.interval_s)
            self.interval_s = min(self.interval_s * BACKOFF_FACTOR, longest_s)
            return []
        self.interval_s = self._rules.interval_s
        return [] if current in self._own else [*self._new_links(result.text)]

    def drain(self) -> str:
        """Return the collected links, one a line, and forget them."""
        # The review asks again what must be looked at, so it needs the whole line.
        text = "\n".join(row.source if row.look else row.text for row in self._links)
        self._links = []
        return text

    def _new_links(self, text: str) -> Iterator[ReviewRow]:
        for row in extract(text):
            is_new = row.reason is None and row.key not in self._seen_links
            if is_new and self._is_allowed(host_of(row.text)):
                self._seen_links.add(row.key)
                yield row

    def _is_allowed(self, host: str) -> bool:
        rules = self._rules
        if any(is_within(host, denied) for denied in rules.deny_hosts):
            return False
        return not rules.allow_hosts or any(is_within(host, it) for it in rules.allow_hosts)

    def _hash(self, text: str) -> bytes:
        # xclip returns a text with its line ends unchanged, other tools do not.
        plain = "\n".join(text.split())
        return blake2b(plain.encode("utf-8", "replace"), key=self._key, digest_size=16).digest()


def is_within(host: str, domain: str) -> bool:
    """Return whether `host` is `domain` or a subdomain; `*.a.b` means the same as `a.b`."""
    host = host.lower().rstrip(".")
    domain = domain.lower().strip(".").removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith("." + domain))
