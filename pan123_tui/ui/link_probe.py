"""Tests of links from this machine, whose address their hosts see then."""

from collections.abc import Awaitable, Callable

from pan123_tui.domain.link_probe import ProbeResult

Probe = Callable[[str], Awaitable[ProbeResult]]
"""Requests a link from its own host."""


class LinkProber:
    """Tests links, each at most once at a time, and keeps the results until the program ends."""

    def __init__(self, probe: Probe | None) -> None:
        """`probe` is None where links cannot be tested."""
        self._probe = probe
        self.results: dict[str, ProbeResult | None] = {}
        """The latest result of each tested link; None while a test runs."""

    @property
    def is_possible(self) -> bool:
        """Whether links can be tested."""
        return self._probe is not None

    def is_testing(self, url: str) -> bool:
        """Return whether a test of the link `url` is running."""
        return url in self.results and self.results[url] is None

    async def test(self, url: str) -> ProbeResult | None:
        """Test the link `url` and return the result; None while another test of it is running."""
        if self._probe is None or self.is_testing(url):
            return None
        self.results[url] = None
        try:
            result = self.results[url] = await self._probe(url)
        finally:
            if self.results[url] is None:
                del self.results[url]
        return result
