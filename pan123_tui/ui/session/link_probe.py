"""Tests links from this machine; their hosts see its address."""

from collections.abc import Awaitable, Callable

from pan123_tui.domain.link_probe import ProbeResult

Probe = Callable[[str], Awaitable[ProbeResult]]
"""Requests a link from its own host."""


class LinkProber:
    """Tests links, each once at a time, and keeps the results until the program ends."""

    def __init__(self, probe: Probe | None) -> None:
        """`probe` is None where links cannot be tested."""
        self._probe = probe
        self.is_possible = probe is not None
        self.results: dict[str, ProbeResult] = {}
        """The latest result of each tested link."""
        self._testing: set[str] = set()

    def is_testing(self, url: str) -> bool:
        """Return whether a test of the link `url` is running."""
        return url in self._testing

    async def test(self, url: str) -> None:
        """Test the link `url`, unless another test of it is running."""
        if self._probe is None or url in self._testing:
            return
        self._testing.add(url)
        try:
            self.results[url] = await self._probe(url)
        finally:
            self._testing.discard(url)
