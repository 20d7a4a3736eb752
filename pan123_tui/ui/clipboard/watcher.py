"""The clipboard watch while it runs: looks again and again, and collects what is new."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from hashlib import blake2b

from msgspec import Struct

from pan123_tui.config.schema import Clipboard
from pan123_tui.domain.links.extractor import ExtractedLink, extract
from pan123_tui.domain.links.url import duplicate_key, host_of
from pan123_tui.ui.clipboard.result import ClipboardFailure, ClipboardResult

SLOWEST_S = 5.0
SLOWING = 1.25
"""How much longer each look in vain makes the wait for the next."""
MOST_FAILURES = 5
MOST_KNOWN = 10_000
"""So many links are remembered as seen."""


class WatchStep(Struct, frozen=True):
    """What one look gave."""

    links: Sequence[ExtractedLink] = ()
    """Those that are new."""
    is_last: bool = False
    """Whether the watch ends here, because it has failed too often in a row."""


class ClipboardChangeDetector:
    """Tells new links from what was there before; keeps no text, only hashes under a key.

    What the clipboard holds at the first look was copied before the watch and is none of its
    business; neither is what this program has put there.
    """

    def __init__(self, rules: Clipboard) -> None:
        self._rules = rules
        self._key = secrets.token_bytes(16)
        self._has_looked = False
        self._latest = b""
        self._own: set[bytes] = set()
        self._known: set[str] = set()
        self._failures = 0
        self.wait_s = rules.interval_s
        """How long to wait before the next look: longer and longer while nothing changes."""

    def begin(self) -> None:
        """Begin anew: what is there at the next look was there before."""
        self._has_looked = False
        self._failures = 0
        self.wait_s = self._rules.interval_s

    def ignore(self, text: str) -> None:
        """Take `text` for what it is: copied by this program."""
        self._own.add(self._hash(text))

    def see(self, reading: ClipboardResult) -> WatchStep:
        """Take what was read."""
        if reading.is_failure:
            self._slow_down()
            self._failures += 1
            return WatchStep(is_last=self._failures >= MOST_FAILURES)
        self._failures = 0
        seen = self._hash(reading.text)
        has_changed, self._latest = seen != self._latest, seen
        is_first, self._has_looked = not self._has_looked, True
        if not has_changed or is_first:
            self._slow_down()
            return WatchStep()
        self.wait_s = self._rules.interval_s
        if seen in self._own:
            return WatchStep()
        return WatchStep(tuple(self._new_links(reading.text)))

    def _new_links(self, text: str) -> Iterator[ExtractedLink]:
        for link in extract(text).links:
            key = duplicate_key(link.url)
            if key not in self._known and self._is_wanted(host_of(link.url)):
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known.add(key)
                yield link

    def _is_wanted(self, host: str) -> bool:
        rules = self._rules
        if any(is_within(host, denied) for denied in rules.deny_hosts):
            return False
        return not rules.allow_hosts or any(is_within(host, it) for it in rules.allow_hosts)

    def _slow_down(self) -> None:
        slowest_s = max(SLOWEST_S, self._rules.interval_s)
        self.wait_s = min(self.wait_s * SLOWING, slowest_s)

    def _hash(self, text: str) -> bytes:
        # xclip gives a text back with its line ends as they are, other tools do not.
        plain = "\n".join(text.split())
        return blake2b(plain.encode("utf-8", "replace"), key=self._key, digest_size=16).digest()


def is_within(host: str, domain: str) -> bool:
    """Tell whether `host` is `domain` or below it; `*.a.b` means the same as `a.b`."""
    host = host.lower().rstrip(".")
    domain = domain.lower().strip(".").removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith("." + domain))


MOST_COLLECTED = 5_000


class ClipboardWatcher:
    """Collects links until they are taken; a new run begins with what is there by then."""

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
        """How many links wait to be taken."""
        return len(self._links)

    def ignore(self, text: str) -> None:
        """Leave `text` alone when it turns up: this program has copied it."""
        self._detector.ignore(text)

    async def run(self, on_collected: Callable[[], None]) -> ClipboardFailure:
        """Watch until too many looks have failed in a row, and give why the last one did."""
        self._detector.begin()
        while True:
            reading = await self._read()
            look = await asyncio.to_thread(self._detector.see, reading)
            if look.is_last:
                return reading.failure or ClipboardFailure.BROKEN
            if look.links:
                self._links = [*self._links, *look.links][-MOST_COLLECTED:]
                on_collected()
            await self._sleep(self._detector.wait_s)

    def drain(self) -> str:
        """Give all that was collected as a text for the tray, and begin anew."""
        text = "\n".join(link.url for link in self._links)
        self._links = []
        return text
