"""What the clipboard watch makes of each look at the clipboard: its rules, and nothing else."""

import secrets
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from msgspec import Struct

from pan123_tui.config_sections import Clipboard
from pan123_tui.domain.links import FoundLink, extract
from pan123_tui.domain.url import duplicate_key, host_of
from pan123_tui.ui.clipboard.reading import Reading

SLOWEST_S = 5.0
SLOWING = 1.25
"""How much longer each look in vain makes the wait for the next."""
MOST_FAILURES = 5
MOST_KNOWN = 10_000
"""So many links are remembered as seen."""


class Look(Struct, frozen=True):
    """What one look gave."""

    links: Sequence[FoundLink] = ()
    """Those that are new."""
    is_last: bool = False
    """Whether the watch ends here, because it has failed too often in a row."""


class ClipboardWatch:
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

    def see(self, reading: Reading) -> Look:
        """Take what was read."""
        if reading.is_failure:
            self._slow_down()
            self._failures += 1
            return Look(is_last=self._failures >= MOST_FAILURES)
        self._failures = 0
        seen = self._hash(reading.text)
        has_changed, self._latest = seen != self._latest, seen
        is_first, self._has_looked = not self._has_looked, True
        if not has_changed or is_first:
            self._slow_down()
            return Look()
        self.wait_s = self._rules.interval_s
        if seen in self._own:
            return Look()
        return Look(tuple(self._new_links(reading.text)))

    def _new_links(self, text: str) -> Iterator[FoundLink]:
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
