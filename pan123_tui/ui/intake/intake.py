"""All that comes in, from the bytes of the terminal to keys, pastes and replies."""

from pan123_tui.ui.intake.burst import BurstDetector
from pan123_tui.ui.intake.decoder import MAX_PENDING_S, TolerantDecoder
from pan123_tui.ui.intake.sorter import InputSorter, Item, Keys


class Intake:
    """Gives the items of what has arrived; times are monotonic seconds."""

    def __init__(self) -> None:
        self._decoder = TolerantDecoder()
        self._sorter = InputSorter()
        self._bursts = BurstDetector()
        self._heard_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether `tick` should be called soon, though nothing arrives."""
        return self._decoder.is_waiting or self._sorter.is_waiting or self._bursts.is_waiting

    def feed(self, data: bytes, now: float) -> list[Item]:
        """Take `data`, which arrived at `now`."""
        self._heard_at = now
        text = self._decoder.decode(data)
        return self._gathered(self._sorter.feed(text, now), now) if text else []

    def tick(self, now: float) -> list[Item]:
        """Give what has waited long enough for its rest."""
        items: list[Item] = []
        if self._decoder.is_waiting and now - self._heard_at >= MAX_PENDING_S:
            items += self._sorter.feed(self._decoder.flush(), now)
        items += self._sorter.tick(now)
        return [*self._gathered(items, now), *self._bursts.tick(now)]

    def _gathered(self, items: list[Item], now: float) -> list[Item]:
        """Collect bursts among the keys, and keep everything in its order."""
        gathered: list[Item] = []
        for item in items:
            if isinstance(item, Keys):
                gathered += self._bursts.feed(item.text, now)
            else:
                gathered += [*self._bursts.flush(), item]
        return gathered
