"""Terminal recordings in asciinema's format, asciicast version 2."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

VERSION = 2

Kind = Literal["o", "m"]
"""Output of the program, or a marker: the heading of what follows."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event at `time_s` after the start."""

    time_s: float
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Cast:
    """A recording: the terminal's size in cells, and its events in order."""

    columns: int
    rows: int
    title: str
    events: tuple[Event, ...]

    @property
    def lasts_s(self) -> float:
        """The time of the last event."""
        return self.events[-1].time_s

    def write(self, file: Path) -> None:
        """Write a `.cast` file: a header, then a line for each event."""
        header = {
            "version": VERSION,
            "width": self.columns,
            "height": self.rows,
            "title": self.title,
            "env": {"TERM": "xterm-256color"},
        }
        events = ([event.time_s, event.kind, event.text] for event in self.events)
        file.write_text("".join(_lines([header, *events])), "utf-8")

    @classmethod
    def read(cls, file: Path) -> "Cast":
        """Read a `.cast` file; raises `ValueError` for another version."""
        header, *events = map(json.loads, file.read_text("utf-8").splitlines())
        if not isinstance(header, Mapping) or header.get("version") != VERSION:
            raise ValueError(f"{file} is no asciicast of version {VERSION}")
        kept = tuple(Event(float(time_s), kind, str(text)) for time_s, kind, text in events)
        return cls(header["width"], header["height"], header.get("title", ""), kept)


def _lines(values: Iterable[object]) -> Iterable[str]:
    return (json.dumps(value, ensure_ascii=False) + "\n" for value in values)
