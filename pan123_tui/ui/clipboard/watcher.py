"""The clipboard watch while it runs: looks again and again, and collects what is new."""

import asyncio
from collections.abc import Awaitable, Callable

from pan123_tui.config_sections import Clipboard
from pan123_tui.domain.links import FoundLink
from pan123_tui.ui.clipboard.reading import Fault, Reading
from pan123_tui.ui.clipboard.watch import ClipboardWatch

MOST_COLLECTED = 5_000


class ClipboardWatcher:
    """Collects links until they are taken; a new run begins with what is there by then."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Reading]],
        rules: Clipboard,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read = read
        self._sleep = sleep
        self._watch = ClipboardWatch(rules)
        self._links: list[FoundLink] = []

    @property
    def collected(self) -> int:
        """How many links wait to be taken."""
        return len(self._links)

    def ignore(self, text: str) -> None:
        """Leave `text` alone when it turns up: this program has copied it."""
        self._watch.ignore(text)

    async def run(self, on_collected: Callable[[], None]) -> Fault:
        """Watch until too many looks have failed in a row, and give why the last one did."""
        self._watch.begin()
        while True:
            reading = await self._read()
            look = await asyncio.to_thread(self._watch.see, reading)
            if look.is_last:
                return reading.fault or Fault.BROKEN
            if look.links:
                self._links = [*self._links, *look.links][-MOST_COLLECTED:]
                on_collected()
            await self._sleep(self._watch.wait_s)

    def take(self) -> str:
        """Give all that was collected as a text for the tray, and begin anew."""
        text = "\n".join(link.url for link in self._links)
        self._links = []
        return text
