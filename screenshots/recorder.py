"""Plays a story in the program in a real terminal and records the output.

The times of a recording are those of the story: the effect of a key appears `REACTION_S` after
it, however long it took. Later output keeps its real timing.
"""

import time
from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from screenshots.cast import Cast, Event
from tests.journey.terminal import Terminal

REACTION_S = 0.08
"""Time from a key to its effect in the recording."""
READ_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a story: the input, the expected text, and the duration."""

    lasts_s: float
    keys: tuple[str, ...] = ()
    paste: str = ""
    shows: tuple[str, ...] = ()
    """Words of one expected line."""
    heading: str = ""


class Recorder(Terminal):
    """A terminal that records its output with the story's times."""

    def __init__(
        self, *arguments: str, environ: Mapping[str, str], columns: int, rows: int
    ) -> None:
        super().__init__(*arguments, environ=environ, columns=columns, rows=rows)
        self._events: list[Event] = []
        self._received: list[tuple[float, str]] = []
        self._decoder = getincrementaldecoder("utf-8")()
        self._now_s = 0.0

    def on_output(self, drawn: bytes) -> None:
        """Record the output with the real time."""
        self._received.append((time.monotonic(), self._decoder.decode(drawn)))

    def begin(self, *, after_s: float) -> None:
        """Record the screen after `after_s` seconds as the first frame."""
        self._record_for(after_s)
        self._append(self._drain(), at_s=0)

    def play(self, step: Step) -> None:
        """Play `step`; raises `AssertionError` if the expected text does not appear."""
        if step.heading:
            self._events.append(Event(round(self._now_s, 2), "m", step.heading))
        if step.paste:
            self.paste(step.paste)
        self.press(*step.keys)
        if step.shows:
            self.sees(*step.shows)
        reaction = min(REACTION_S, step.lasts_s)
        self._append(self._drain(), at_s=self._now_s + reaction)
        started = time.monotonic()
        self._record_for(step.lasts_s - reaction)
        ends_s = self._now_s + step.lasts_s
        for received_at, text in self._received:
            at_s = self._now_s + reaction + received_at - started
            self._append(text, at_s=min(at_s, ends_s))
        self._received.clear()
        self._now_s = ends_s

    def cast(self, title: str) -> Cast:
        """Return the recording; the last frame stays for the duration of its step."""
        events = (*self._events, Event(round(self._now_s, 2), "o", ""))
        return Cast(self.screen.columns, self.screen.lines, title, events)

    def _record_for(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.read_output(min(READ_S, left))

    def _drain(self) -> str:
        text = "".join(text for _received_at, text in self._received)
        self._received.clear()
        return text

    def _append(self, text: str, *, at_s: float) -> None:
        if text:
            self._events.append(Event(round(at_s, 2), "o", text))


def record(
    steps: Sequence[Step],
    *,
    environ: Mapping[str, str],
    columns: int,
    rows: int,
    title: str,
    opens_with: str,
    settles_s: float,
) -> Cast:
    """Play `steps` in the demo, `settles_s` after it shows `opens_with`, then quit."""
    with (
        TemporaryDirectory() as folder,  # for a demo of its own
        Recorder(
            "--demo", environ={**environ, "TMPDIR": folder}, columns=columns, rows=rows
        ) as recorder,
    ):
        recorder.sees(opens_with)
        recorder.begin(after_s=settles_s)
        for step in steps:
            recorder.play(step)
        recorded = recorder.cast(title)
        recorder.press("Q")
        if code := recorder.ends(within_s=10):
            raise RuntimeError(f"the program ended with {code}")
    return recorded
