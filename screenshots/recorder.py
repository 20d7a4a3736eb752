"""The recorder: plays a story on the real program in a real terminal, and keeps what it draws.

The times in a recording are the story's, not the machine's: what a key brings is there a moment
after the key however long it took, and only what moves by itself keeps the pace that it had.
"""

import time
from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screenshots.cast import Cast, Event
from tests.journey.terminal import Terminal

REACTION_S = 0.08
"""How long after a key its effect is seen in the recording."""
READ_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A step of a story: what is done, what then has to be seen, and how long it is looked at."""

    lasts_s: float
    keys: tuple[str, ...] = ()
    paste: str = ""
    shows: tuple[str, ...] = ()
    """Words of one line."""
    heading: str = ""


class Recorder(Terminal):
    """A terminal that keeps what is drawn, with the story's times."""

    def __init__(
        self, *arguments: str, environ: Mapping[str, str], columns: int, rows: int
    ) -> None:
        super().__init__(*arguments, environ=environ, columns=columns, rows=rows)
        self._events: list[Event] = []
        self._heard: list[tuple[float, str]] = []
        self._decoder = getincrementaldecoder("utf-8")()
        self._now_s = 0.0

    def hears(self, drawn: bytes) -> None:
        """Keep what the program has written, with the machine's time."""
        self._heard.append((time.monotonic(), self._decoder.decode(drawn)))

    def begin(self, *, after_s: float) -> None:
        """Take what is there after so many seconds as the picture that the recording opens with."""
        self._watch(after_s)
        self._keep(self._drain(), at_s=0)

    def play(self, beat: Beat) -> None:
        """Do what `beat` says; raises `AssertionError` where it does not show what it should."""
        if beat.heading:
            self._events.append(Event(round(self._now_s, 2), "m", beat.heading))
        if beat.paste:
            self.paste(beat.paste)
        self.press(*beat.keys)
        if beat.shows:
            self.sees(*beat.shows)
        reaction = min(REACTION_S, beat.lasts_s)
        self._keep(self._drain(), at_s=self._now_s + reaction)
        begun = time.monotonic()
        self._watch(beat.lasts_s - reaction)
        ends_s = self._now_s + beat.lasts_s
        for heard_at, text in self._heard:
            at_s = self._now_s + reaction + heard_at - begun
            self._keep(text, at_s=min(at_s, ends_s))
        self._heard.clear()
        self._now_s = ends_s

    def cast(self, title: str) -> Cast:
        """Give what was recorded; its last picture stays as long as its beat says."""
        events = (*self._events, Event(round(self._now_s, 2), "o", ""))
        return Cast(self.screen.columns, self.screen.lines, title, events)

    def _watch(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.reads(min(READ_S, left))

    def _drain(self) -> str:
        text = "".join(text for _heard_at, text in self._heard)
        self._heard.clear()
        return text

    def _keep(self, text: str, *, at_s: float) -> None:
        if text:
            self._events.append(Event(round(at_s, 2), "o", text))


def record(
    beats: Sequence[Beat],
    *,
    environ: Mapping[str, str],
    columns: int,
    rows: int,
    title: str,
    opens_with: str,
    settles_s: float,
) -> Cast:
    """Play `beats` on the demo, `settles_s` after it shows `opens_with`, and leave it with q."""
    with Recorder("--demo", environ=environ, columns=columns, rows=rows) as recorder:
        recorder.sees(opens_with)
        recorder.begin(after_s=settles_s)
        for beat in beats:
            recorder.play(beat)
        recorded = recorder.cast(title)
        recorder.press("q")
        if code := recorder.ends(within_s=10):
            raise RuntimeError(f"the program ended with {code}")
    return recorded
