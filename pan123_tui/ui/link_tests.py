"""The tests of links from here: run when the user asks, remembered while the program runs."""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet

from pan123_tui.domain.link_check import LinkCheck

Probe = Callable[[str], Awaitable[LinkCheck]]
"""Asks a link's own host; the host sees the user's address."""


class LinkTests:
    """Tests a link at most once at a time; its latest result is kept by the link."""

    def __init__(self, probe: Probe | None) -> None:
        """Without a `probe` nothing can be tested."""
        self._probe = probe
        self._checks: dict[str, LinkCheck] = {}
        self._running: set[str] = set()

    @property
    def is_possible(self) -> bool:
        """Whether links can be tested."""
        return self._probe is not None

    @property
    def checks(self) -> Mapping[str, LinkCheck]:
        """The latest result of each link that was tested; it changes while tests run."""
        return self._checks

    @property
    def running(self) -> AbstractSet[str]:
        """The links that are being tested; it changes while tests run."""
        return self._running

    async def test(self, url: str) -> None:
        """Test the link `url`, unless that goes on already."""
        if self._probe is None or url in self._running:
            return
        self._running.add(url)
        try:
            self._checks[url] = await self._probe(url)
        finally:
            self._running.discard(url)
